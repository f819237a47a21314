import { useMemo } from "react";
import type { Gate } from "@/api/types";
import type { Json } from "@/bus";
import { useDraft } from "@/drafts/useDraft";

/** The person's version of what is proposed: a draft, until it is approved or given up. */
export function useMine(gate: Gate): { mine: Json; changed: boolean; set: (to: Json) => void; clear: () => void } {
  const [text, setText] = useDraft(`gate.${gate.id}.mine`);
  const theirs = gate.output as Json;
  const mine = useMemo<Json>(() => {
    if (!text) return theirs;
    try {
      return JSON.parse(text) as Json;
    } catch {
      return theirs;
    }
  }, [text, theirs]);
  const changed = JSON.stringify(mine) !== JSON.stringify(theirs);
  return { mine, changed, set: (to) => setText(JSON.stringify(to)), clear: () => setText("") };
}
