// The run between two steps, in motion. It comes with its film when a reader first comes near a stepper; until then, and
// without it, a step changes into the next at once.
import { playingTime, readFilm, stopAt, timeAt, xAt } from "./film.js";
import { Playing } from "./playing.js";
import { Stage } from "./stage.js";

export { Playing };

const HEARD = ["click", "pointerdown", "pointermove", "pointerup", "pointercancel"];
const SETTLED_MS = 50;

/** What moves between the steps of a stepper; nothing where its film is missing, broken or made for other steps. */
export async function motionOf(stepper) {
  const { dataset, textContent } = stepper.querySelector(".raft-film");
  const film = readFilm(dataset.src ? await (await fetch(dataset.src)).text() : textContent, stepper.steps.length);
  return film && new Motion(film, stepper);
}

class Motion {
  dragged;          // the pointer that drags time along the lanes
  #stage = null;    // pictures in motion; null while a step's own pictures show
  #spare = null;    // those of the way to the next step, laid out while its reader still reads this one
  #soon;            // the beginning of a way that plays
  #frame;           // its next picture

  constructor(film, stepper) {
    Object.assign(this, { film, stepper });
    for (const type of HEARD) stepper.lanes?.addEventListener(type, this);
  }

  /** A mouse or pen drags time along the lanes, and a click takes it there; a finger scrolls them. */
  handleEvent({ type, target, pointerType, pointerId, button, clientX }) {
    const { lanes, motion } = this.stepper;
    if (motion !== this) return;   // found broken, and dropped
    if (type === "pointerdown") {
      if (pointerType === "touch" || button !== 0 || target.closest(".raft-stop")) return;
      this.dragged = pointerId;
      lanes.setPointerCapture(pointerId);
      this.#scrub(clientX);
    } else if (type === "pointermove") {
      if (this.dragged === pointerId) this.#scrub(clientX);
    } else if (type === "click") {
      if (!target.closest(".raft-stop")) this.#scrub(clientX);
    } else this.dragged = undefined;
  }

  get on() {
    return this.#stage !== null;
  }

  /** The time that the pictures show: a step's own, or a later one to which time was dragged. */
  at(index) {
    return this.#stage?.base === index ? this.#stage.ms : this.film.stops[index];
  }

  /** Ends all motion; what is laid out for the way to a step may stay for it to be played. */
  rest(way) {
    this.#halt();
    this.#stage?.strike();
    this.#stage = null;
    if (this.#spare?.shown === way) return;
    this.#spare?.strike();
    this.#spare = null;
  }

  /** Lays the pictures of a step, hidden, over those of the next. */
  prepare(index) {
    this.#spare ??= this.#set(index, index + 1);
  }

  /** Plays from a time to a step, which shows already: the run's own time, at constant speed along the axis. */
  play(from, index) {
    const { axis, stops } = this.film;
    const [start, end] = [from, stops[index]].map((ms) => xAt(axis, ms));
    if (end <= start) return;
    let began;
    const turn = (now) => {
      const part = (now - (began ??= now)) / playingTime(end - start);
      if (part >= 1) return this.#end();
      this.#frame = requestAnimationFrame(turn);
      this.#draw(timeAt(axis, start + (end - start) * part));
    };
    this.#draw(from);   // and nothing moves yet in the frames that bring the step and its controls
    if (this.stepper.motion !== this) return;
    this.#soon = setTimeout(() => (this.#frame = requestAnimationFrame(turn)), SETTLED_MS);
  }

  /** Shows the time that stands at a place of the screen, and its step. */
  #scrub(clientX) {
    const { a, e } = this.stepper.lanes.getScreenCTM();
    const { axis, stops } = this.film;
    const ms = Math.max(stops[0], timeAt(axis, (clientX - e) / a));   // before the first step there is no picture
    this.#halt();
    const index = stopAt(stops, ms);
    if (index !== this.stepper.index) this.stepper.go(index, { entry: "replace" });
    this.#draw(ms);
  }

  #draw(ms) {
    const base = stopAt(this.film.stops, ms);
    const { index } = this.stepper;
    try {
      if (this.#stage?.base !== base || ms < this.#stage.ms) {
        this.#stage?.strike();
        this.#stage = this.#spare?.base === base && this.#spare.shown === index ? this.#spare : this.#set(base, index);
        this.#spare = null;
      }
      this.#stage.draw(ms);
      this.stepper.point(xAt(this.film.axis, ms));
    } catch {   // a film that does not fit its pictures is no film
      this.#end();
      this.stepper.motion = null;
    }
  }

  #halt() {
    clearTimeout(this.#soon);
    cancelAnimationFrame(this.#frame);
  }

  #end() {
    this.rest();
    this.stepper.point();
  }

  /** The pictures of one step, to be moved over those of another. */
  #set(base, shown) {
    return new Stage(this.film, this.stepper.steps, { base, shown, ms: this.film.stops[base] });
  }
}
