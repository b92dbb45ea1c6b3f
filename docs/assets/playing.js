// Steps that follow one another by themselves, each for as long as its caption takes to read.

/** How long a caption wants before the next one: about 240 words a minute, and never a flicker. */
export const readingTime = (text) => Math.max(4000, 1500 + 250 * (text.match(/\S+/g) ?? []).length);

export class Playing {
  #timer = 0;

  constructor(stepper) {
    this.stepper = stepper;
  }

  toggle() {
    if (this.#timer) return this.pause();
    this.#look("Pause", true);
    this.#turn();
  }

  pause() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#look("Play", false);
  }

  #turn() {
    const { stepper } = this;
    const last = stepper.steps.length - 1;
    const ended = stepper.index === last;
    stepper.go(ended ? 0 : stepper.index + 1, { motion: !ended, entry: "replace" });
    if (stepper.index === last) this.pause();
    else this.#timer = setTimeout(() => this.#turn(), readingTime(stepper.text));
  }

  #look(word, playing) {
    const { player, classList } = this.stepper;
    if (player.textContent !== word) player.textContent = word;
    classList.toggle("raft-playing", playing);
  }
}
