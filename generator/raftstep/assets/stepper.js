// <raft-stepper> shows one step of an ordered list of figures at a time, and plays what happens between two.
// The page is complete without it. It knows nothing of Raft: words, pictures, film and addresses are in the page.
// Importing this module defines the element, and does nothing else.

import { Address, changeSpeed, make, makeControls } from "./controls.js";

const EVENTS = ["click", "input", "keydown", "pointerdown", "pointerup", "pointercancel", "beforematch"];
const FIELDS = "input, select, textarea, [contenteditable]";
const ANSWERS_SPACE = "button, summary, a";

/**
 * Steps count from 1 in the attribute, the methods and the event, as they do in the page's words and addresses.
 * A step that does not exist changes nothing. A method's move ends what plays, and makes no entry in the history.
 *
 * @attr step - the step that shows; setting it shows that step
 * @attr motion - set once a reader comes near: "ready", or "none" where pictures cannot move
 * @fires raft-step - another step shows; `detail` has its `index` and the `previous` one, which is null at first
 */
export class RaftStepper extends HTMLElement {
  static observedAttributes = ["step"];

  /** Registers the element under a name, unless the name is taken. */
  static define(tag = "raft-stepper", registry = customElements) {
    if (!registry.get(tag)) registry.define(tag, this);
    return this;
  }

  #index = -1;   // of the step that shows, from 0
  /** @type {HTMLElement[]} */ #steps = [];
  /** @type {HTMLElement[]} */ #headings = [];
  /** @type {ReturnType<typeof makeControls>} */ #controls;
  /** @type {Address} */ #address;
  /** @type {import("./motion.js").Motion} */ #motion;   // fetched when a reader comes near, as the player is
  /** @type {import("./motion.js").Player} */ #player;
  #approaching = false;    // a reader has come near
  #playIsWanted = false;   // Play was pressed before there was a player
  #listening;
  #lanes;
  #touch = null;   // where a finger came down on the picture
  #settling = 0;   // the timer of what waits until the step is on the screen
  #watch = make("p", { class: "raft-watch", "aria-hidden": "true" });   // stands for a caption still to come
  #width = 0;

