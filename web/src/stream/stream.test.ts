import { expect, test } from "vitest";

import { toRow, type Row } from "@/bus/rows";
import { event } from "@/bus/test-events";
import { has, parseQuery, predicate, toggled, writeQuery } from "./query";
import { Sieve } from "./sieve";
import { visible } from "./window";

const said = (seq: number, from: string, text: string, kind = "message.sent"): Row =>
  toRow(event(seq, { kind, correlation: "run_12", actor: { kind: "agent", id: from }, body: { from, to: "worldbuilder", text, path: "world[1]/places" } }));

const fits = (typed: string, row: Row) => predicate(parseQuery(typed))(row);

test.each([
  ["", true],
  ["from:lens", true],
  ["from:LENS,saga", true],
  ["from:saga", false],
  ["-from:saga", true],
  ["kind:message", true],
  ["kind:message.sent", true],
  ["kind:mess", false],
  ['"the bell"', true],
  ["the bell", true],
  ["bell -fog", false],
  ["run:12 step:places to:world", true],
  ["seq:3..9", true],
  ["seq:8", false],
  ["nobody:knows", false],
])("the filter `%s` on a row says %s", (typed, expected) => {
  expect(fits(typed, said(7, "lens", "Why does THE BELL ring in the fog?"))).toBe(expected);
});

test("an unfinished quote filters by what is there", () => {
  expect(fits('from:lens "the be', said(1, "lens", "the bell"))).toBe(true);
});

test("what was typed can be written again", () => {
  const typed = 'from:lens,saga -kind:gate "the bell" fog';
  expect(writeQuery(parseQuery(typed))).toBe(typed);
});

test("a facet is switched on and off within what was typed", () => {
  const one = toggled('"the bell"', "from", "lens");
  expect(one).toBe('"the bell" from:lens');
  const two = toggled(one, "from", "saga");
  expect(two).toBe('"the bell" from:lens,saga');
  expect(has(two, "from", "saga")).toBe(true);
  expect(toggled(toggled(two, "from", "saga"), "from", "lens")).toBe('"the bell"');
});

test("a list that grows looks at each row once", () => {
  const rows = Array.from({ length: 1_000 }, (_, i) => said(501 + i, i % 2 ? "lens" : "saga", "x"));
  const log = { rows };
  const sieve = new Sieve(() => true, predicate(parseQuery("from:lens"))).update(log.rows);
  expect([sieve.matches.length, sieve.looked]).toEqual([500, 1_000]);
  log.rows = rows.concat([said(1_501, "lens", "new")]);
  sieve.update(log.rows);
  log.rows = Array.from({ length: 500 }, (_, i) => said(1 + i, "lens", "old")).concat(log.rows);
  sieve.update(log.rows);
  expect([sieve.matches.length, sieve.looked, sieve.matches[0]?.seq, sieve.matches.at(-1)?.seq]).toEqual([1_001, 1_501, 1, 1_501]);
  expect(sieve.who.get("lens")).toBe(1_001);
});

test("a log that began anew is looked at anew", () => {
  const log = { rows: [1, 2, 3].map((seq) => said(seq, "lens", "old")) };
  const sieve = new Sieve(() => true, () => true).update(log.rows);
  log.rows = [1, 2, 3, 4].map((seq) => ({ ...said(seq, "lens", "new"), id: `evt_b${seq}` }));
  sieve.update(log.rows);
  expect(sieve.matches.map((row) => row.text)).toEqual(["new", "new", "new", "new"]);
  log.rows = [];
  expect(sieve.update(log.rows).matches).toEqual([]);
});

test("of fifty thousand rows a window draws a few dozen", () => {
  const span = visible(900_000, 800, 36, 50_000);
  expect(span.until - span.from).toBeLessThan(50);
  expect(visible(0, 0, 36, 0)).toEqual({ from: 0, until: 0 });
});

test("a proposed rule is told in its own words, not by its id", () => {
  const body = { rule: "rule_00000000000000000000000000000008", text: "The ferry never lands.", kind: "judged" };
  expect(toRow(event(9, { kind: "canon.rule_proposed", body })).text).toBe("The ferry never lands.");
});
