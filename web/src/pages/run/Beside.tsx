import { Link } from "@tanstack/react-router";
import type { Run, Step } from "@/api/types";
import { useFlights } from "@/bus";
import { Agent, Dots, State } from "@/kit";
import { label } from "@/story/shape";
import { tRuns } from "@/texts/runs";
import { Knows } from "./Knows";
import { Say } from "./Say";

/**
 * Beside a run: its steps with whose they are and how they stand, or what one of them was given to know; and a place to
 * speak to the crew.
 */
export function Beside({ run, knows }: { run: Run; knows?: Step | undefined }) {
  const flights = useFlights(run.project);
  const speaking = new Set(flights.filter((flight) => flight.run === run.id && !flight.ended).map((flight) => flight.path));
  return (
    <>
      <div className="min-h-0 flex-1 overflow-y-auto p-3">{knows ? <Knows run={run} step={knows} /> : <StepList run={run} speaking={speaking} />}</div>
      <Say run={run} />
    </>
  );
}

function StepList({ run, speaking }: { run: Run; speaking: ReadonlySet<string> }) {
  return (
      <section aria-label={tRuns.steps.label}>
        <h2 className="px-1 pb-2 font-medium">{tRuns.views.steps}</h2>
        <ol>
          {run.steps.map((step) => (
            <li key={step.id}>
              <Link
                to="/p/$project/runs/$run"
                params={{ project: run.project, run: run.id }}
                search={{ view: "steps", step: step.name }}
                className="flex min-h-9 items-center gap-2 rounded-control px-1 hover:bg-ink/8"
              >
                <span className="min-w-0 flex-1">{step.agent ? <Agent agent={step.agent} speaking={speaking.has(step.name)} /> : <span className="block truncate pl-8">{label(step.name)}</span>}</span>
                {speaking.has(step.name) ? <Dots /> : <State status={step.status} quiet />}
              </Link>
            </li>
          ))}
        </ol>
      </section>
  );
}
