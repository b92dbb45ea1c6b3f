// What moves between two steps: the film, the pictures that it moves, and the turns of what plays by itself.
// It comes with its film when a reader first comes near a stepper; without it a step changes into the next at once.
// It knows nothing of the element: it is given pictures and lanes, and says what happens on them.

/**
 * Where a glyph flies: it starts and ends at a time in ms, along a way, and is of a kind; the last two are indexes.
 * @typedef {[from: number, until: number, way: number, kind: number]} Flight
 * @typedef {{ moves: Flight[], ways: number[][], kinds: string[] }} Flights
 * @typedef {object} OtherParts
 * @property {number[]} stops - the time of each step
 * @property {number[][]} axis - points of time and place; quiet stretches are compressed
 * @property {[ms: number, part: string, look: string | number][]} changes - a part's new look, or the step that has it
 * @property {[from: number, until: number, name: string, deadline: number][]} dials
 * @property {number} dial_span - how long a full dial runs
 * @property {Record<string, Flights>} [beside] - what flies in other parts of the pictures
 * @typedef {Flights & OtherParts} Film
 * @typedef {ReturnType<typeof createMotion>} Motion
 * @typedef {ReturnType<typeof createPlayer>} Player
 */

const EVENTS = ["click", "pointerdown", "pointermove", "pointerup", "pointercancel"];
const REWINDING_TIME = 350;   // ms

/**
 * The run between two steps, in motion, over the figures of the step that shows.
 *
 * @param {Film} film
 * @param {object} page
 * @param {HTMLElement[][]} page.figures - of each step; their pictures are never changed, only covered
 * @param {SVGSVGElement} [page.lanes] - where time can be dragged
 * @param {(index: number) => void} page.onStep - a reader has dragged time to another step
 * @param {() => number} page.pace - how fast time passes, where 1 is normal
 * @param {(x?: number, isArriving?: boolean) => void} page.onTime - the pictures show the time at this place of the
 *   lanes, and are on their way to the step that shows; or they rest
 * @param {(error: unknown) => void} page.onError - the film does not fit its pictures; nothing moves from now on
 */
export function createMotion(film, { figures, lanes, pace, onStep, onTime, onError }) {
  const { axis, stops } = film;
  const listening = new AbortController();
  let shown = 0;        // the step whose figures show
  let stage = null;     // pictures in motion; null while a step's own show
  let pointer = null;   // it drags time along the lanes
  let frame = 0;        // the next of a way that plays
  let remaining = 0;    // how many ms a way that has just begun will take

  /** Ends all motion: the step that shows has this index, and its own pictures. */
  const rest = (index) => {
    cancelAnimationFrame(frame);
    remaining = 0;
    stage?.strike();
    stage = null;
    shown = index;
  };

  const draw = (ms, isArriving = false) => {
    try {
      const base = stopAt(stops, ms);
      if (stage?.base !== base || ms < stage.ms) {
        stage?.strike();
        stage = new Stage(film, figures, { base, shown });
      }
      stage.draw(ms, isArriving);
      onTime(xAt(axis, ms), isArriving);
    } catch (error) {
      listening.abort();
      end();
      onError(error);
    }
  };

  const end = () => {
    rest(shown);
    onTime();
  };

  /** Plays from a time to a step, which shows already: the run's own time, forwards at the axis' pace or quickly back,
      slow at both ends. @param {number} from @param {number} index @param {number} [least] - ms on screen */
  const play = (from, index, least = 0) => {
    const [start, stop] = [from, stops[index]].map((ms) => xAt(axis, ms));
    if (stop === start) return;
    const isForward = stop > start;
    remaining = (isForward ? Math.max(playingTime(stop - start), least) : REWINDING_TIME) / pace();
    const duration = remaining;
    let began = null;
    const turn = (now) => {
      const part = (now - (began ??= now)) / duration;
      if (part < 1) {
        frame = requestAnimationFrame(turn);
        draw(timeAt(axis, start + (stop - start) * ease(part)), isForward);
      } else end();
    };
    frame = requestAnimationFrame(turn);
    draw(from, isForward);
  };

  /** Shows the time at a place of the screen, and its step. */
  const scrub = (clientX) => {
    const { a, e } = lanes.getScreenCTM();
    const ms = Math.max(stops[0], timeAt(axis, (clientX - e) / a));   // before the first step there is no picture
    cancelAnimationFrame(frame);
    const index = stopAt(stops, ms);
    if (index !== shown) onStep(index);
    draw(ms);
  };

  /** A mouse or pen drags time along the lanes, and a click takes it there; a finger scrolls them.
      @param {any} event */
  const handle = ({ type, target, pointerType, pointerId, button, clientX }) => {
    if (type === "pointerdown") {
      if (pointerType === "touch" || button !== 0 || target.closest(".raft-stop")) return;
      pointer = pointerId;
      lanes.setPointerCapture(pointerId);
      scrub(clientX);
    } else if (type === "pointermove") {
      if (pointer === pointerId) scrub(clientX);
    } else if (type === "click") {
      if (!target.closest(".raft-stop")) scrub(clientX);
    } else pointer = null;
  };
  for (const type of EVENTS) lanes?.addEventListener(type, handle, { signal: listening.signal });

  return {
    rest,
    play,
    /** The time that the pictures show: a step's own, or a later one to which time was dragged.
        @param {number} index */
    timeAt: (index) => stage?.base === index ? stage.ms : stops[index],
    get remaining() { return remaining; },
    get isMoving() { return stage !== null; },
    get isDragged() { return pointer !== null; },
  };
}

