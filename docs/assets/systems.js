// The table of systems, made to sort and filter. Without this script it is complete, in the order of the names.

const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}.+/-]+/gu) ?? [];

// Whether a row has every word that was typed, each as a part of its text.
export const matches = (row, typed) => words(typed).every((word) => row.toLowerCase().includes(word));

// The order of two cells: by their keys, which are padded numbers or words; what has no key comes last, either way.
export const compared = (one, other, descending = false) => {
  if (!one || !other) return one === other ? 0 : one ? -1 : 1;
  return (descending ? -1 : 1) * one.localeCompare(other, "en", { sensitivity: "base" });
};

// What a cell is sorted by: its own key, else its words; "not verified" is no word.
export const key = (cell) =>
  cell.dataset.order ??
  cell.querySelector("a")?.textContent.trim() ??
  (cell.querySelector("small") ? "" : cell.textContent.trim());

// In a column of numbers, words come below the numbers and "not verified" below the words, whichever way one sorts.
export const rank = (cell, hasNumbers) => {
  if (!key(cell)) return 2;
  return hasNumbers && !cell.dataset.order ? 1 : 0;
};

class Sortable {
  constructor(table) {
    this.table = table;
    this.rows = [...table.tBodies[0].rows];
    this.heads = [...table.tHead.rows[0].cells];
    this.heads.forEach((head, column) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "raft-sort" });
      button.append(...head.childNodes);
      button.addEventListener("click", () => this.sort(column, head.getAttribute("aria-sort") === "ascending"));
      head.append(button);
    });
    this.heads[0].setAttribute("aria-sort", "ascending");
    this.addForm();
  }

  addForm() {
    const form = document.createElement("form");
    form.className = "raft-find";
    form.innerHTML =
      '<label for="raft-find">Filter</label><input id="raft-find" type="search" autocomplete="off">' +
      '<span class="raft-find-sort"><label for="raft-order">Sort by</label><select id="raft-order"></select></span>' +
      '<output for="raft-find"></output>';
    form.addEventListener("submit", (event) => event.preventDefault());
    this.input = form.querySelector("input");
    this.select = form.querySelector("select");
    this.output = form.querySelector("output");
    this.heads.forEach((head, column) => this.select.append(new Option(head.textContent, String(column))));
    this.input.addEventListener("input", () => this.filter());
    this.select.addEventListener("change", () => this.sort(Number(this.select.value), false));
    this.table.parentElement.before(form);
    this.filter();
  }

  sort(column, descending) {
    const hasNumbers = this.rows.some((row) => row.cells[column].dataset.order);
    const ranked = this.rows.map((row) => [rank(row.cells[column], hasNumbers), key(row.cells[column]), row]);
    ranked.sort(([place, one], [otherPlace, other]) => place - otherPlace || compared(one, other, descending));
    this.rows = ranked.map(([, , row]) => row);
    this.table.tBodies[0].append(...this.rows);
    this.heads.forEach((head, place) => {
      if (place === column) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    this.select.value = column;
  }

  filter() {
    for (const row of this.rows) row.hidden = !matches(row.textContent, this.input.value);
    const shown = this.rows.filter((row) => !row.hidden).length;
    const all = this.rows.length;
    this.output.textContent = shown === all ? `${all} systems` : `${shown} of ${all} systems`;
  }
}

if (typeof document !== "undefined") {
  document.querySelectorAll("table.raft-sortable").forEach((table) => new Sortable(table));
}
