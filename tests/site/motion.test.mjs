// The pure parts of what moves, as sentences. Run with: node --test tests/site/
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changesBetween, createPlayer, dialsAt, moveMarkup, movesAt, playingTime, readFilm, readingTime, stopAt, timeAt, xAt,
} from "../../generator/raftstep/assets/motion.js";

const axis = [[0, 60], [100, 100], [110, 300], [400, 400]];   // ten crowded milliseconds have half of the room

test("a time stands between its neighbours on the axis, in proportion", () => {
  assert.equal(xAt(axis, 50), 80);
  assert.equal(xAt(axis, 105), 200);
});

test("a place on the axis names the time that stands there", () => {
  for (const ms of [0, 1, 50, 100, 104, 110, 237, 400]) assert.ok(Math.abs(timeAt(axis, xAt(axis, ms)) - ms) < 1e-9);
});

test("before its beginning and after its end the axis stays where it is", () => {
  assert.equal(xAt(axis, -5), 60);
  assert.equal(xAt(axis, 1000), 400);
  assert.equal(timeAt(axis, 0), 0);
  assert.equal(timeAt(axis, 999), 400);
});

test("two points at one time do not divide by nothing", () => {
  assert.equal(xAt([[0, 0], [10, 10], [10, 50], [20, 60]], 10), 50);
  assert.equal(xAt([[7, 30]], 7), 30);
});

test("a time belongs to the last step reached by then", () => {
  const stops = [0, 171, 186];
  assert.deepEqual([-1, 0, 170, 171, 185, 186, 999].map((ms) => stopAt(stops, ms)), [0, 0, 0, 1, 1, 2, 2]);
});

test("a change counts from its own millisecond on, and only the last one for each part", () => {
  const changes = [[5, "n1", "a"], [7, "n2", "b"], [9, "n1", "c"], [12, "n2", "d"]];
  assert.deepEqual([...changesBetween(changes, 5, 9)], [["n2", "b"], ["n1", "c"]]);
  assert.deepEqual([...changesBetween(changes, 0, 4)], []);
});

test("a message is where its share of the journey has brought it", () => {
  const film = { moves: [[100, 120, 1, 0]], ways: [[9, 9, 9, 9], [0, 10, 40, 30]], kinds: ["k"] };
  assert.deepEqual([...movesAt(film, 105)], [["k", [[0, 10, 10, 15, 40, 30]]]]);
});

test("a message is there when it leaves and gone when it arrives", () => {
  const film = { moves: [[100, 120, 0, 0]], ways: [[0, 0, 1, 1]], kinds: ["k"] };
  assert.deepEqual([99, 100, 119, 120].map((ms) => movesAt(film, ms).size), [0, 1, 1, 0]);
});

test("messages of one kind are drawn together, with the ways behind them and ahead", () => {
  const drawn = moveMarkup(["kind", [[0, 0, 10.3, 5, 40, 20], [1, 2, 3, 4, 5, 6]]]);
  assert.equal(drawn, '<g class="raft-mail--kind"><path class="raft-trail" d="M0 0L10.3 5M1 2L3 4"/>'
    + '<path class="raft-ahead" d="M10.3 5L40 20M3 4L5 6"/>'
    + '<use href="#raft-glyph-kind" x="10.3" y="5"/><use href="#raft-glyph-kind" x="3" y="4"/></g>');
});

test("a dial runs from full down to empty, and never past either", () => {
  const dials = [[0, 500, "n1", 300]];
  assert.deepEqual([0, 150, 300, 400].map((ms) => dialsAt(dials, 300, ms)[0][1]), [1, 0.5, 0, 0]);
  assert.deepEqual(dialsAt([[0, 500, "n1", 450]], 300, 0), [["n1", 1]]);
});

test("a dial that is set anew is read from its latest setting", () => {
  assert.deepEqual(dialsAt([[0, 40, "n1", 150], [40, 90, "n1", 340]], 300, 40), [["n1", 1]]);
});

test("the way between two steps is never a flash and never a wait", () => {
  assert.deepEqual([1, 150, 1000].map(playingTime), [1600, 2100, 2600]);
});

test("a longer caption is given longer", () => {
  assert.deepEqual([1, 30, 1000].map((words) => readingTime("word ".repeat(words))), [3000, 7000, 9000]);
});

test("a film that is missing, broken or made for other steps is no film", () => {
  for (const text of [undefined, "", "{", "null", "[]", "{}"]) assert.throws(() => readFilm(text, 3), Error);
  const message = /The film was made for 2 steps, and here are 3[.]/;
  assert.throws(() => readFilm('{"stops":[0,1],"axis":[[0,0],[1,1]]}', 3), message);
});

test("a film may leave out what does not happen in it", () => {
  const film = readFilm('{"stops":[0,1],"axis":[[0,0],[1,1]]}', 2);
  assert.deepEqual([film.changes, film.moves, film.dials], [[], [], []]);
});

test("what plays goes on by itself, ends at the last step and tells of both", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const [steps, told, waits] = [[{ moving: 100, reading: 3000 }, { moving: 0, reading: 5000 }, null], [], []];
  const player = createPlayer({
    pace: () => 2,
    advance: () => steps.shift(),
    onChange: (isPlaying) => told.push(isPlaying),
    onWait: (ms) => waits.push(ms),
  });

  player.play();
  player.play();
  context.mock.timers.tick(99);
  assert.deepEqual([steps.length, told, waits, player.isPlaying], [2, [true], [0], true]);
  context.mock.timers.tick(1);
  assert.deepEqual([steps.length, waits], [2, [0, 1500]]);
  for (const ms of [1500, 0, 2500]) context.mock.timers.tick(ms);

  assert.deepEqual([steps.length, told, player.isPlaying], [0, [true, false], false]);
  assert.deepEqual(waits, [0, 1500, 0, 2500, 0]);
});

test("what is paused does not go on", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let turns = 0;
  const advance = () => ({ moving: turns++, reading: 1 });
  const player = createPlayer({ pace: () => 1, advance, onChange: () => {}, onWait: () => {} });

  player.play();
  player.pause();
  context.mock.timers.tick(60_000);

  assert.equal(turns, 1);
});