  /** Takes the steps already in the page and opens at its address; safe to run again when the element is moved. */
  connectedCallback() {
    this.#listening?.abort();
    const { signal } = (this.#listening = new AbortController());
    if (document.readyState === "loading") {   // the steps are not parsed yet
      document.addEventListener("DOMContentLoaded", () => this.connectedCallback(), { signal });
      return;
    }
    const heading = (step) => step.querySelector("h1, h2, h3, h4, h5, h6");
    this.#steps = [...this.querySelectorAll(/** @type {"li"} */ (".raft-step"))].filter(heading);
    if (!this.#steps.length) return;
    this.#headings = this.#steps.map(heading);
    this.#lanes = this.querySelector(".raft-lanes");
    this.#address = new Address(this.#headings.map(({ id }) => id));
    this.#furnish();
    this.#listen(signal);
    for (const step of this.#steps) step.setAttribute("hidden", "until-found");
    const wanted = [this.#index, this.#address.named, Number(this.getAttribute("step")) - 1];
    this.#display(wanted.find((index) => this.#steps[index]) ?? 0);
    this.#centre();
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    for (const type of EVENTS) this.addEventListener(type, this, { signal });
    this.addEventListener("toggle", this, { signal, capture: true });
    for (const type of ["popstate", "hashchange"]) addEventListener(type, this, { signal });
    for (const type of ["pointerenter", "focusin"]) {
      this.addEventListener(type, () => this.#approach(), { signal, once: true });
    }
    // A host that changes pages by script pushes addresses without either event; this event comes for every one.
    globalThis.navigation?.addEventListener("currententrychange", this, { signal });
    const resizing = new ResizeObserver(() => this.#reserveHeight());
    resizing.observe(this);
    signal.onabort = () => resizing.disconnect();
  }

  /** One controller ends every listener, and nothing keeps running. */
  disconnectedCallback() {
    this.#listening.abort();
    clearTimeout(this.#settling);
    this.pause();
    this.#motion?.rest(this.#index);
  }

  /** @type {(name: string, old: string, value: string) => void} */
  attributeChangedCallback(_name, _old, value) {
    if (!this.#steps.length || value === String(this.#index + 1)) return;
    this.show(Number(value));
    this.setAttribute("step", String(this.#index + 1));   // also where there is no such step
  }

  // What a host can ask for

  /** Shows a step at once. @param {number} step */
  show(step) {
    this.#command(step - 1, { entry: "replace" });
  }

  /** Shows the next step, and plays the way there. */
  next() {
    this.#command(this.#index + 1, { entry: "replace", motion: true });
  }

  /** Shows the step before, and plays the way back. */
  previous() {
    this.#command(this.#index - 1, { entry: "replace", motion: true });
  }

  /** Has the steps follow one another, each for as long as its caption takes to read. */
  play() {
    this.#playIsWanted = !this.#player;
    if (this.#player) this.#player.play();
    else this.#approach();
  }

  /** Ends that, or the wish for it. */
  pause() {
    this.#playIsWanted = false;
    this.#player?.pause();
  }

  // Motion

  /** Somebody comes near: fetches what moves, once. No step waits for it, and all but motion works without it. */
  #approach() {
    if (this.#approaching) return;
    this.#approaching = true;
    this.#fetchMotion().catch((error) => this.#dropMotion(error));
  }

  async #fetchMotion() {
    const { createMotion, createPlayer, fetchFilm } = await import("./motion.js");
    this.#player = createPlayer({
      pace: () => this.#pace,
      advance: (readingTime) => this.#advance(readingTime),
      onChange: (isPlaying) => this.#showPlaying(isPlaying),
      onWait: (ms) => this.#countDown(ms),
    });
    if (this.#playIsWanted) this.#player.play();
    const film = await fetchFilm(this.querySelector(".raft-film"), this.#steps.length);
    this.#motion = createMotion(film, {
      figures: this.#steps.map((step) => [...step.querySelectorAll("figure")]),
      lanes: this.#lanes,
      pace: () => this.#pace,
      onStep: (index) => this.#go(index, { entry: "replace" }),
      onTime: (x, isArriving = false) => {
        this.#awaitCaption(isArriving);
        this.#point(x);
      },
      onError: (error) => this.#dropMotion(error),
    });
    this.#motion.rest(this.#index);
    this.setAttribute("motion", "ready");
  }

  /** @param {unknown} error */
  #dropMotion(error) {
    this.#motion = null;
    this.setAttribute("motion", "none");
    console.error(`raft-stepper "${this.id}": its pictures do not move, because of an error.`, error);
  }

  /** The next turn of what plays: for how long it moves and is then read, or null at the last. What moves takes as
      long as what is read, so that the pictures move for half of the time.
      @param {(words: string) => number} timeFor */
  #advance(timeFor) {
    const last = this.#steps.length - 1;
    const index = this.#index === last ? 0 : this.#index + 1;
    const reading = timeFor(this.#wordsOf(index));
    this.#go(index, { motion: index > 0, entry: "replace", least: reading });
    return index === last ? null : { moving: this.#motion?.remaining ?? 0, reading };
  }

  /** @param {boolean} isPlaying */
  #showPlaying(isPlaying) {
    this.classList.toggle("raft-playing", isPlaying);
    this.#countDown(0);
    this.#namePlay();
  }

  #namePlay() {
    const isLast = this.#index === this.#steps.length - 1;
    const isPlaying = this.classList.contains("raft-playing");
    this.#controls.play.textContent = isPlaying ? "Pause" : isLast ? "Replay" : "Play";
  }

  /** Fills a ring around the next dot for as long as the step waits. @param {number} ms */
  #countDown(ms) {
    const { dots } = this.#controls;
    for (const dot of dots.children) dot.classList.remove("raft-dot--awaited");
    dots.style.setProperty("--raft-wait", `${ms}ms`);
    if (ms) dots.children[this.#index + 1]?.classList.add("raft-dot--awaited");
  }

  /** While the pictures are on their way to a step, a line says where to look; the caption comes with the step. */
  #awaitCaption(isArriving) {
    const step = this.#steps[this.#index];
    if (isArriving === step.classList.contains("raft-step--arriving")) return;
    step.classList.toggle("raft-step--arriving", isArriving);
    this.#watch.textContent = step.dataset.watch ? `Watch ${step.dataset.watch}.` : "";
    if (isArriving) this.#headings[this.#index].after(this.#watch);
    else this.#watch.remove();
  }

  // Steps

  /** A reader's own move: it ends the automatic one. @type {(index: number, how?: Move) => void} */
  #command(index, how) {
    this.pause();
    this.#fold();
    if (this.#steps.length === index && this.#ends) this.#leadOn();
    else this.#go(index, how);
  }

  /** Closes what lies over the pictures; returns one of these, if any was open. @param {Node} [kept] */
  #fold(kept) {
    const open = [...this.querySelectorAll(/** @type {"details"} */ (".raft-legend[open]"))];
    const closed = open.filter((details) => !details.contains(kept));
    for (const details of closed) details.open = false;
    return closed[0];
  }

  /** Where the run ends, to what could have happened instead. */
  #leadOn() {
    this.#ends.scrollIntoView({ block: "nearest" });
    this.#ends.querySelector("a").focus({ preventScroll: true });
  }

  /** @returns {HTMLElement | null} the links behind the last step */
  get #ends() {
    return this.querySelector(".raft-ends");
  }

  /**
   * Shows a step at once, updates the address bar, informs screen readers, and plays the way there if there is one.
   * @typedef {{ motion?: boolean, entry?: "push" | "replace", least?: number }} Move
   * @type {(index: number, how?: Move) => void}
   */
  #go(index, { motion = false, entry = "push", least } = {}) {
    if (!this.#steps[index] || (index === this.#index && !this.#motion?.isMoving)) return;
    const old = this.#index;
    const from = this.#motion?.timeAt(old);
    this.#display(index);
    if (index !== old) this.#address.note(old, index, entry);
    this.#settle();
    if (motion && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.#motion?.play(from, index, least);
  }

  /** Shows a step and nothing more: no motion, no address, no announcement. @param {number} index */
  #display(index) {
    const previous = this.#index;
    const [old, step] = [this.#steps[previous], this.#steps[index]];
    const hadFocus = old !== step && old?.contains(document.activeElement);
    if (old) this.#awaitCaption(false);
    old?.setAttribute("hidden", "until-found");
    step.removeAttribute("hidden");
    this.#index = index;
    this.#motion?.rest(index);
    if (hadFocus) this.#headings[index].focus({ preventScroll: true });   // or the keys would stop with the old step
    this.#showPosition();
    this.setAttribute("step", String(index + 1));
    if (index === previous) return;
    const detail = { index: index + 1, previous: previous < 0 ? null : previous + 1 };
    this.dispatchEvent(new CustomEvent("raft-step", { bubbles: true, detail }));
  }

  /** Has the controls and the lanes show which step it is. */
  #showPosition() {
    const [index, last] = [this.#index, this.#steps.length - 1];
    const { range, dots, previous, next } = this.#controls;
    range.value = String(index + 1);
    range.setAttribute("aria-valuetext", `${this.#place}: ${this.#steps[index].dataset.name}`);
    range.style.setProperty("--raft-progress", String(index / (last || 1)));
    [...dots.children].forEach((dot, i) => {
      dot.classList.toggle("raft-dot--passed", i < index);
      if (i === index) dot.setAttribute("aria-current", "step");
      else dot.removeAttribute("aria-current");
    });
    this.#stops.forEach((stop, i) => stop.classList.toggle("raft-stop--current", i === index));
    previous.setAttribute("aria-disabled", String(index === 0));
    const leadsOn = index === last && this.#ends !== null;
    next.textContent = leadsOn ? "What if…?" : "Next";
    next.setAttribute("aria-disabled", String(index === last && !leadsOn));
    this.#namePlay();
    this.#point();
  }

  /** Puts the cursor at a place of the lanes, or else at the step's own. @param {string | number} x */
  #point(x = this.#stops[this.#index]?.dataset.x) {
    const cursor = this.#lanes?.querySelector('[data-part="cursor"]');
    if (x !== undefined) cursor?.setAttribute("transform", `translate(${x} 0)`);
  }

  /** What can wait until the step is on the screen: the address, the word to screen readers, the rows that scroll.
      At a fourth of its speed a processor took 17 ms for the address, of 50 that a key press may take. */
  #settle() {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#address.write();
      this.#say(`${this.#place}: ${this.#wordsOf(this.#index)}`);
      if (this.#motion?.isDragged) return;
      this.#centre();
      this.#bringUp();
    }, 50);
  }

