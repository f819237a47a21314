import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, Hand } from "lucide-react";
import * as queries from "@/api/queries";
import type { Gate, Run } from "@/api/types";
import { useFlight, type Json } from "@/bus";
import { Agent, Failed, Loading, Pill, workflowName } from "@/kit";
import { NotFound } from "@/shell/Lost";
import { Aside } from "@/shell/Aside";
import { Reading } from "@/story/Reading";
import { t } from "@/texts";
import { tRuns } from "@/texts/runs";
import { Beside } from "../run/Beside";
import { Deciding } from "./Deciding";
import { route } from "./route";

const words = tRuns.gates;

/** A decision: what is proposed, why it waits, what was said about it, and the nine ways to answer. */
export function GatePage() {
  const { run: id, gate: gateId } = route.useParams();
  const { data: run, error, refetch } = useQuery(queries.run(id));
  if (!run) return <div className="p-6"><h1 className="sr-only">{words.title}</h1>{error ? <Failed error={error} retry={() => void refetch()} /> : <Loading what={words.title} rows={8} />}</div>;
  const gate = run.gates.find((each) => each.id === gateId);
  if (!gate) return <NotFound />;
  return <Shown run={run} gate={gate} />;
}

function Shown({ run, gate }: { run: Run; gate: Gate }) {
  const step = run.steps.find((each) => each.name === gate.step);
  const flight = useFlight(run.project, run.id, gate.step);
  const answering = flight !== undefined && !flight.ended;
  const open = gate.status === "open";
  return (
    <div className="mx-auto flex max-w-220 flex-col gap-6 px-4 py-6 desk:px-6">
      <Link to="/p/$project/runs/$run" params={{ project: run.project, run: run.id }} className="inline-flex items-center gap-1.5 self-start text-muted hover:text-ink">
        <ArrowLeft size={14} aria-hidden /> {words.back}
      </Link>
      <header className="flex flex-col gap-3">
        <p className="flex flex-wrap items-center gap-3 text-muted">
          {open ? (
            <span className="inline-flex items-center gap-1.5 text-warn">
              <Hand size={14} aria-hidden /> {words.open}
            </span>
          ) : (
            <Pill>{words.decided(gate.decision ? (words.actions[gate.decision as "approve"] ?? gate.decision) : t.common.unknown)}</Pill>
          )}
          <span>
            {workflowName(run.workflow)} · {gate.step}
          </span>
          {step?.agent && <Agent agent={step.agent} speaking={answering} />}
          {gate.model && <span className="font-mono text-0">{gate.model}</span>}
        </p>
        <h1 className="text-4 font-semibold text-pretty">{gate.prompt || words.title}</h1>
      </header>
      {gate.findings.length > 0 && (
        <section className="flex flex-col gap-1 rounded-control border border-dashed border-warn p-3">
          <h2 className="font-medium">{words.findings}</h2>
          <ul className="list-disc pl-5 text-2">
            {gate.findings.map((finding) => (
              <li key={finding}>{finding}</li>
            ))}
          </ul>
        </section>
      )}
      {gate.turns.length > 0 && (
        <section className="flex flex-col gap-2">
          <h2 className="font-medium">{words.talk}</h2>
          <ol className="flex flex-col gap-2">
            {gate.turns.map((turn, n) => (
              <li key={n} className="border-l-2 border-strong pl-3 text-2 break-words whitespace-pre-wrap">
                {turn.text}
              </li>
            ))}
          </ol>
        </section>
      )}
      {answering && (
        <section className="flex flex-col gap-2" aria-label={words.proposed}>
          <Reading value={flight.json.value} version={flight.json.version} level={3} growing />
        </section>
      )}
      {open ? (
        <Deciding key={`${gate.id}.${gate.turns.length}`} run={run} gate={gate} />
      ) : (
        <section className="flex flex-col gap-3">
          <p className="text-muted">{words.gone}</p>
          <Reading value={gate.output as Json} level={3} />
        </section>
      )}
      <Aside title={t.shell.context}>
        <Beside run={run} />
      </Aside>
    </div>
  );
}
