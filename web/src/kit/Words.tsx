import { Fragment } from "react";

/** A sentence of the studio. What stands between backticks is something to type. */
export function Words({ text }: { text: string }) {
  return text.split(/(`[^`]+`)/).map((piece, n) =>
    piece.startsWith("`") && piece.length > 2 ? (
      <code key={n} className="rounded bg-ink/8 px-1 font-mono text-[0.9em]">
        {piece.slice(1, -1)}
      </code>
    ) : (
      <Fragment key={n}>{piece}</Fragment>
    ),
  );
}
