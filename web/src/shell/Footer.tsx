import { useMutation, useMutationState, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Hand, OctagonX, Wifi, WifiOff } from "lucide-react";
import { startAll, stopAll } from "@/api/actions";
import * as queries from "@/api/queries";
import { SAVES } from "@/api/saves";
import { useConnection } from "@/bus";
import { classes, exact, money, Tooltip } from "@/kit";
import { tell } from "@/kit/toasts";
import { t } from "@/texts";

const words = t.shell.footer;

/** The instrument strip: always there, always in this order. */
export function Footer() {
  const { data } = useQuery(queries.overview());
  const running = data?.runs.filter((run) => run.status === "running" && run.live).length ?? 0;
  const waiting = data?.gates.length ?? 0;
  return (
    <footer
      aria-label={t.shell.strip}
      className="flex h-7 shrink-0 items-center gap-5 overflow-x-auto overflow-y-hidden border-t border-line bg-pane px-3 text-0 whitespace-nowrap text-muted"
    >
      <Live />
      {data && (
        <>
          <Link to="/" hash="runs" className="hover:text-ink">
            {words.running(running)}
          </Link>
          <Link to="/" hash="needs-you" className={classes("inline-flex items-center gap-1.5 hover:text-ink", waiting > 0 && "text-warn")}>
            {waiting > 0 && <Hand size={12} aria-hidden />}
            {words.waiting(waiting)}
          </Link>
          <span className="max-desk:hidden">{words.today(money(data.usage.today.cost))}</span>
        </>
      )}
      <Saves />
      {data && <Stop running={running} stopped={data.health.stopped ?? false} />}
    </footer>
  );
}

function Live() {
  const { state, at } = useConnection();
  const bad = state === "offline" || state === "reconnecting" || state === "locked";
  const Icon = bad ? WifiOff : Wifi;
  return (
    <Tooltip text={words.since(exact(new Date(at).toISOString()))}>
      <span className={classes("inline-flex items-center gap-1.5", bad && "text-warn")}>
        <Icon size={12} aria-hidden />
        {words.states[state]}
      </span>
    </Tooltip>
  );
}

/** Whether what was typed has reached the studio. */
function Saves() {
  const saves = useMutationState({
    filters: { mutationKey: SAVES },
    select: (mutation) => ({ what: String(mutation.options.mutationKey?.join("/")), status: mutation.state.status }),
  });
  const last = new Map(saves.map(({ what, status }) => [what, status]));
  const left = [...last.values()];
  const failed = left.filter((status) => status === "error").length;
  if (left.length === 0) return null;
  return <span className={failed ? "text-warn" : undefined}>{failed ? words.kept(failed) : left.includes("pending") ? words.saving : words.saved}</span>;
}

/** Stops everything that works, or lets it work again. In reach wherever somebody is. */
function Stop({ running, stopped }: { running: number; stopped: boolean }) {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: queries.overview().queryKey });
  const start = useMutation({ mutationFn: startAll, onSuccess: () => tell(t.shell.stop.started), onSettled });
  const stop = useMutation({ mutationFn: stopAll, onSuccess: () => tell(t.shell.stop.done, { undo: () => start.mutate() }), onSettled });
  if (stopped)
    return (
      <span className="ml-auto inline-flex items-center gap-3 text-bad">
        {words.stopped}
        <button type="button" onClick={() => start.mutate()} className="text-ink underline underline-offset-2 -outline-offset-2">
          {t.shell.stop.start}
        </button>
      </span>
    );
  if (running === 0) return null;
  return (
    <button type="button" onClick={() => stop.mutate()} className="sticky right-0 ml-auto inline-flex h-6 items-center gap-1.5 bg-pane pl-2 text-bad hover:underline -outline-offset-2">
      <OctagonX size={12} aria-hidden />
      {t.shell.stop.all}
    </button>
  );
}
