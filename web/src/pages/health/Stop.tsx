import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { OctagonX, Play } from "lucide-react";
import { useState } from "react";
import * as queries from "@/api/queries";
import { useWhyNot } from "@/bus";
import { Button, Dialog, State, tell } from "@/kit";
import { t } from "@/texts";
import { tHealth } from "@/texts/health";
import { start, stop } from "./queries";

const words = tHealth.stop;

/** The emergency stop, and the way back. Stopping is one press and one look at what it will do. */
export function Stop() {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const offline = useWhyNot();
  const { data } = useQuery(queries.overview());
  const stopped = data?.health.stopped === true;
  const working = data?.runs.filter((run) => run.status === "running").length ?? 0;
  const fresh = () => void client.invalidateQueries();
  const halt = useMutation({
    mutationFn: stop,
    onSuccess: () => {
      setAsking(false);
      tell(words.stopped);
      fresh();
    },
  });
  const allow = useMutation({
    mutationFn: start,
    onSuccess: () => {
      tell(words.allowed);
      fresh();
    },
  });
  return (
    <section className="flex flex-col items-start gap-2">
      <h2 className="text-2 font-semibold">{words.title}</h2>
      {stopped ? (
        <>
          <p className="flex flex-wrap items-center gap-3">
            <State status="warn" word={words.stopped} />
            <span className="text-muted">{words.stoppedAbout}</span>
          </p>
          <Button look="ink" icon={<Play size={16} aria-hidden />} why={offline} busy={allow.isPending} onClick={() => allow.mutate()}>
            {words.start}
          </Button>
        </>
      ) : (
        <>
          <p className="max-w-measure text-muted">{words.about}</p>
          <Button look="bad" icon={<OctagonX size={16} aria-hidden />} why={offline} onClick={() => setAsking(true)}>
            {words.button}
          </Button>
        </>
      )}
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={words.confirmTitle}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>{t.common.cancel}</Button>
            <Button look="bad" icon={<OctagonX size={16} aria-hidden />} why={offline} busy={halt.isPending} onClick={() => halt.mutate()}>
              {words.button}
            </Button>
          </>
        }
      >
        <p>{words.confirm(working)}</p>
      </Dialog>
    </section>
  );
}
