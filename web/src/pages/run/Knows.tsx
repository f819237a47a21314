import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, Minus } from "lucide-react";
import * as queries from "@/api/queries";
import type { Run, Step } from "@/api/types";
import { Agent, count, Failed, Loading } from "@/kit";
import { tRuns } from "@/texts/runs";

const words = tRuns.knows;

/** What the agent of a step was given to know in its last call, and what was left out. */
export function Knows({ run, step }: { run: Run; step: Step }) {
  const last = run.receipts.findLast((each) => each.step === step.name);
  const { data: receipt, error, refetch } = useQuery({ ...queries.receipt(run.id, last?.id ?? ""), enabled: last !== undefined });
  const context = receipt?.context ?? [];
  return (
    <section aria-label={words.title} className="flex flex-col gap-2">
      <h2 className="font-medium">{words.title}</h2>
      {step.agent && <Agent agent={step.agent} />}
      {error && <Failed error={error} retry={() => void refetch()} />}
      {last && !receipt && !error ? (
        <Loading what={words.title} />
      ) : context.length === 0 ? (
        <p className="text-muted">{receipt ? tRuns.receipts.contextEmpty : step.agent ? words.none : words.asksNobody}</p>
      ) : (
        <ul>
          {context.map((candidate, n) => (
            <li key={n} className="flex gap-2 border-b border-line py-1.5">
              {candidate.included ? <Check size={14} aria-hidden className="mt-0.5 shrink-0 text-ok" /> : <Minus size={14} aria-hidden className="mt-0.5 shrink-0 text-muted" />}
              <span className="min-w-0 flex-1">
                <span className="sr-only">{candidate.included ? tRuns.receipts.included : tRuns.receipts.left}: </span>
                <span className={candidate.included ? "break-words" : "break-words text-muted"}>{candidate.title}</span>
                <span className="block text-0 text-muted">{candidate.reason}</span>
              </span>
              <span className="text-0 text-muted">{count(candidate.tokens)}</span>
            </li>
          ))}
        </ul>
      )}
      {receipt && (
        <Link
          to="/p/$project/runs/$run"
          params={{ project: run.project, run: run.id }}
          search={{ view: "receipts", receipt: receipt.id }}
          className="self-start py-1 underline underline-offset-4"
        >
          {words.receipt}
        </Link>
      )}
    </section>
  );
}
