// What a stepper adds to its page: the bar of controls, and the address of the step that shows.

const SPEEDS = ["1", "2", "0.5"];

/** The bar of controls for steps of these names, made by script, so that a page without it has no dead buttons.
    @param {string[]} names */
export function makeControls(names) {
  const button = (text) =>
    make("button", { type: "button", class: `raft-button raft-button--${text.toLowerCase()}` }, text);
  const parts = {
    range: make("input", { class: "raft-range", type: "range", min: 1, max: names.length, "aria-label": "Step" }),
    previous: button("Previous"),
    next: button("Next"),
    speed: make("button", { type: "button", class: "raft-button raft-button--speed", value: SPEEDS[0],
      "aria-label": `Speed: ${SPEEDS[0]}×` }, `${SPEEDS[0]}×`),
    dots: make("div", { class: "raft-dots", role: "group", "aria-label": "Steps" }, ...names.map(makeDot)),
    play: button("Play"),
    live: make("p", { class: "raft-live", role: "status" }),
  };
  return { bar: make("div", { class: "raft-controls" }, ...Object.values(parts)), ...parts };
}

function makeDot(name, i) {
  return make("button", { type: "button", class: "raft-dot", "aria-label": `Step ${i + 1}: ${name}` },
    make("span", { class: "raft-dot-number" }, String(i + 1)), " ", make("span", { class: "raft-dot-name" }, name));
}

/**
 * An element with its attributes and children.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, String(attributes[name]));
  element.append(...children);
  return element;
}

/** Normal, double and half speed in turn, for all that moves by itself. @param {HTMLButtonElement} button */
export function changeSpeed(button) {
  button.value = SPEEDS[(SPEEDS.indexOf(button.value) + 1) % SPEEDS.length];
  button.textContent = `${button.value}×`;
  button.setAttribute("aria-label", `Speed: ${button.value}×`);
}

/** The address of a stepper's step. Back undoes the last move the reader made: each button, key, dot or link makes an
    entry. What runs on (playing, dragging, a key held down) only keeps the address true. */
export class Address {
  isWriting = false;   // a change of the address is our own
  #anchors;
  #noted = null;       // a move that is still to be written

  /** @param {string[]} anchors - the steps', in order; the first names this stepper's part of an entry */
  constructor(anchors) {
    this.#anchors = anchors;
  }

  /** The step that the address names, or -1. */
  get named() {
    const { href, hash } = location;
    return hash ? this.#anchors.findIndex((id) => new URL(`#${id}`, href).hash === hash) : -1;
  }

  /** The step that this entry of the history was left at, as far as it is known. */
  get kept() {
    return history.state?.raft?.[this.#anchors[0]];
  }

  /** Notes a move from one step to another, to be written later.
      @type {(old: number, index: number, entry: "push" | "replace") => void} */
  note(old, index, entry) {
    if (this.#noted && entry === "replace") this.#noted.index = index;
    else {
      this.write();
      this.#noted = { old, index, entry };
    }
  }

  /** Drops what was noted: somebody else has gone elsewhere since. */
  forget() {
    this.#noted = null;
  }

  /** Writes what was noted. */
  write() {
    if (!this.#noted) return;
    const { old, index, entry } = this.#noted;
    const state = (at) => ({ ...history.state, raft: { ...history.state?.raft, [this.#anchors[0]]: at } });
    this.isWriting = true;
    try {
      if (entry === "push" && this.kept !== old) history.replaceState(state(old), "");
      history[`${entry}State`](state(index), "", `#${this.#anchors[index]}`);
    } catch { /* some frames may not, and some browsers limit how often: the step shows all the same */ }
    this.isWriting = false;
    this.forget();
  }
}
