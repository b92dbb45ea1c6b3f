// The film: what moves between two steps. Plain arithmetic over the data beside the pictures;
// it knows neither Raft nor the page, so every function here can be tested as a sentence.

const held = (value, low, high) => Math.min(high, Math.max(low, value));

/** Reads a line of points from one column to the other; beyond its ends it stays at them. */
function read(points, value, from, to) {
  const next = points.findIndex((point) => point[from] > value);
  if (next <= 0) return (next ? points.at(-1) : points[0])[to];
  const [a, b] = [points[next - 1], points[next]];
  return a[to] + ((b[to] - a[to]) * (value - a[from])) / (b[from] - a[from]);
}

/** Where a time stands on the axis; quiet stretches are compressed there. */
export const xAt = (axis, ms) => read(axis, ms, 0, 1);

/** The time that stands at a place of the axis. */
export const timeAt = (axis, x) => read(axis, x, 1, 0);

/** The step whose picture holds at a time: the last stop not after it. */
export const stopAt = (stops, ms) => Math.max(0, stops.findLastIndex((stop) => stop <= ms));

/** What changed after one time and up to another: the last word on each part. */
export const changesBetween = (changes, after, until) =>
  new Map(changes.filter(([ms]) => after < ms && ms <= until).map(([, part, markup]) => [part, markup]));

/** Glyphs on their way at a time, each with the point it has reached. */
export function movesAt(moves, ms) {
  return moves.filter(([from, to]) => from <= ms && ms < to).map(([from, to, x0, y0, x1, y1, glyph, kind]) => {
    const part = (ms - from) / (to - from);
    return { x0, y0, x: x0 + (x1 - x0) * part, y: y0 + (y1 - y0) * part, x1, y1, glyph, kind };
  });
}

/** How much of each running dial is left at a time, from 1 down to 0. */
export const dialsAt = (dials, span, ms) =>
  dials.filter(([from, until]) => from <= ms && ms < until)
    .map(([, , name, deadline]) => [name, held((deadline - ms) / span, 0, 1)]);

/** One glyph with the way behind it and the way ahead, drawn as the still pictures draw it. */
export function moveMarkup({ x0, y0, x, y, x1, y1, glyph, kind }) {
  const [a, b, c, d, e, f] = [x0, y0, x, y, x1, y1].map((n) => +n.toFixed(1));
  return `<g class="raft-mail ${kind}"><path class="raft-trail" d="M${a} ${b}L${c} ${d}"/>`
    + `<path class="raft-ahead" d="M${c} ${d}L${e} ${f}"/>`
    + `<use href="#${glyph}" x="${+(c - 10).toFixed(1)}" y="${+(d - 10).toFixed(1)}" width="20" height="20"/></g>`;
}

/** How long the way between two stops takes on screen: constant speed, within a reader's patience. */
export const playingTime = (distance) => held(distance * 14, 1600, 2600);

/** How long a caption wants before the next one: about 240 words a minute, and never a flicker. */
export const readingTime = (text) => Math.max(4000, 1500 + 250 * (text.match(/\S+/g) ?? []).length);

/** The film in a page's data, or nothing if it is missing, broken or made for other steps. */
export function readFilm(text, steps) {
  try {
    const film = { changes: [], moves: [], dials: [], dial_span: 1, ...JSON.parse(text) };
    return film.stops.length === steps && film.axis.length > 1 ? film : null;
  } catch {
    return null;
  }
}
