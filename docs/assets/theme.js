// The theme puts each code block's copy button into a <nav> without a name. It is no place to navigate to.
const mend = () => document.querySelectorAll("nav.md-code__nav:not([role])").forEach((nav) => nav.setAttribute("role", "none"));

mend();
new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
