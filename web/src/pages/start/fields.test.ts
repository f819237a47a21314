import { expect, it } from "vitest";
import type { Input } from "@/api/types";
import { given, typedOf, whyNot, wrong } from "./fields";

const input = (type: string, more: Partial<Input> = {}): Input => ({ type, required: false, description: "", ...more });

const inputs: Record<string, Input> = {
  idea: input("text", { required: true, max_chars: 5 }),
  chapter: input("integer"),
  themes: input("list"),
  passes: input("integer", { required: true, default: 2 }),
};

it("a form says what it still needs, the first thing first", () => {
  expect(whyNot(inputs, {})).toContain("Idea");
  expect(whyNot(inputs, { idea: "sea" })).toBeUndefined();
  expect(whyNot(inputs, { idea: "sea", chapter: "two" })).toContain("Chapter");
});

it("length is counted in characters, not in bytes", () => {
  expect(wrong(input("text", { max_chars: 5 }), "🦑🦑🦑🦑🦑")).toBeUndefined();
  expect(wrong(input("text", { max_chars: 5 }), "123456")).toBeTruthy();
});

it("what is sent has the kinds the inputs have, and nothing empty", () => {
  expect(given(inputs, { idea: " sea ", chapter: "3", themes: "duty\n\n mercy ", other: "x" })).toEqual({ idea: "sea", chapter: 3, themes: ["duty", "mercy"] });
});

it("earlier values come back as they were typed", () => {
  expect(typedOf(["duty", "mercy"])).toBe("duty\nmercy");
  expect(typedOf(null)).toBe("");
  expect(typedOf(3)).toBe("3");
});
