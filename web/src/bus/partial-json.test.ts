import { describe, expect, test } from "vitest";

import { PartialJson, parsePartial, spoken, type Json } from "./partial-json";

const DOCUMENTS: readonly unknown[] = [
  { title: "The Salt Road", acts: [{ name: "One", beats: ["a", "b \"c\" \\ d"] }, { name: "Two", beats: [] }], score: -1.5e3 },
  [],
  {},
  [1, 2.5, -3, true, false, null, "x"],
  { "": "", nested: { deep: [[["ok"]]] }, "schlüssel": "Ødger 👩‍🚀 𝄞 \u0000\u001f\n\t\r\b\f/" },
  [["a", "b"], "tail"],
  JSON.parse('{"__proto__":{"polluted":true},"constructor":"x"}'),
];

/** Whether `later` holds everything that `earlier` did, longer at most at its open end. */
function grows(earlier: Json | undefined, later: Json | undefined): boolean {
  if (earlier === undefined) return true;
  if (typeof earlier === "string") return typeof later === "string" && later.startsWith(earlier);
  if (earlier === null || typeof earlier !== "object") return Object.is(earlier, later);
  if (later === null || typeof later !== "object" || Array.isArray(earlier) !== Array.isArray(later)) return false;
  return Object.entries(earlier).every(([key, value]) => grows(value, (later as Record<string, Json>)[key]));
}

const copy = (value: Json | undefined) => (value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as Json));

describe("every prefix of a document parses to growing fields", () => {
  for (const document of DOCUMENTS) {
    for (const text of [JSON.stringify(document), JSON.stringify(document, null, 2), asciiOnly(document)]) {
      test(text.slice(0, 60), () => {
        const parser = new PartialJson();
        let before: Json | undefined;
        for (let end = 1; end <= text.length; end += 1) {
          parser.push(text.charAt(end - 1));
          expect(parser.broken).toBe(false);
          const now = copy(parser.value);
          expect(grows(before, now), `${text.slice(0, end)} lost something`).toBe(true);
          expect(copy(parsePartial(text.slice(0, end)))).toEqual(now);
          before = now;
        }
        expect(parser.done).toBe(true);
        expect(JSON.stringify(parser.value)).toBe(JSON.stringify(document));
      });
    }
  }
});

test("pieces of any length give the same value as the whole", () => {
  const text = JSON.stringify(DOCUMENTS[4]);
  for (let size = 1; size < text.length; size += 1) {
    const parser = new PartialJson();
    for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
    expect(JSON.stringify(parser.value)).toBe(text);
  }
});

test("what stands around the document is left out", () => {
  expect(parsePartial('Sure, "here" it is:\n```json\n{"a": 1}\n```\nAnything else? {"b": 2}')).toEqual({ a: 1 });
  expect(parsePartial("no json at all")).toBeUndefined();
});

test("an unfinished number or word is not there yet, an unfinished string is", () => {
  expect(parsePartial('{"a": 12')).toEqual({});
  expect(parsePartial('{"a": 12,')).toEqual({ a: 12 });
  expect(parsePartial('{"a": tru')).toEqual({});
  expect(parsePartial('{"a": "tru')).toEqual({ a: "tru" });
  expect(parsePartial('{"a": "x\\u00')).toEqual({ a: "x" });
  expect(parsePartial('["one", "tw')).toEqual(["one", "tw"]);
});

test("half of a surrogate pair is never shown", () => {
  expect(parsePartial('{"a": "x\\ud83d')).toEqual({ a: "x" });
  expect(parsePartial('{"a": "x\\ud83d\\ude00')).toEqual({ a: "x😀" });
});

test.each(['{"a" 1}', "{a: 1}", '{"a": 1 2}', "[1 2]", '{"a": nul}', '{"a": 01}', '{"a": "\\x"}', "[,]", '{"a": }x'])(
  "what is broken keeps the value it had: %s",
  (text) => {
    const parser = new PartialJson().push(text);
    expect(parser.broken).toBe(true);
    const before = JSON.stringify(parser.value);
    parser.push('{"b": 2}');
    expect(JSON.stringify(parser.value)).toBe(before);
  },
);

test("an answer cannot reach the prototype of anything", () => {
  const value = parsePartial('{"__proto__": {"polluted": "yes"}}') as Record<string, Json>;
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  expect(Object.keys(value)).toEqual(["__proto__"]);
});

test("a hundred thousand open brackets are refused, not followed", () => {
  expect(new PartialJson().push("[".repeat(100_000)).broken).toBe(true);
});

test("an answer is spoken without keys, quotes and braces", () => {
  expect(spoken(parsePartial('{"title": "Salt", "n": 3, "list": ["a", "  ", null, {"b": "c'))).toBe("Salt · 3 · a · c");
  expect(spoken({ long: "x".repeat(9_000) }, 100)).toHaveLength(100);
});

function asciiOnly(document: unknown): string {
  const escape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(document).replace(/[\u0080-\uffff]/g, escape);
}
