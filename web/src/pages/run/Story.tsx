import { memo, useRef } from "react";
import type { Run, Step } from "@/api/types";
import { Avatar, agentName, classes, Dots, Empty, State, VOICE_BORDER, voiceOf } from "@/kit";
import { Reading } from "@/story/Reading";
import { wordsIn } from "@/story/shape";
import { tRuns } from "@/texts/runs";
import { readable } from "./order";
import { useFollow } from "./useFollow";
import { useGrowing } from "./useGrowing";

const words = tRuns.story;

/** What the run has written and is writing, as pages to be read; in the margin, whose voice it is. */
export function Story({ run }: { run: Run }) {
  const steps = readable(run);
  const end = useRef<HTMLDivElement>(null);
  useFollow(end, run.status === "running");
  if (steps.length === 0) return <Empty>{words.opens}</Empty>;
  return (
    <div className="flex max-w-220 flex-col gap-10">
      {steps.map((step) => (
        <Passage key={step.id} run={run} step={step} />
      ))}
      <div ref={end} />
    </div>
  );
}

const Passage = memo(function Passage({ run, step }: { run: Run; step: Step }) {
  const { pieces, speaking } = useGrowing(run, step);
  const agent = step.agent ?? "";
  const n = pieces.reduce((sum, piece) => sum + wordsIn(piece.value), 0);
  const works = speaking || step.status === "running";
  return (
    <section aria-label={agentName(agent)} className="grid grid-cols-[1fr] gap-x-6 gap-y-2 desk:grid-cols-[9rem_1fr]">
      <header className={classes("flex items-center gap-2 self-start border-t-2 pt-2 desk:sticky desk:top-2 desk:flex-col desk:items-start", VOICE_BORDER[voiceOf(agent)])}>
        <Avatar agent={agent} speaking={speaking} large />
        <div className="min-w-0">
          <p className="truncate font-medium">{agentName(agent)}</p>
          <p className="text-0 text-muted">
            {works ? (
              <span className="inline-flex items-center gap-1.5">
                {n === 0 ? words.thinking : words.writing} <Dots />
              </span>
            ) : (
              <State status={step.status} />
            )}
          </p>
          {n > 0 && <p className="text-0 text-muted">{words.words(n)}</p>}
        </div>
      </header>
      <div className="min-w-0 border-t border-line pt-2">
        {pieces.length === 0 && <p className="py-1 text-2 text-muted">{step.error ? `${step.error.message}. ${step.error.hint ?? ""}` : works ? words.opens : words.nothing}</p>}
        {pieces.map((piece) => (
          <Reading
            key={piece.key}
            value={piece.value}
            level={pieces.length > 1 || piece.growing ? 3 : 2}
            growing={piece.growing}
            {...(piece.version !== undefined && { version: piece.version })}
          />
        ))}
      </div>
    </section>
  );
});