/** The pictures in motion: copies of one step's pictures, laid over those of the step that shows and changed as the
    film says. */
class Stage {
  /** Copies the pictures of the step `base`, at its own time, over those of the step `shown`.
      @param {Film} film @param {HTMLElement[][]} figures @param {{ base: number, shown: number }} steps */
  constructor(film, figures, { base, shown }) {
    this.film = film;
    this.figures = figures;
    this.base = base;
    this.ms = film.stops[base];
    this.clones = figures[shown].flatMap((figure, i) => {
      const picture = ownPicture(figures[base][i]);
      if (!picture) return [];
      const clone = /** @type {SVGElement} */ (picture.cloneNode(true));
      for (const named of [clone, ...clone.querySelectorAll("[id]")]) named.removeAttribute("id");
      for (const name of ["role", "aria-labelledby"]) clone.removeAttribute(name);
      clone.setAttribute("aria-hidden", "true");
      clone.classList.add("raft-stage");
      figure.classList.add("raft-moving");
      figure.append(clone);
      return [clone];
    });
  }

  /** Shows a later time; at its own it is the picture that it was copied from. What changes is marked as fresh where
      somebody watches it happen. @param {number} ms @param {boolean} isWatched */
  draw(ms, isWatched = false) {
    if (ms === this.ms) return;
    const { film } = this;
    for (const [part, look] of changesBetween(film.changes, this.ms, ms)) {
      for (const place of this.#find("part", part)) {
        if (typeof look === "string") place.outerHTML = look;
        else place.replaceWith(this.#partOf(look, part).cloneNode(true));
      }
      if (isWatched) for (const place of this.#find("part", part)) place.classList.add("raft-fresh");
    }
    /** @type {[string, Flights][]} */
    const parts = [["mail", film], ...Object.entries(film.beside ?? {})];
    for (const [part, flights] of parts) {
      const markup = [...movesAt(flights, ms)].map(moveMarkup).join("");
      for (const place of this.#find("part", part)) place.innerHTML = markup;
    }
    for (const [name, left] of dialsAt(film.dials, film.dial_span, ms)) {
      for (const dial of this.#find("dial", name)) dial.setAttribute("stroke-dasharray", `${left.toFixed(4)} 1`);
    }
    this.ms = ms;
  }

  strike() {
    for (const clone of this.clones) {
      clone.parentElement.classList.remove("raft-moving");
      clone.remove();
    }
  }

  /** A part as one step's own pictures have it. */
  #partOf(index, part) {
    const pictures = this.figures[index].map(ownPicture);
    return pictures.map((picture) => picture?.querySelector(`[data-part="${part}"]`)).find((found) => found);
  }

  #find(name, value) {
    return this.clones.flatMap((clone) => [...clone.querySelectorAll(`[data-${name}="${value}"]`)]);
  }
}

/** @type {(figure: HTMLElement) => SVGElement} */
const ownPicture = (figure) => figure.querySelector(":scope > svg:not(.raft-stage)");

// Steps that follow one another by themselves

/** How long a caption wants before the next one: about 300 words a minute, and never a flicker.
    @param {string} text */
export const readingTime = (text) => clamp(1000 + 200 * (text.match(/\S+/g) ?? []).length, 3000, 9000);

/**
 * The turns of what plays by itself.
 *
 * @param {object} page
 * @param {() => number} page.pace - how fast time passes, where 1 is normal
 * @param {(timeFor: typeof readingTime) => { moving: number, reading: number } | null} page.advance - shows the next
 *   step, whose pictures move for some ms and whose words are read for some more; returns null at the last
 * @param {(isPlaying: boolean) => void} page.onChange
 * @param {(ms: number) => void} page.onWait - from now on a reader reads, for so long; or does so no more
 */
export function createPlayer({ pace, advance, onChange, onWait }) {
  let timer = 0;
  let isPlaying = false;
  const set = (value) => {
    clearTimeout(timer);
    if (value !== isPlaying) onChange(isPlaying = value);
  };
  const turn = () => {
    onWait(0);
    const step = advance(readingTime);
    if (step) timer = setTimeout(wait, step.moving, step.reading / pace());
    else set(false);
  };
  const wait = (ms) => {
    onWait(ms);
    timer = setTimeout(turn, ms);
  };
  return {
    get isPlaying() { return isPlaying; },
    play() {
      if (isPlaying) return;
      set(true);
      turn();
    },
    pause: () => set(false),
  };
}

// The film: plain arithmetic over the data next to the pictures. Each function can be tested as a sentence.

/** How far along a way is, in space, at a part of its time: slow at both ends. */
const ease = (part) => (1 - Math.cos(Math.PI * part)) / 2;

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** Reads a line of points from one column to the other; beyond its ends it stays at them. */
function read(points, value, from, to) {
  const next = points.findIndex((point) => point[from] > value);
  if (next <= 0) return (next ? points.at(-1) : points[0])[to];
  const [a, b] = [points[next - 1], points[next]];
  return a[to] + ((b[to] - a[to]) * (value - a[from])) / (b[from] - a[from]);
}

/** Where a time is on the axis; quiet stretches are compressed there. */
export const xAt = (axis, ms) => read(axis, ms, 0, 1);

/** The time at a place of the axis. */
export const timeAt = (axis, x) => read(axis, x, 1, 0);

/** The step whose picture holds at a time: the last stop not after it. */
export const stopAt = (stops, ms) => Math.max(0, stops.findLastIndex((stop) => stop <= ms));

/** What changed after one time and up to another: the last word on each part. */
export const changesBetween = (changes, after, until) =>
  new Map(changes.filter(([ms]) => after < ms && ms <= until).map(([, part, markup]) => [part, markup]));

/** What is on its way at a time, by its kind: the ways with the point reached on each.
    @type {(flights: Flights, ms: number) => Map<string, number[][]>} */
export function movesAt({ moves, ways, kinds }, ms) {
  const found = new Map();
  for (const [from, until, way, kind] of moves) {
    if (ms < from || until <= ms) continue;
    const [part, [x0, y0, x1, y1]] = [(ms - from) / (until - from), ways[way]];
    const place = [x0, y0, x0 + (x1 - x0) * part, y0 + (y1 - y0) * part, x1, y1].map((n) => +n.toFixed(1));
    found.set(kinds[kind], [...(found.get(kinds[kind]) ?? []), place]);
  }
  return found;
}

/** How much of each running dial is left at a time, from 1 down to 0. */
export const dialsAt = (dials, span, ms) =>
  dials.filter(([from, until]) => from <= ms && ms < until)
    .map(([, , name, deadline]) => [name, clamp((deadline - ms) / span, 0, 1)]);

/** All glyphs of one kind with the ways behind them and ahead, drawn as the still pictures draw them.
    @type {(flying: [kind: string, places: number[][]]) => string} */
export function moveMarkup([kind, places]) {
  const behind = places.map(([a, b, c, d]) => `M${a} ${b}L${c} ${d}`).join("");
  const ahead = places.map(([, , c, d, e, f]) => `M${c} ${d}L${e} ${f}`).join("");
  const glyphs = places.map(([, , x, y]) => `<use href="#raft-glyph-${kind}" x="${x}" y="${y}"/>`).join("");
  return `<g class="raft-mail--${kind}"><path class="raft-trail" d="${behind}"/>`
    + `<path class="raft-ahead" d="${ahead}"/>${glyphs}</g>`;
}

/** How long the way between two stops takes on screen: constant speed, within a reader's patience. */
export const playingTime = (distance) => clamp(distance * 14, 1600, 2600);

/** The film of an element: the file that it names, or its own text.
    @param {Element} element @param {number} steps */
export async function fetchFilm(element, steps) {
  if (!(element instanceof HTMLElement)) throw new Error("There is no film: the stepper has no .raft-film in it.");
  const { dataset, textContent } = element;
  if (!dataset.src) return readFilm(textContent, steps);
  const answer = await fetch(dataset.src);
  if (!answer.ok) throw new Error(`The film ${dataset.src} did not come: ${answer.status} ${answer.statusText}.`);
  return readFilm(await answer.text(), steps);
}

/** The film in a page's data. @type {(text: string, steps: number) => Film} */
export function readFilm(text, steps) {
  const film = { changes: [], moves: [], ways: [], kinds: [], dials: [], dial_span: 1, ...JSON.parse(text) };
  if (film.stops?.length === steps && film.axis?.length > 1) return film;
  throw new Error(`The film was made for ${film.stops?.length ?? "no"} steps, and here are ${steps}.`);
}
