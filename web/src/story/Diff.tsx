import { useDeferredValue, useMemo } from "react";
import { t } from "@/texts";
import { changes, diffWords } from "./diff";

/** Two texts in one: what went is struck, what came is underlined. Not by colour alone. */
export function Diff({ before, after, label }: { before: string; after: string; label: string }) {
  const late = useDeferredValue(after);
  const pieces = useMemo(() => diffWords(before, late), [before, late]);
  const { added, removed } = changes(pieces);
  return (
    <section aria-label={label} className="flex flex-col gap-1">
      <p className="text-0 text-muted">{added + removed === 0 ? t.runs.diff.same : t.runs.diff.counts(added, removed)}</p>
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
    </section>
  );
}