  #say(words) {
    this.#controls.live.textContent = words;
  }

  get #place() {
    return `Step ${this.#index + 1} of ${this.#steps.length}`;
  }

  /** The step's heading and caption, without its permalink, its aside and its place. */
  #wordsOf(index) {
    const heading = this.#headings[index];
    const title = heading.textContent.replace(heading.querySelector(".headerlink")?.textContent ?? "", "").trim();
    const captions = this.#steps[index].querySelectorAll(".raft-words > p:not(.raft-place, .raft-watch)");
    return [`${title}.`, ...[...captions].map((caption) => caption.textContent)].join(" ");
  }

  /** @returns {SVGElement[]} the marks of the steps on the lanes */
  get #stops() {
    return [...this.querySelectorAll(/** @type {"g"} */ (".raft-stop"))];
  }

  // What a reader does

  /** @param {any} event */
  handleEvent(event) {
    const { target, type } = event;
    if (type === "click") this.#click(target);
    else if (type === "keydown") this.#key(event);
    else if (type.startsWith("pointer")) this.#pointer(event);
    else if (type === "toggle") this.#toggleDetails(target);
    else if (type === "input") {
      if (target === this.#controls.range) this.#command(target.value - 1, { entry: "replace" });
    } else if (type === "beforematch") {   // found by the browser's own search
      const index = this.#steps.indexOf(target);
      if (index !== this.#index) this.#command(index, { entry: "replace" });
    } else if (event.navigationType !== "replace") this.#follow();
  }

  #click(target) {
    const { play, next, previous, dots, speed } = this.#controls;
    const button = target.closest(".raft-controls button");
    const stop = target.closest(".raft-stop");
    if (button === play) this.#togglePlay();
    else if (button === next) this.#command(this.#index + 1, { motion: true });
    else if (button === previous) this.#command(this.#index - 1, { motion: true });
    else if (button === speed) changeSpeed(speed);
    else if (button) this.#command([...dots.children].indexOf(button));
    else if (stop) this.#command(stop.dataset.stop - 1);
  }

  #key(event) {
    const { key, target, repeat } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || target.closest(FIELDS)) return;
    if (key === "Escape") {
      this.#close(target);
      return;
    }
    const entry = repeat ? "replace" : "push";   // a key held down is one move, not forty
    const region = target.closest(".raft-scroll");
    const scrolls = region?.scrollWidth > region?.clientWidth;
    if (key === " " && !target.closest(ANSWERS_SPACE)) this.#togglePlay();
    else if (key === "ArrowRight" && !scrolls) this.#command(this.#index + 1, { motion: true, entry });
    else if (key === "ArrowLeft" && !scrolls) this.#command(this.#index - 1, { motion: true, entry });
    else if (key === "Home") this.#command(0);
    else if (key === "End") this.#command(this.#steps.length - 1);
    else return;
    event.preventDefault();
  }

  /** Escape closes the panel it is pressed in, or else the one over the pictures. @param {Element} target */
  #close(target) {
    const panel = target.closest(/** @type {"details"} */ ("details[open]")) ?? this.#fold();
    if (!panel) return;
    panel.open = false;
    panel.querySelector("summary").focus();
  }

  /** A finger swipes across the picture; whatever is touched ends what plays by itself. */
  #pointer({ type, target, pointerType, clientX, clientY }) {
    if (type === "pointerdown") {
      this.#fold(target);
      if (!this.#controls.play.contains(target)) this.pause();
      this.#touch = pointerType === "touch" && target.closest(".raft-picture") ? [clientX, clientY] : null;
    } else if (this.#touch) {
      const [across, down] = [clientX - this.#touch[0], Math.abs(clientY - this.#touch[1])];
      if (type === "pointerup" && Math.abs(across) > 40 && Math.abs(across) > 2 * down) {
        this.#command(this.#index - Math.sign(across), { motion: true });
      }
      this.#touch = null;
    }
  }

  get #pace() {
    return Number(this.#controls.speed.value);
  }

  #togglePlay() {
    if (this.#player ? this.#player.isPlaying : this.#playIsWanted) this.pause();
    else this.play();
  }

  /** A table opened on one step is open on all, to be read step by step. */
  async #toggleDetails(details) {
    const tables = [...this.querySelectorAll(/** @type {"details"} */ (".raft-step details"))];
    if (!tables.includes(details)) return;
    for (const twin of tables) {
      if (twin.className === details.className) twin.open = details.open;
      const words = twin.closest(".raft-words");
      words?.classList.toggle("raft-words--open", words.querySelector("details[open]") !== null);
    }
    if (!details.open) return;
    try {   // fills it with what few ask for; without that it still has its links
      const { unfold } = await import("./share.js");
      unfold(details, (words) => this.#say(words));
    } catch (error) {
      console.error(`raft-stepper "${this.id}": nothing to copy here, because of an error.`, error);
    }
    if (this.#hasStickyBar && this.#steps[this.#index].contains(details)) details.scrollIntoView({ block: "nearest" });
  }

  /** Goes where a changed address points: named by a link, or kept by an entry that Back or Forward returned to. */
  #follow() {
    if (this.#address.isWriting) return;
    this.#address.forget();
    const { named, kept } = this.#address;
    const index = named < 0 ? kept ?? (location.hash ? this.#index : 0) : named;
    if (index === this.#index || !this.#steps[index]) return;
    this.pause();
    this.#display(index);
    this.#settle();
  }

  // Furniture

  /** Keeps the current dot and stop in sight where their rows scroll; never scrolls the page. */
  #centre() {
    for (const mark of [this.#controls.dots.children[this.#index], this.#stops[this.#index]]) {
      const row = mark?.closest(".raft-dots, .raft-scroll");
      if (!row) continue;
      const [outer, inner] = [row, mark].map((element) => element.getBoundingClientRect());
      row.scrollLeft += inner.x + inner.width / 2 - outer.x - outer.width / 2;
    }
  }

  /** Where the controls lie over the step's words, brings the stepper up as far as it goes. */
  #bringUp() {
    if (!this.#hasStickyBar) return;
    const [words, bar] = [this.#steps[this.#index], this.#controls.bar].map((part) => part.getBoundingClientRect());
    if (words.bottom > bar.top + 1 && this.getBoundingClientRect().top > 0) this.scrollIntoView({ block: "start" });
  }

  get #hasStickyBar() {
    return getComputedStyle(this.#controls.bar).position === "sticky";
  }

  /** Where steps have no fixed height, the tallest sets it for all, so that nothing below ever jumps. */
  #reserveHeight() {
    const list = this.#steps[0].parentElement;
    const width = this.offsetWidth;
    if (!list || width === this.#width) return;
    this.#width = width;
    list.style.minHeight = "";
    if (getComputedStyle(list).getPropertyValue("--raft-row")) return;
    this.classList.add("raft-measuring");
    const tallest = Math.max(...this.#steps.map((step) => Math.ceil(step.getBoundingClientRect().height)));
    this.classList.remove("raft-measuring");
    list.style.minHeight = `${tallest}px`;
  }

  #furnish() {
    const list = this.#steps[0].parentElement;
    this.querySelector(".raft-controls")?.remove();
    this.#controls = makeControls(this.#steps.map((step) => step.dataset.name));
    list.after(this.#controls.bar);
    // A click anywhere brings the focus here, so that the arrow keys work; links bring it to a heading.
    for (const place of [this, ...this.#headings]) place.tabIndex = -1;
    if (!this.hasAttribute("role")) this.setAttribute("role", "group");
    list.setAttribute("role", "none");   // "list, 1 item" would say nothing
  }
}

RaftStepper.define();
