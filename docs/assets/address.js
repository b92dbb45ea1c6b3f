// The address of a stepper's step. Back undoes the last move the reader made: each button, key, dot or link makes an
// entry. What runs on (playing, dragging, a key held down) only keeps the address true.

export class Address {
  #waiting = null;   // what is still to be written
  writing = false;   // whether a change of the address is our own

  /** `anchors` are the steps' own, in order; the first tells this stepper's part of an entry from others'. */
  constructor(anchors) {
    this.anchors = anchors;
  }

  /** The step that the address names, or -1. */
  get named() {
    return location.hash ? this.anchors.findIndex((id) => new URL(`#${id}`, location).hash === location.hash) : -1;
  }

  /** The step that this entry of the history was left at, as far as it is known. */
  get kept() {
    return history.state?.raft?.[this.anchors[0]];
  }

  /** Notes a move from one step to another, to be written later: writing takes longer than drawing the step. */
  note(old, index, entry) {
    if (this.#waiting && entry === "replace") this.#waiting.index = index;
    else {
      this.write();
      this.#waiting = { old, index, entry };
    }
  }

  /** Writes what was noted. */
  write() {
    if (!this.#waiting) return;
    const { old, index, entry } = this.#waiting;
    const state = (at) => ({ ...history.state, raft: { ...history.state?.raft, [this.anchors[0]]: at } });
    this.writing = true;
    try {   // some frames may not, and some browsers limit how often
      if (entry === "push" && this.kept !== old) history.replaceState(state(old), "");
      history[`${entry}State`](state(index), "", `#${this.anchors[index]}`);
    } catch { /* the step shows all the same */ }
    this.writing = false;
    this.forget();
  }

  /** Drops what was noted: somebody else has gone elsewhere since. */
  forget() {
    this.#waiting = null;
  }
}
