// What is different between two values, text by text.

import type { Json } from "@/bus";
import { leavesOf } from "./leaves";

export type LeafChange = { label: string; before: string; after: string };

/** The texts that differ, in the order of the newer value; those that went away come last. */
export function leafChanges(before: Json, after: Json): LeafChange[] {
  const old = new Map(leavesOf(before).map((leaf) => [leaf.label, leaf.text]));
  const now = leavesOf(after);
  const known = new Set(now.map((leaf) => leaf.label));
  const changed = now.flatMap(({ label, text }) => {
    const was = old.get(label) ?? "";
    return was === text ? [] : [{ label, before: was, after: text }];
  });
  const gone = [...old].filter(([label]) => !known.has(label)).map(([label, text]) => ({ label, before: text, after: "" }));
  return [...changed, ...gone];
}
