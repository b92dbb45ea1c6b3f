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

/** What is on its way at a time, by its kind: the ways with the point reached on each. */
export function movesAt({ moves, ways, kinds }, ms) {
  const found = new Map();
  for (const [from, to, way, kind] of moves) {
    if (ms < from || to <= ms) continue;
    const [part, [x0, y0, x1, y1]] = [(ms - from) / (to - from), ways[way]];
    const place = [x0, y0, x0 + (x1 - x0) * part, y0 + (y1 - y0) * part, x1, y1].map((n) => +n.toFixed(1));
    found.set(kinds[kind], [...(found.get(kinds[kind]) ?? []), place]);
  }
  return found;
}

/** How much of each running dial is left at a time, from 1 down to 0. */
export const dialsAt = (dials, span, ms) =>
  dials.filter(([from, until]) => from <= ms && ms < until)
    .map(([, , name, deadline]) => [name, held((deadline - ms) / span, 0, 1)]);

/** All glyphs of one kind with the ways behind them and ahead, drawn as the still pictures draw them. */
export function moveMarkup([kind, places]) {
  const behind = places.map(([a, b, c, d]) => `M${a} ${b}L${c} ${d}`).join("");
  const ahead = places.map(([, , c, d, e, f]) => `M${c} ${d}L${e} ${f}`).join("");
  const glyphs = places.map(([, , x, y]) => `<use href="#raft-glyph-${kind}" x="${x}" y="${y}"/>`).join("");
  return `<g class="raft-mail--${kind}"><path class="raft-trail" d="${behind}"/>`
    + `<path class="raft-ahead" d="${ahead}"/>${glyphs}</g>`;
}

/** How long the way between two stops takes on screen: constant speed, within a reader's patience. */
export const playingTime = (distance) => held(distance * 14, 1600, 2600);

/** The film in a page's data, or nothing if it is missing, broken or made for other steps. */
export function readFilm(text, steps) {
  try {
    const film = { changes: [], moves: [], ways: [], kinds: [], dials: [], dial_span: 1, ...JSON.parse(text) };
    return film.stops.length === steps && film.axis.length > 1 ? film : null;
  } catch {
    return null;
  }
}
