import { memo, useRef } from "react";
import type { Run, Step } from "@/api/types";
import { useFlight, type Json } from "@/bus";
import { Avatar, agentName, classes, Dots, Empty, State, VOICE_BORDER, voiceOf } from "@/kit";
import { Reading } from "@/story/Reading";
import { wordsIn } from "@/story/shape";
import { tRuns } from "@/texts/runs";
import { readable } from "./order";
import { useFollow } from "./useFollow";

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
  const flight = useFlight(run.project, run.id, step.name);
  const agent = step.agent ?? "";
  const done = step.output !== null && step.output !== undefined;
  const speaking = !done && flight !== undefined && !flight.ended;
  const value = done ? (step.output as Json) : flight?.json.value;
  const status = speaking ? "running" : step.status;
  return (
    <section aria-label={agentName(agent)} className="grid grid-cols-[1fr] gap-x-6 gap-y-2 desk:grid-cols-[9rem_1fr]">
      <header className={classes("flex items-center gap-2 self-start border-t-2 pt-2 desk:sticky desk:top-2 desk:flex-col desk:items-start", VOICE_BORDER[voiceOf(agent)])}>
        <Avatar agent={agent} speaking={speaking} large />
        <div className="min-w-0">
          <p className="truncate font-medium">{agentName(agent)}</p>
          <p className="text-0 text-muted">
            {speaking ? (
              <span className="inline-flex items-center gap-1.5">
                {value === undefined ? words.thinking : words.writing} <Dots />
              </span>
            ) : (
              <State status={status} />
            )}
          </p>
          {value !== undefined && <p className="text-0 text-muted">{words.words(wordsIn(value))}</p>}
        </div>
      </header>
      <div className="min-w-0 border-t border-line pt-2">
        {value === undefined ? (
          <p className="py-1 text-2 text-muted">{step.error ? `${step.error.message}. ${step.error.hint ?? ""}` : speaking ? words.opens : words.toCome}</p>
        ) : (
          <Reading value={value} growing={speaking} {...(!done && flight && { version: flight.json.version })} />
        )}
      </div>
    </section>
  );
});
