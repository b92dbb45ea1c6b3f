// The theme puts each code block's copy button into a <nav> without a name. It is no place to navigate to.
const NAMELESS = "nav.md-code__nav:not([role])";
const mend = (nav) => nav.setAttribute("role", "none");

document.querySelectorAll(NAMELESS).forEach(mend);
new MutationObserver((records) => {   // it hears of every picture that moves, so it looks at what is new alone
  for (const { addedNodes } of records) for (const node of addedNodes) if (node.matches?.(NAMELESS)) mend(node);
}).observe(document.body, { childList: true, subtree: true });
