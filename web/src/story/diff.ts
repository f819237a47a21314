// What changed between two texts, word by word.

import { diffWordsWithSpace } from "diff";

export type Piece = { kind: "same" | "added" | "removed"; text: string };

/** Beyond this a word diff is too slow to be drawn while typing. */
const MOST = 60_000;

export function diffWords(before: string, after: string): Piece[] {
  if (before === after) return before ? [{ kind: "same", text: before }] : [];
  if (before.length + after.length > MOST) {
    const whole: Piece[] = [
      { kind: "removed", text: before },
      { kind: "added", text: after },
    ];
    return whole.filter((piece) => piece.text);
  }
  return diffWordsWithSpace(before, after).map((part) => ({
    kind: part.added ? "added" : part.removed ? "removed" : "same",
    text: part.value,
  }));
}

/** How many words came and went. */
export function changes(pieces: readonly Piece[]): { added: number; removed: number } {
  const words = (kind: Piece["kind"]) =>
    pieces.filter((piece) => piece.kind === kind).reduce((sum, piece) => sum + piece.text.split(/\s+/).filter(Boolean).length, 0);
  return { added: words("added"), removed: words("removed") };
}
