import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import { rewindRun } from "@/api/actions";
import { faultProblem } from "@/api/problem";
import * as queries from "@/api/queries";
import type { Run, Step } from "@/api/types";
import { type Json, useFlight, useWhyNot } from "@/bus";
import { Agent, Button, classes, Empty, Failed, Fold, money, State, tell } from "@/kit";
import { useSize } from "@/shell/media";
import { Reading } from "@/story/Reading";
import { label } from "@/story/shape";
import { t } from "@/texts";
import { tRuns } from "@/texts/runs";
import { chosenStep } from "./order";
import { ReceiptTable } from "./Receipts";
import { route } from "./route";

const words = tRuns.steps;

/** Each step with what it was given and what it gave. */
export function Steps({ run }: { run: Run }) {
  const { step: name } = route.useSearch();
  const phone = useSize() === "phone";
  const step = phone && !name ? undefined : chosenStep(run, name);
  if (run.steps.length === 0) return <Empty>{words.empty}</Empty>;
  return (
    <div className="grid gap-6 desk:grid-cols-[minmax(200px,260px)_1fr]">
      <ol aria-label={words.label} className={classes("flex flex-col gap-0.5 self-start", phone && step && "hidden")}>
        {run.steps.map((each) => (
          <li key={each.id}>
            <Link
              to="."
              search={(old: object) => ({ ...old, step: each.name })}
              aria-current={each === step ? "true" : undefined}
              className="flex min-h-10 items-center gap-2 rounded-control px-2 hover:bg-ink/8 aria-[current=true]:bg-ink/10"
            >
              <span className="min-w-0 flex-1">
                {each.agent ? <Agent agent={each.agent} /> : null}
                <span className={classes("block truncate", each.agent ? "pl-8 text-0 text-muted" : "pl-8 font-medium")}>{label(each.name)}</span>
              </span>
              <State status={each.status} quiet />
            </Link>
          </li>
        ))}
      </ol>
      {step ? <Detail run={run} step={step} /> : !phone && <Empty>{words.choose}</Empty>}
    </div>
  );
}

function Detail({ run, step }: { run: Run; step: Step }) {
  const flight = useFlight(run.project, run.id, step.name);
  const client = useQueryClient();
  const offline = useWhyNot();
  const rewind = useMutation({
    mutationFn: () => rewindRun(run.id, step.name),
    onSuccess: () => tell(tRuns.actions.rewound(step.name)),
    onSettled: () => client.invalidateQueries({ queryKey: queries.run(run.id).queryKey }),
  });
  const value = (step.output ?? flight?.json.value) as Json | undefined;
  const receipts = run.receipts.filter((receipt) => receipt.step === step.name);
  return (
    <article className="flex min-w-0 flex-col gap-6">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 className="min-w-0 truncate text-4 font-semibold">{label(step.name)}</h2>
        <State status={flight && !flight.ended ? "running" : step.status} />
        <span className="text-muted">
          {step.kind} · {t.common.tokens(step.usage.input_tokens + step.usage.output_tokens)} · {money(step.usage.cost)}
          {step.rounds ? ` · ${words.rounds(step.rounds)}` : ""}
        </span>
        <Button small className="ml-auto" icon={<RotateCcw size={14} aria-hidden />} why={offline} busy={rewind.isPending} onClick={() => rewind.mutate()} title={tRuns.actions.rewindHint}>
          {tRuns.actions.rewind}
        </Button>
      </header>
      {step.error && <Failed error={faultProblem(step.error)} />}
      {step.findings.length > 0 && (
        <section className="flex flex-col gap-1">
          <h3 className="font-medium">{words.findings}</h3>
          <ul className="list-disc pl-5 text-2">
            {step.findings.map((finding) => (
              <li key={finding}>{finding}</li>
            ))}
          </ul>
        </section>
      )}
      <section className="flex flex-col gap-2">
        <h3 className="font-medium">{words.output}</h3>
        {value === undefined || value === null ? (
          <p className="text-2 text-muted">{words.none}</p>
        ) : (
          <Reading value={value} level={4} growing={flight !== undefined && !flight.ended} {...(flight && !step.output ? { version: flight.json.version } : {})} />
        )}
        {step.output !== undefined && step.output !== null && <Exact value={step.output} />}
      </section>
      {step.input !== undefined && step.input !== null && (
        <section className="flex flex-col gap-2">
          <h3 className="font-medium">{words.input}</h3>
          <Exact value={step.input} />
        </section>
      )}
      {step.attempts.length > 0 && (
        <section className="flex flex-col gap-2">
          <h3 className="font-medium">{words.attempts}</h3>
          <ul>
            {step.attempts.map((attempt) => (
              <li key={`${attempt.number}.${attempt.call}`} className="flex flex-wrap items-center gap-x-4 border-b border-line py-1.5">
                <span>{words.attempt(attempt.number)}</span>
                <State status={attempt.status === "finished" ? "done" : attempt.status === "requested" ? "running" : attempt.status} />
                <span className="min-w-0 flex-1 truncate font-mono text-0 text-muted">{attempt.model}</span>
                <span className="text-0 text-muted">{attempt.level}</span>
                {attempt.error && <span className="w-full text-bad">{attempt.error.message}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {receipts.length > 0 && (
        <section className="flex flex-col gap-2">
          <h3 className="font-medium">{tRuns.views.receipts}</h3>
          <ReceiptTable run={run} receipts={receipts} />
        </section>
      )}
    </article>
  );
}

/** The value as it is stored, for those who want to see it so. */
export function Exact({ value }: { value: unknown }) {
  return (
    <Fold quiet title={words.exact}>
      <pre tabIndex={0} className="max-h-120 overflow-auto rounded-control border border-line bg-pane p-3 font-mono text-0 whitespace-pre-wrap">
        {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
      </pre>
    </Fold>
  );
}
