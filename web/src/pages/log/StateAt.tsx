import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, Copy } from "lucide-react";
import { http, path } from "@/api/http";
import type { Json } from "@/bus";
import { Button, Failed, Loading, tell } from "@/kit";
import { t } from "@/texts";
import { tLog } from "@/texts/log";
import { Tree } from "./Tree";

const words = tLog;

/** The project as it was after a row. */
export function StateAt({ project, seq, onClose }: { project: string; seq: number; onClose: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["state", project, seq],
    queryFn: ({ signal }) => http.get<Json>(path`/projects/${project}/state`, { at: seq }, signal),
  });
  return (
    <div className="flex flex-col gap-4 px-4 py-4 wide:px-6">
      <div className="flex flex-wrap items-center gap-2">
        <Button icon={<ArrowLeft size={16} aria-hidden />} onClick={onClose}>
          {words.stateClose}
        </Button>
        {data !== undefined && (
          <Button
            look="quiet"
            icon={<Copy size={16} aria-hidden />}
            onClick={() => void navigator.clipboard.writeText(JSON.stringify(data, null, 2)).then(() => tell(t.common.copied))}
          >
            {words.stateCopy}
          </Button>
        )}
      </div>
      <header>
        <h1 className="text-4 font-semibold">{words.stateAt(seq)}</h1>
        <p className="text-muted">{words.stateHint}</p>
      </header>
      {error && <Failed error={error} retry={() => void refetch()} />}
      {data === undefined && !error && <Loading what={words.stateReading} rows={8} />}
      {data !== undefined && <Tree value={data} />}
    </div>
  );
}
