import { describe, expect, it } from "vitest";
import { parsePartial } from "@/bus";
import { sectionOf, wordsIn } from "./shape";

const BIBLE = '{"acts":[{"name":"The Call","summary":"It rings.","turning_point":"She answers."}],"themes":["duty"],"logline":"When it rings.","title":"The Bell"}';

describe("a value that is read", () => {
  it("has its title as heading, then what speaks for itself, then its lists", () => {
    const section = sectionOf(parsePartial(BIBLE));
    expect(section.heading).toBe("The Bell");
    expect(section.parts.map((part) => [part.kind, part.label])).toEqual([
      ["text", null],
      ["words", "Themes"],
      ["sections", "Acts"],
    ]);
  });

  it("never shows a brace or a key's underscore, however far it has come", () => {
    for (let n = 0; n <= BIBLE.length; n++) {
      const shown = JSON.stringify(sectionOf(parsePartial(BIBLE.slice(0, n))));
      const texts = [...shown.matchAll(/"(?:text|heading|label|sub)":"([^"]*)"/g)].map(([, text]) => text).join(" ");
      expect(texts).not.toMatch(/[{}[\]_]/);
    }
  });

  it("is counted in words", () => {
    expect(wordsIn({ a: "one two", b: ["three", { c: "four" }], n: 5 })).toBe(4);
  });
});
