// The texts in a value, as fields that a person can edit, and back into the value.

import type { Json } from "@/bus";
import { label } from "./shape";

export type Leaf = { path: (string | number)[]; label: string; text: string; kind: "text" | "number" | "yes" };

/** `Acts 1 · Turning point`. */
function named(path: (string | number)[]): string {
  const parts: string[] = [];
  for (const step of path) {
    if (typeof step === "string") parts.push(label(step));
    else parts.push(`${parts.pop() ?? ""} ${step + 1}`.trim());
  }
  return parts.join(" · ");
}

export function leavesOf(value: Json, path: (string | number)[] = []): Leaf[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, n) => leavesOf(item, [...path, n]));
  if (typeof value === "object") return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
  const kind = typeof value === "number" ? "number" : typeof value === "boolean" ? "yes" : "text";
  return [{ path, label: named(path), text: String(value), kind }];
}

/** The value with one text changed. A number that is none any more is kept as it was. */
export function withLeaf(value: Json, [step, ...rest]: (string | number)[], text: string): Json {
  if (step === undefined) {
    if (typeof value === "number") return text.trim() === "" || Number.isNaN(Number(text)) ? value : Number(text);
    if (typeof value === "boolean") return text === "true";
    return text;
  }
  if (Array.isArray(value)) return value.map((item, n) => (n === step ? withLeaf(item, rest, text) : item));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, key === step ? withLeaf(inner, rest, text) : inner]));
  }
  return value;
}
