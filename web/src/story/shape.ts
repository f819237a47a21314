// How a value reads: which field is the heading, which is the text, what is said with its name before it.

import type { Json } from "@/bus";

export type Part =
  | { kind: "text"; label: string | null; text: string }
  | { kind: "words"; label: string | null; items: string[] }
  | { kind: "list"; label: string | null; items: string[] }
  | { kind: "sections"; label: string | null; items: Section[] };

export type Section = { heading: string | null; sub: string | null; parts: Part[] };

const HEADINGS = ["title", "name", "heading"];
const SUBS = ["role", "kind", "type"];
/** Fields whose text speaks for itself. */
const PLAIN = new Set(["logline", "summary", "description", "setting", "text", "body", "prose", "premise"]);
/** Lists of a few words that stand in one line. */
const FEW_WORDS = 28;

/** A value as sections to be read; what has not come yet is not there yet. */
export function sectionOf(value: Json | undefined): Section {
  if (value === undefined || value === null) return { heading: null, sub: null, parts: [] };
  if (typeof value !== "object") return { heading: null, sub: null, parts: [{ kind: "text", label: null, text: String(value) }] };
  if (Array.isArray(value)) return { heading: null, sub: null, parts: listParts(null, value) };
  const headed = HEADINGS.find((key) => typeof value[key] === "string");
  const sub = SUBS.find((key) => typeof value[key] === "string" && headed !== undefined);
  const rest = Object.entries(value).filter(([key]) => key !== headed && key !== sub);
  // What speaks for itself comes first, lists of things last, whatever order the model chose.
  const ordered = rest.toSorted(([a, x], [b, y]) => weight(a, x) - weight(b, y));
  return {
    heading: headed ? String(value[headed]) : null,
    sub: sub ? String(value[sub]) : null,
    parts: ordered.flatMap(([key, inner]) => partsOf(key, inner)),
  };
}

function weight(key: string, value: Json): number {
  if (PLAIN.has(key)) return 0;
  return isList(value) ? 2 : 1;
}

function partsOf(key: string, value: Json): Part[] {
  if (value === null) return [];
  if (Array.isArray(value)) return listParts(key, value);
  if (typeof value === "object") {
    const inner = sectionOf(value);
    if (inner.parts.length === 0 && !inner.heading) return [];
    return [{ kind: "sections", label: null, items: [{ ...inner, heading: inner.heading ?? label(key) }] }];
  }
  const text = said(value);
  if (text === "") return [];
  return [{ kind: "text", label: PLAIN.has(key) ? null : label(key), text }];
}

function listParts(key: string | null, items: Json[]): Part[] {
  if (items.length === 0) return [];
  const name = key === null ? null : label(key);
  if (items.every((item) => item === null || typeof item !== "object")) {
    const texts = items.filter((item) => item !== null && item !== "").map(said);
    if (texts.length === 0) return [];
    const short = texts.every((text) => text.length <= FEW_WORDS);
    return [{ kind: short ? "words" : "list", label: name, items: texts }];
  }
  return [{ kind: "sections", label: name, items: items.map(sectionOf) }];
}

function isList(value: Json): boolean {
  return Array.isArray(value) && value.some((item) => typeof item === "object" && item !== null);
}

function said(value: Json): string {
  if (value === true) return "yes";
  if (value === false) return "no";
  return typeof value === "string" ? value : String(value);
}

/** `turning_point` → `Turning point`. */
export function label(key: string): string {
  const words = key.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The number of words in all texts. */
export function wordsIn(value: Json | undefined): number {
  if (typeof value === "string") return value.split(/\s+/).filter(Boolean).length;
  if (value === null || typeof value !== "object") return 0;
  return Object.values(value).reduce<number>((sum, inner) => sum + wordsIn(inner as Json), 0);
}
