// What was typed into a form, and what the studio is given for it.

import type { Input } from "@/api/types";
import { label } from "@/story/shape";
import { tStart } from "@/texts/start";

const words = tStart;

/** Everything is kept as typed; only what is sent is read. */
export type Typed = Record<string, string>;

/** A kept or earlier value as text for its field. */
export function typedOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(String).join("\n");
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

/** What is wrong with a field; undefined where nothing is. */
export function wrong(input: Input, typed: string): string | undefined {
  const length = Array.from(typed).length;
  if (input.max_chars && length > input.max_chars) return words.tooLong(length, input.max_chars);
  if (input.type === "integer" && typed.trim() && !/^[+-]?\d+$/.test(typed.trim())) return words.notNumber;
  return undefined;
}

/** Why the form cannot be sent yet. */
export function whyNot(inputs: Record<string, Input>, typed: Typed): string | undefined {
  for (const [name, input] of Object.entries(inputs)) {
    const text = typed[name] ?? "";
    const bad = wrong(input, text);
    if (bad) return `${label(name)}: ${bad}`;
    if (input.required && (input.default === undefined || input.default === null) && !text.trim()) return words.missing(label(name));
  }
  return undefined;
}

/** What is sent: empty fields are left out, lists are lists, numbers numbers. */
export function given(inputs: Record<string, Input>, typed: Typed): Record<string, unknown> {
  const fields = Object.entries(inputs).flatMap(([name, input]) => {
    const text = (typed[name] ?? "").trim();
    return text === "" ? [] : [[name, valueOf(input, text)] as const];
  });
  return Object.fromEntries(fields);
}

function valueOf(input: Input, text: string): unknown {
  switch (input.type) {
    case "integer":
      return Number(text);
    case "boolean":
      return text === "true";
    case "list":
      return text.split("\n").map((line) => line.trim()).filter(Boolean);
    default:
      return text;
  }
}
