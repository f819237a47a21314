import { useDeferredValue, useMemo } from "react";
import type { Json } from "@/bus";
import { tRuns } from "@/texts/runs";
import { changes, diffWords, type Piece } from "./diff";
import { leafChanges } from "./leaf-diff";

/** What is different between two values: each text that differs, in words. What is the same is left out. */
export function Diff({ before, after, label }: { before: Json; after: Json; label: string }) {
  const late = useDeferredValue(after);
  const parts = useMemo(() => leafChanges(before, late).map((change) => ({ ...change, pieces: diffWords(change.before, change.after) })), [before, late]);
  const { added, removed } = changes(parts.flatMap((part) => part.pieces));
  return (
    <section aria-label={label} className="flex flex-col gap-3">
      <p className="text-muted">{added + removed === 0 ? tRuns.diff.same : tRuns.diff.counts(added, removed)}</p>
      {parts.map((part) => (
        <div key={part.label} className="grid gap-x-6 desk:grid-cols-[11rem_1fr]">
          <p className="pt-1 text-muted">{part.label}</p>
          <Words pieces={part.pieces} />
        </div>
      ))}
    </section>
  );
}

/** Two texts in one: what went is struck, what came is underlined. Not by colour alone. */
function Words({ pieces }: { pieces: readonly Piece[] }) {
  return (
    <div className="manuscript text-2 leading-7 break-words whitespace-pre-wrap">
      {pieces.map((piece, n) =>
        piece.kind === "same" ? (
          <span key={n}>{piece.text}</span>
        ) : piece.kind === "added" ? (
          <ins key={n} className="bg-ok/14 decoration-ok decoration-2 underline-offset-4">
            {piece.text}
          </ins>
        ) : (
          <del key={n} className="bg-bad/12 text-muted decoration-bad">
            {piece.text}
          </del>
        ),
      )}
    </div>
  );
}
