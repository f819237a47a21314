import { useMutation } from "@tanstack/react-query";
import type { LinkProps } from "@tanstack/react-router";
import { CircleAlert, Hand, Pause, Unplug, X, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { commandRun } from "@/api/actions";
import { useWhyNot } from "@/bus";
import { Button, classes, LinkButton, tell, Time, Words, workflowName } from "@/kit";
import { tCenter } from "@/texts/center";
import { tFirst } from "@/texts/first";
import { tRuns } from "@/texts/runs";
import { bringBack, dismiss } from "./dismissed";
import type { Need } from "./needs";

const words = tCenter.needs;

const ICONS: Record<Need["kind"], { icon: LucideIcon; tone: string }> = {
  gate: { icon: Hand, tone: "text-warn" },
  failed: { icon: X, tone: "text-bad" },
  stalled: { icon: Unplug, tone: "text-warn" },
  paused: { icon: Pause, tone: "text-muted" },
  damaged: { icon: CircleAlert, tone: "text-bad" },
  missing: { icon: CircleAlert, tone: "text-bad" },
};

/** The one queue of what waits for the person. */
export function Needs({ needs }: { needs: readonly Need[] }) {
  if (needs.length === 0) return <p className="py-2 text-2 text-muted">{words.none}</p>;
  return (
    <ul className="flex flex-col">
      {needs.map((need) => (
        <li key={need.key} className="border-b border-line first:border-t">
          <Row need={need} />
        </li>
      ))}
    </ul>
  );
}

function Row({ need }: { need: Need }) {
  const { icon: Icon, tone } = ICONS[need.kind];
  const { where, what, to, act } = told(need);
  return (
    <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-1 py-2">
      <Icon size={16} aria-hidden className={classes("shrink-0", tone, need.kind === "gate" && "pulse-once rounded-full")} />
      <div className="min-w-0 flex-1 basis-60">
        <p className="truncate">
          <span className={classes("font-medium", tone)}>{words[need.kind]}</span>
          <span className="text-muted"> · {where}</span>
        </p>
        <p className="line-clamp-2 text-muted">
          <Words text={what} />
        </p>
      </div>
      {need.since && (
        <span className="text-0 text-muted">
          <Time at={need.since} />
        </span>
      )}
      <div className="flex items-center gap-2 max-desk:w-full max-desk:pl-8">
        {act}
        <LinkButton {...to} look={need.kind === "gate" ? "ink" : "plain"}>
          {need.kind === "gate" ? words.decide : need.kind === "missing" ? words.fix : words.look}
        </LinkButton>
      </div>
    </div>
  );
}

type Told = { where: string; what: string; to: LinkProps; act?: ReactNode };

function told(need: Need): Told {
  switch (need.kind) {
    case "gate": {
      const { gate } = need;
      return {
        where: `${gate.project_name} · ${workflowName(gate.workflow)}`,
        what: gate.prompt,
        to: { to: "/p/$project/runs/$run/gates/$gate", params: { project: gate.project, run: gate.run, gate: gate.id } },
      };
    }
    case "failed":
    case "stalled":
    case "paused": {
      const { run } = need;
      return {
        where: `${run.project_name} · ${workflowName(run.workflow)}`,
        what: run.error?.message ?? (need.kind === "stalled" ? tRuns.resumeHint : tCenter.work.steps(run.steps.done, run.steps.total)),
        to: { to: "/p/$project/runs/$run", params: { project: run.project, run: run.id } },
        act: (
          <>
            <Resume run={run.id} name={need.kind === "failed" ? words.again : words.resume} />
            {need.kind === "failed" && <Dismiss of={run.id} />}
          </>
        ),
      };
    }
    case "damaged":
      return { where: need.project.name, what: need.project.reason ?? "", to: { to: "/p/$project", params: { project: need.project.id } } };
    case "missing":
      return { where: tFirst.words[need.check.name] ?? need.check.name, what: need.check.fix || need.check.detail, to: { to: "/health-and-safety" } };
  }
}

function Resume({ run, name }: { run: string; name: string }) {
  const offline = useWhyNot();
  const resume = useMutation({ mutationFn: () => commandRun(run, "resume") });
  return (
    <Button why={offline} busy={resume.isPending} onClick={() => resume.mutate()}>
      {name}
    </Button>
  );
}

function Dismiss({ of }: { of: string }) {
  return (
    <Button
      look="quiet"
      iconOnly
      icon={<X size={14} aria-hidden />}
      onClick={() => {
        dismiss(of);
        tell(words.dismissed, { undo: () => bringBack(of) });
      }}
    >
      {words.dismiss}
    </Button>
  );
}
