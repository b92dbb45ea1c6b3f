// The index of the Codex can be filtered; without this script it is complete.

// Whether an entry has all words of what was typed, in any order, each as the start of a word of it.
export const matches = (entry, typed) => {
  const words = entry.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const asked = typed.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return asked.every((start) => words.some((word) => word.startsWith(start)));
};

const addFilter = (index) => {
  const entries = [...index.querySelectorAll("li:has(.raft-entry)")];
  const filter = Object.assign(document.createElement("div"), { className: "raft-filter" });
  filter.setAttribute("role", "search");
  filter.setAttribute("aria-label", "The Codex");
  filter.innerHTML =
    '<label for="raft-filter">Filter</label>' +
    '<input type="search" id="raft-filter" autocomplete="off" spellcheck="false"><output for="raft-filter"></output>';
  index.prepend(filter);
  const [input, output] = [filter.querySelector("input"), filter.querySelector("output")];
  const show = () => {
    for (const entry of entries) entry.hidden = !matches(entry.textContent, input.value);
    for (const list of index.querySelectorAll("ul")) {
      const gone = [...list.children].every((entry) => entry.hidden);
      list.hidden = gone;
      if (list.previousElementSibling?.matches("h2")) list.previousElementSibling.hidden = gone;
    }
    const left = entries.filter((entry) => !entry.hidden).length;
    output.textContent = input.value.trim() ? `${left} of ${entries.length} entries` : `${entries.length} entries`;
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      input.value = "";
      show();
    }
  });
  show();
};

if (typeof document !== "undefined") document.querySelectorAll(".raft-codex").forEach(addFilter);
