import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Columns2, Pause, Play, Repeat, Square, StepForward } from "lucide-react";
import { useMemo } from "react";
import { commandRun, type RunCommand } from "@/api/actions";
import * as queries from "@/api/queries";
import type { Run } from "@/api/types";
import { useWhyNot } from "@/bus";
import type { Command } from "@/commands/registry";
import { useCommands } from "@/commands/useCommands";
import { Button, Menu, tell } from "@/kit";
import { t } from "@/texts";
import { tRuns } from "@/texts/runs";
import { isOver } from "./order";

const words = tRuns.actions;
const SIZE = 14;

/** Pause, go on, one step, cancel; the rest in a menu. All of it is in the palette too. */
export function Actions({ run }: { run: Run }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const offline = useWhyNot();
  const { mutate, isPending, variables } = useMutation({
    mutationFn: (command: RunCommand) => commandRun(run.id, command),
    onSuccess: (_, command) => command === "cancel" && tell(words.cancelled),
    onSettled: () => client.invalidateQueries({ queryKey: queries.run(run.id).queryKey }),
  });
  const over = isOver(run);
  const stalled = run.status === "running" && !run.live;
  const canResume = run.status === "paused" || run.status === "failed" || stalled;
  const whyStep = offline ?? (run.status === "paused" ? undefined : over ? words.over : words.stepWhy);
  const whyCancel = offline ?? (over ? words.over : undefined);

  useCommands(
    useMemo<Command[]>(
      () => [
        canResume
          ? { id: "run.resume", name: words.resume, group: "act", keys: "p", icon: <Play size={SIZE} />, why: offline, run: () => mutate("resume") }
          : { id: "run.pause", name: words.pause, group: "act", keys: "p", icon: <Pause size={SIZE} />, why: offline ?? (over ? words.over : undefined), run: () => mutate("pause") },
        { id: "run.step", name: words.step, group: "act", keys: "s", icon: <StepForward size={SIZE} />, why: whyStep, run: () => mutate("step") },
        { id: "run.cancel", name: words.cancel, group: "act", icon: <Square size={SIZE} />, why: whyCancel, run: () => mutate("cancel") },
      ],
      [canResume, mutate, offline, over, whyCancel, whyStep],
    ),
  );
  const busy = (command: RunCommand) => isPending && variables === command;
  return (
    <div className="flex items-center gap-2">
      {canResume ? (
        <Button look="ink" icon={<Play size={SIZE} aria-hidden />} why={offline} busy={busy("resume")} onClick={() => mutate("resume")}>
          {words.resume}
        </Button>
      ) : (
        !over && (
          <Button icon={<Pause size={SIZE} aria-hidden />} why={offline} busy={busy("pause")} onClick={() => mutate("pause")}>
            {words.pause}
          </Button>
        )
      )}
      {run.status === "paused" && (
        <Button icon={<StepForward size={SIZE} aria-hidden />} why={whyStep} busy={busy("step")} onClick={() => mutate("step")}>
          {words.step}
        </Button>
      )}
      <Menu
        label={t.common.more}
        items={[
          {
            key: "again",
            name: words.again,
            icon: <Repeat size={SIZE} aria-hidden />,
            run: () => void navigate({ to: "/p/$project/start", params: { project: run.project }, search: { name: run.workflow, from: run.id } }),
          },
          {
            key: "compare",
            name: words.compare,
            icon: <Columns2 size={SIZE} aria-hidden />,
            run: () => void navigate({ to: "/p/$project/compare", params: { project: run.project }, search: { a: run.id } }),
          },
          { key: "cancel", name: words.cancel, icon: <Square size={SIZE} aria-hidden />, bad: true, why: whyCancel, run: () => mutate("cancel") },
        ]}
      />
    </div>
  );
}
