// The stepper's controls, and what it says: made by script, so that a page without it has no dead buttons.

/** An element with its attributes and children. */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  element.append(...children);
  return element;
}

/** One bar of controls for steps of these names: the bar, and its parts by what they do. */
export function controls(names) {
  const button = (text) => make("button", { type: "button", class: `raft-button raft-button--${text.toLowerCase()}` }, text);
  const parts = {
    range: make("input", { class: "raft-range", type: "range", min: 1, max: names.length, "aria-label": "Step" }),
    previous: button("Previous"),
    next: button("Next"),
    count: make("span", { class: "raft-count" }, " "),
    dots: make("div", { class: "raft-dots", role: "group", "aria-label": "Steps" },
      ...names.map((name, i) =>
        make("button", { type: "button", class: "raft-dot", "aria-label": `Step ${i + 1}: ${name}` },
          make("span", { class: "raft-dot-number" }, i + 1), " ", make("span", { class: "raft-dot-name" }, name)))),
    player: button("Play"),
    live: make("p", { class: "raft-live", role: "status" }, ""),
  };
  return { bar: make("div", { class: "raft-controls" }, ...Object.values(parts)), parts };
}

/** A step's heading and caption, without its permalink, its aside and its place. */
export function spoken(step, heading) {
  const title = heading.textContent.replace(heading.querySelector(".headerlink")?.textContent ?? "", "").trim();
  const caption = step.querySelectorAll(".raft-words > p:not(.raft-place)");
  return [`${title}.`, ...[...caption].map((p) => p.textContent)].join(" ");
}
