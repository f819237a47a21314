import { Download } from "lucide-react";
import { useRef, useState } from "react";
import { fetchEvents } from "@/bus/mount";
import type { Row } from "@/bus/rows";
import { useWhyNot } from "@/bus";
import { Button, tell } from "@/kit";
import { Problem } from "@/api/problem";
import { t } from "@/texts";
import { tStream } from "@/texts/stream";

const PAGE = 1_000;

/** Saves the rows that fit, with everything the log has of them, one event a line. */
export function ExportRows({ project, rows }: { project: string; rows: readonly Row[] }) {
  const [percent, setPercent] = useState<number>();
  const stop = useRef(false);
  const offline = useWhyNot();
  const why = offline ?? (rows.length === 0 ? tStream.filter.nothing : undefined);
  const save = async () => {
    stop.current = false;
    setPercent(0);
    try {
      const lines = await read(project, rows, setPercent, () => stop.current);
      if (lines) offer(new Blob(lines, { type: "application/jsonl" }), `${project}.jsonl`);
    } catch (error) {
      const problem = Problem.of(error);
      tell([problem.title, problem.hint].filter(Boolean).join(". "), { tone: "bad" });
    } finally {
      setPercent(undefined);
    }
  };
  if (percent !== undefined)
    return (
      <Button small onClick={() => void (stop.current = true)}>
        {tStream.exporting(percent)} · {t.common.cancel}
      </Button>
    );
  return (
    <Button look="quiet" iconOnly icon={<Download size={16} aria-hidden />} why={why} onClick={() => void save()}>
      {tStream.export}
    </Button>
  );
}

async function read(project: string, rows: readonly Row[], told: (percent: number) => void, stopped: () => boolean) {
  const wanted = new Set(rows.map((row) => row.seq));
  const [first, last] = [rows[0]?.seq ?? 1, rows.at(-1)?.seq ?? 0];
  const lines: string[] = [];
  let since = first - 1;
  while (since < last) {
    if (stopped()) return undefined;
    const page = await fetchEvents(project, { since, limit: PAGE, texts: "inline" });
    for (const event of page.items) if (wanted.has(event.seq)) lines.push(`${JSON.stringify(event)}\n`);
    const reached = page.items.at(-1)?.seq;
    if (reached === undefined) break;
    since = reached;
    told(Math.min(100, Math.round(((since - first + 1) / (last - first + 1)) * 100)));
  }
  return lines;
}

function offer(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has begun to read it by the next turn; later is soon enough to let go.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
