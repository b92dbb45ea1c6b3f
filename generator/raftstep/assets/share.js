// What a step has to give, made when it is asked for: its state as a table, its address and its embed code to copy.
// It is fetched when the first reader asks.

/** Unfolds what the page keeps for readers without script, and makes buttons of the links that can be copied. */
export function unfold(details, say) {
  const folded = details.querySelector("noscript");
  if (folded?.firstElementChild) folded.replaceWith(...folded.childNodes);   // a page that a script has put together
  else if (folded) {   // what a browser with scripts has left as text
    const template = document.createElement("template");
    template.innerHTML = folded.textContent;
    folded.replaceWith(template.content);
  }
  for (const link of details.querySelectorAll("a[data-copy]")) link.replaceWith(copier(link, say));
}

function copier(link, say) {
  const words = link.dataset.copy;
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "raft-copy", textContent: words });
  const title = link.closest("raft-stepper").getAttribute("aria-label");
  const text = "frame" in link.dataset ? frameCode(link.href, title) : link.href;
  button.addEventListener("click", async () => {
    const done = (await copy(text)) ? "Copied" : "Not allowed here";
    button.textContent = done;
    say(done);
    setTimeout(() => (button.textContent = words), 2000);
  });
  return button;
}

/** The line of HTML that shows a step in a frame, whatever its title is. */
export function frameCode(href, title) {
  const [src, name] = [href, title].map((text) =>
    text.replace(/[&"'<>]/g, (sign) => `&#${sign.charCodeAt(0)};`));
  return `<iframe src="${src}" title="${name}" loading="lazy" width="100%" height="760" style="border: 0"></iframe>`;
}

/** Copies as browsers want it, or as they wanted it before: a frame may not do the one, but the other. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = /** @type {HTMLElement} */ (document.activeElement);
    const field = Object.assign(document.createElement("textarea"), { readOnly: true, value: text });
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    focused?.focus({ preventScroll: true });
    return done;
  }
}
