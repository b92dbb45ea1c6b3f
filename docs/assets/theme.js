// What the site adds to every page of the theme.

// The theme puts each code block's copy button into a <nav> without a name. It is no place to navigate to.
const NAMELESS = "nav.md-code__nav:not([role])";
const removeRole = (nav) => nav.setAttribute("role", "none");

document.querySelectorAll(NAMELESS).forEach(removeRole);
new MutationObserver((records) => {   // it hears of every picture that moves, so it looks at what is new alone
  const added = records.flatMap(({ addedNodes }) => [...addedNodes]);
  for (const node of added) if (node instanceof Element && node.matches(NAMELESS)) removeRole(node);
}).observe(document.body, { childList: true, subtree: true });

// The first link to a term or source that is pointed at or focused has the script come that shows its words.
const LINKS = "a.raft-codex-term, a.raft-codex-cite";
const POINTED = ["pointerover", "focusin"];
const point = async (event) => {
  const link = event.target.closest?.(LINKS);
  if (!link) return;
  for (const type of POINTED) document.removeEventListener(type, point);
  const { Tip } = await import("./tip.js");
  const tip = new Tip(LINKS);
  if (link.matches(":hover, :focus")) tip.handleEvent(event);
};
for (const type of POINTED) document.addEventListener(type, point);
