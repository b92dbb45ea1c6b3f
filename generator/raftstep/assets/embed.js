// For an embedded stepper: the colours that its address or else the system asks for, before anything is painted,
// and its height reported to the page around it whenever that changes.
const asked = new URLSearchParams(location.search).get("theme");
const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => {
  const slate = asked === "dark" || (asked !== "light" && dark.matches);
  document.documentElement.dataset.mdColorScheme = slate ? "slate" : "default";
};
const tell = () => {
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
  parent.postMessage({ type: "raft-embed:height", height }, "*");
};

paint();
dark.addEventListener("change", paint);
if (parent !== window) addEventListener("DOMContentLoaded", () => new ResizeObserver(tell).observe(document.body));
