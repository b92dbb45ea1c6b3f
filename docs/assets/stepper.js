// <raft-stepper>: shows one step of an ordered list of figures at a time, and plays what happens between two.
// The page is complete without it. It knows nothing of Raft: words, pictures, film and addresses are in the page.
import { Address } from "./address.js";
import { controls, spoken } from "./controls.js";
import { forgetWaiting } from "./waiting.js";

const HEARD = ["click", "input", "keydown", "pointerdown", "pointerup", "pointercancel", "beforematch"];
const FIELDS = "input, select, textarea, [contenteditable]";
const ANSWERS_SPACE = "button, summary, a";
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class RaftStepper extends HTMLElement {
  index = 0;
  #listening;
  motion = null;    // what moves between two steps, once somebody has come near
  playing = null;   // what has the steps follow one another, likewise
  #coming;          // a promise of both
  #wished = false;  // whether Play was pressed before it was there
  #furnishing = 0;  // for the frame after the one that brings the step
  #waiting;         // for the step to be on the screen
  #resting;         // for the reader to rest on it
  #touch = null;    // where a finger came down on the picture

  /** Takes the steps already in the page and opens at its address; safe to run again when the element is moved. */
  connectedCallback() {
    this.#listening?.abort();
    const { signal } = (this.#listening = new AbortController());
    if (document.readyState === "loading") {   // the steps are not parsed yet
      document.addEventListener("DOMContentLoaded", () => this.connectedCallback(), { signal });
      return;
    }
    this.steps = [...this.querySelectorAll(".raft-step")];
    if (!this.steps.length) return;
    this.headings = this.steps.map((step) => step.querySelector("h2, h3, h4"));
    this.list = this.steps[0].parentElement;
    this.lanes = this.querySelector(".raft-lanes");
    this.stops = this.querySelectorAll(".raft-stop");
    this.address = new Address(this.headings.map(({ id }) => id));
    this.#build();
    for (const type of HEARD) this.addEventListener(type, this, { signal });
    this.addEventListener("toggle", this, { signal, capture: true });
    for (const type of ["popstate", "hashchange"]) addEventListener(type, this, { signal });
    for (const type of ["pointerenter", "focusin"]) this.addEventListener(type, () => this.approach(), { signal, once: true });
    // A host that changes pages by script pushes addresses without either event; this one tells of them all.
    window.navigation?.addEventListener("currententrychange", this, { signal });
    const width = new ResizeObserver(() => this.#reserve());
    width.observe(this);
    signal.onabort = () => width.disconnect();
    for (const step of this.steps) step.hidden = "until-found";
    this.index = Math.max(this.index, this.address.named);
    this.#furnish();
    this.show(this.index);
    this.#centre();
    this.#rested();
  }

  /** One controller ends every listener, and nothing keeps running. */
  disconnectedCallback() {
    this.#listening.abort();
    this.#pause();
    for (const frame of [this.#furnishing, this.#waiting]) cancelAnimationFrame(frame);
    this.#furnishing = 0;
    clearTimeout(this.#resting);
    this.motion?.rest();
  }

  /** Somebody comes near: fetches what moves, once; settles when it is there, or will not be. No step waits for it. */
  approach() {
    return this.#coming ??= import("./motion.js").then(({ Playing, motionOf }) => {
      this.playing = new Playing(this);
      if (this.#wished) this.playing.toggle();
      return motionOf(this);
    }).then((motion) => {
      this.motion = motion;
      this.#rested();
    }).catch(() => {});
  }

  /** Shows a step and nothing more: no motion, no address, no announcement. The controls follow a frame later, and so
      after the event that tells of the step. */
  show(index, way) {
    const [old, step] = [this.steps[this.index], this.steps[index]];
    const focused = old !== step && old.contains(document.activeElement);
    old.hidden = "until-found";
    step.removeAttribute("hidden");
    this.index = index;
    this.motion?.rest(way);
    if (focused) this.headings[index].focus({ preventScroll: true });   // or the keys would stop with the old step
    this.#furnishing ||= requestAnimationFrame(() => setTimeout(() => this.#furnish()));
    this.dispatchEvent(new CustomEvent("raft-step", { bubbles: true, detail: { index } }));
  }

  /** Has the controls and the lanes tell which step shows. */
  #furnish() {
    const { index, steps, dots, range } = this;
    const last = steps.length - 1;
    this.#furnishing = 0;
    range.value = index + 1;   // first, for a range measures itself
    [...dots.children].forEach((dot, i) => {
      dot.classList.toggle("raft-dot--passed", i < index);
      i === index ? dot.setAttribute("aria-current", "step") : dot.removeAttribute("aria-current");
    });
    this.stops.forEach((stop, i) => stop.classList.toggle("raft-stop--current", i === index));
    this.previous.setAttribute("aria-disabled", index === 0);
    this.next.setAttribute("aria-disabled", index === last);
    this.count.firstChild.data = `${index + 1} of ${last + 1}`;   // a new child would have the whole page looked at
    range.setAttribute("aria-valuetext", `${this.#place()}: ${steps[index].dataset.name}`);
    range.style.setProperty("--raft-progress", index / (last || 1));
    if (!this.motion?.on) this.point();
  }

  handleEvent(event) {
    const { target, type } = event;
    if (type === "click") this.#click(event);
    else if (type === "keydown") this.#key(event);
    else if (type.startsWith("pointer")) this.#pointer(event);
    else if (type === "toggle") {   // a table opened on one step is open on all, to be read step by step
      for (const twin of this.list.querySelectorAll(`details[class="${target.className}"]`)) twin.open = target.open;
      if (target.open && target.matches(".raft-step details")) this.#unfold(target);
    } else if (type === "input") {
      if (target === this.range) this.#command(target.value - 1, { entry: "replace" });
    } else if (type === "beforematch") {   // found by the browser's own search
      const index = this.steps.indexOf(target);
      if (index !== this.index) this.#command(index, { entry: "replace" });
    } else if (event.navigationType !== "replace") this.#follow();
  }

  /** Fills what was opened, with words and buttons that few ask for; without them it still has its links. */
  async #unfold(details) {
    await import("./share.js").then(
      ({ unfold }) => unfold(details, (words) => (this.live.firstChild.data = words)), () => {});
    if (this.steps[this.index].contains(details)) details.scrollIntoView({ block: "nearest" });
  }

  // Commands

  /** A reader's own move: it ends the automatic one. */
  #command(index, how) {
    this.#pause();
    this.go(index, how);
  }

  /** Shows a step at once, tells the address bar and screen readers, and plays the way there if there is one. */
  go(index, { motion = false, entry = "push" } = {}) {
    if (!this.steps[index] || (index === this.index && !this.motion?.on)) return;
    const old = this.index;
    const from = this.motion?.at(old);
    const moving = motion && this.motion && !still.matches;
    this.show(index, moving ? index : null);
    if (index !== old) this.address.note(old, index, entry);
    if (moving) this.motion.play(from, index);
    this.#soon();
  }

  #click({ target }) {
    const button = target.closest(".raft-controls button");
    const stop = target.closest(".raft-stop");
    if (this.player === button) this.#toggle();
    else if (this.next === button) this.#command(this.index + 1, { motion: true });
    else if (this.previous === button) this.#command(this.index - 1);
    else if (button) this.#command([...this.dots.children].indexOf(button));
    else if (stop) this.#command(stop.dataset.stop - 1);
  }

  #key(event) {
    const { key, target, repeat } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || target.closest(FIELDS)) return;
    const entry = repeat ? "replace" : "push";   // a key held down is one move, not forty
    const region = target.closest(".raft-scroll");
    const scrolls = region?.scrollWidth > region?.clientWidth;
    if (key === " " && !target.closest(ANSWERS_SPACE)) this.#toggle();
    else if (key === "ArrowRight" && !scrolls) this.#command(this.index + 1, { motion: true, entry });
    else if (key === "ArrowLeft" && !scrolls) this.#command(this.index - 1, { entry });
    else if (key === "Home") this.#command(0);
    else if (key === "End") this.#command(this.steps.length - 1);
    else return;
    event.preventDefault();
  }

  /** A finger swipes across the picture; whatever is touched ends what plays by itself. */
  #pointer({ type, target, pointerType, clientX, clientY }) {
    if (type === "pointerdown") {
      if (!this.player.contains(target)) this.#pause();
      this.#touch = pointerType === "touch" && target.closest(".raft-picture") ? [clientX, clientY] : null;
    } else if (this.#touch) {
      const [across, down] = [clientX - this.#touch[0], Math.abs(clientY - this.#touch[1])];
      if (type === "pointerup" && Math.abs(across) > 40 && Math.abs(across) > 2 * down) {
        this.#command(this.index - Math.sign(across), { motion: across < 0 });
      }
      this.#touch = null;
    }
  }

  /** Goes where a changed address points: named by a link, or kept by an entry that Back or Forward returned to. */
  #follow() {
    if (this.address.writing) return;
    this.address.forget();
    const { named, kept } = this.address;
    const index = named < 0 ? kept ?? (location.hash ? this.index : 0) : named;
    if (index === this.index) return;
    this.#pause();
    this.show(index);
    this.#soon();
  }

  /** Has the steps follow one another, or stops them. */
  #toggle() {
    if (this.playing) return this.playing.toggle();
    this.#wished = !this.#wished;
    this.approach();
  }

  /** Whatever a reader does ends what plays by itself, or the wish for it. */
  #pause() {
    this.#wished = false;
    this.playing?.pause();
  }

  /** Puts the cursor at a place of the lanes, or else at the step's own. */
  point(x = this.stops[this.index]?.dataset.x) {
    this.lanes?.querySelector('[data-part="cursor"]')?.setAttribute("transform", `translate(${x} 0)`);
  }

  // Words and furniture

  #place = () => `Step ${this.index + 1} of ${this.steps.length}`;

  /** The words of the step that shows. */
  get text() {
    return spoken(this.steps[this.index], this.headings[this.index]);
  }

  /** What can wait until the step is on the screen: the address, the word to screen readers, the rows that scroll. */
  #soon() {
    cancelAnimationFrame(this.#waiting);
    clearTimeout(this.#resting);
    this.#waiting = requestAnimationFrame(() => {
      this.#resting = setTimeout(() => {
        this.address.write();
        this.live.firstChild.data = `${this.#place()}: ${this.text}`;
        if (this.motion?.dragged === undefined) this.#centre();
        this.#rested();
      }, 30);
    });
  }

  /** Lays out the steps on both sides, hidden as they are, and what will move over the next: a key then finds it done. */
  #rested() {
    this.#resting = setTimeout(() => {
      const next = this.steps[this.index + 1];
      if (next && !still.matches) this.motion?.prepare(this.index);
      for (const step of [next, this.steps[this.index - 1]]) step?.lastElementChild.getBoundingClientRect();
    }, 60);
  }

  /** Keeps the current dot and stop in sight where their rows scroll; never scrolls the page. */
  #centre() {
    for (const mark of [this.dots.children[this.index], this.lanes?.querySelector(".raft-stop--current")]) {
      const row = mark?.closest(".raft-dots, .raft-scroll");
      if (!row) continue;
      const [outer, inner] = [row, mark].map((element) => element.getBoundingClientRect());
      row.scrollLeft += inner.x + inner.width / 2 - outer.x - outer.width / 2;
    }
  }

  /** Where steps have no fixed height, the tallest sets it for all, so that nothing below ever jumps. */
  #reserve() {
    const width = this.offsetWidth;
    if (width === this.width) return;
    this.width = width;
    this.list.style.minHeight = "";
    if (getComputedStyle(this.list).getPropertyValue("--raft-row")) return;
    this.classList.add("raft-measuring");
    const tallest = Math.max(...this.steps.map((step) => Math.ceil(step.getBoundingClientRect().height)));
    this.classList.remove("raft-measuring");
    this.list.style.minHeight = `${tallest}px`;
  }

  #build() {
    this.querySelector(".raft-controls")?.remove();
    const { bar, parts } = controls(this.steps.map((step) => step.dataset.name));
    Object.assign(this, parts);
    this.list.after(bar);
    // A click anywhere brings the focus here, so that the arrow keys work; links bring it to a heading.
    for (const place of [this, ...this.headings]) place.tabIndex = -1;
    if (!this.hasAttribute("role")) this.setAttribute("role", "group");
    this.list.setAttribute("role", "none");   // "list, 1 item" would say nothing
  }
}

customElements.get("raft-stepper") ?? customElements.define("raft-stepper", RaftStepper);
forgetWaiting();
