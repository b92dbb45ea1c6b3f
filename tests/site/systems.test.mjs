// The pure parts of the table of systems, as sentences. Run with: node --test tests/site/
import assert from "node:assert/strict";
import { test } from "node:test";
import { compared, key, matches, rank } from "../../docs/assets/systems.js";

test("a row is shown when it has all that was typed, in any order and any case", () => {
  const row = "TiKV Raft Rust 10 to 19 s v8.5.7 joint consensus";
  for (const typed of ["", "  ", "tikv", "JOINT rust", "v8.5", "19 s"]) assert.ok(matches(row, typed), typed);
  for (const typed of ["go", "rust one-at-a-time"]) assert.ok(!matches(row, typed), typed);
});

test("numbers are padded, so that they sort as words do", () => {
  assert.ok(compared("000000100", "000002000") < 0);
  assert.ok(compared("000000100", "000002000", true) > 0);
  assert.equal(compared("Go", "go"), 0);
});

test("what is not verified comes last, whichever way the column is sorted", () => {
  assert.ok(compared("", "Go") > 0);
  assert.ok(compared("", "Go", true) > 0);
  assert.ok(compared("Go", "") < 0);
  assert.equal(compared("", ""), 0);
});

const cell = (parts, order) => ({
  dataset: order ? { order } : {},
  textContent: parts.text ?? "",
  querySelector: (name) => (name in parts ? { textContent: parts[name] } : null),
});

test("a cell is sorted by its own key, else by its words, and never by its version", () => {
  assert.equal(key(cell({ a: "1 to 2 s", small: "v1.7.3" }, "000001000")), "000001000");
  assert.equal(key(cell({ a: " one at a time ", small: "v1.7.3" })), "one at a time");
  assert.equal(key(cell({ small: "not verified", text: "not verified" })), "");
  assert.equal(key(cell({ text: "Rust" })), "Rust");
});

test("in a column of numbers, words come below the numbers and nothing below the words", () => {
  assert.equal(rank(cell({ a: "1 to 2 s" }, "000001000"), true), 0);
  assert.equal(rank(cell({ a: "set by the program" }), true), 1);
  assert.equal(rank(cell({ a: "set by the program" }), false), 0);
  assert.equal(rank(cell({ small: "not verified", text: "not verified" }), true), 2);
});
