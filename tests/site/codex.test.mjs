// The pure parts of the Codex's script, as sentences. Run with: node --test tests/site/
import assert from "node:assert/strict";
import { test } from "node:test";
import { matches } from "../../docs/assets/codex.js";
import { placed } from "../../docs/assets/tip.js";

const room = { width: 400, height: 600 };
const box = { width: 300, height: 80 };

test("what a term means stands under its link", () => {
  assert.deepEqual(placed({ left: 20, top: 100, bottom: 120 }, box, room), { left: 20, top: 126 });
});

test("at the end of a line it moves back into the window", () => {
  assert.equal(placed({ left: 350, top: 100, bottom: 120 }, box, room).left, 92);
});

test("at the foot of the window it stands over its link", () => {
  assert.equal(placed({ left: 20, top: 550, bottom: 570 }, box, room).top, 464);
});

test("it never leaves the window, however small that is", () => {
  assert.deepEqual(placed({ left: -40, top: 10, bottom: 30 }, box, { width: 250, height: 90 }), { left: 8, top: 8 });
});

test("an entry is found by the beginnings of its words, in any order", () => {
  const entry = "leader The one node of a term. Also called: in MongoDB: primary.";
  assert.ok(matches(entry, ""));
  assert.ok(matches(entry, "prim"));
  assert.ok(matches(entry, "mongo LEAD"));
  assert.ok(!matches(entry, "eader"));
  assert.ok(!matches(entry, "leader epoch"));
});

test("letters beyond English count as letters", () => {
  assert.ok(matches("Raft-Gruppe, für Könner", "kön"));
});
