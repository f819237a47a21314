import { CircleAlert, CircleCheck, OctagonX } from "lucide-react";
import { memo } from "react";
import type { Hearing } from "@/bus/project-log";
import type { Row, Tone } from "@/bus/rows";
import { oneLine } from "@/bus/rows";
import { Avatar, exact } from "@/kit";
import { tStream } from "@/texts/stream";
import { useText } from "./text";
import { clock, kindWord, who } from "./words";

export type RowContext = {
  project: string;
  /** Who was given which message. */
  heard: ReadonlyMap<string, readonly Hearing[]>;
  /** Shows the number of each row. */
  numbered?: boolean;
};

const ICONS = {
  plain: null,
  good: <CircleCheck size={14} aria-hidden className="text-ok" />,
  warn: <CircleAlert size={14} aria-hidden className="text-warn" />,
  bad: <OctagonX size={14} aria-hidden className="text-bad" />,
} satisfies Record<Tone, unknown>;

/** One row: when, who, what they did, the words. On narrow windows in two lines. */
export const RowLine = memo(function RowLine({ row, project, heard, numbered }: RowContext & { row: Row }) {
  return (
    <div className="grid h-full grid-cols-[auto_1fr_auto] content-center items-center gap-x-3 max-desk:border-b max-desk:border-line desk:grid-cols-[auto_11rem_1fr_auto]">
      <span className="flex items-baseline gap-2 font-mono text-0 text-muted tabular-nums">
        {numbered && <span className="min-w-10 text-right">{row.seq}</span>}
        <time dateTime={row.at} title={exact(row.at)}>
          {clock(row.at)}
        </time>
      </span>
      <span className="flex min-w-0 items-center gap-2">
        <Who row={row} />
        <span className="truncate">
          <span className="font-medium">{who(row.from)}</span>
          {row.to && <span className="text-muted"> → {who(row.to)}</span>}
        </span>
      </span>
      <span className="truncate max-desk:order-last max-desk:col-span-3">
        <Words row={row} project={project} />
        {row.kind === "message.sent" && <Heard by={heard.get(row.id)} />}
      </span>
      <span className="flex items-center gap-1.5 text-0 text-muted">
        {row.step && <span className="max-w-40 truncate font-mono max-wide:hidden">{row.step}</span>}
        <span className="whitespace-nowrap">{kindWord(row.kind)}</span>
        {ICONS[row.tone]}
        {row.tone !== "plain" && <span className="sr-only">{tStream.tones[row.tone]}</span>}
      </span>
    </div>
  );
});

function Who({ row }: { row: Row }) {
  if (row.actor === "agent") return <Avatar agent={row.from} />;
  if (row.actor === "human") return <Avatar agent={null} />;
  return <span aria-hidden className="inline-grid size-6 shrink-0 place-items-center text-muted">·</span>;
}

function Words({ row, project }: { row: Row; project: string }) {
  const { data } = useText(project, row.blob, 120);
  return <>{row.text || (data === undefined ? (row.blob ? "…" : "") : oneLine(data))}</>;
}

/** Which agents have been given what a person said, and at which step. */
function Heard({ by }: { by: readonly Hearing[] | undefined }) {
  const words = by?.map((each) => tStream.heardBy(who(each.agent), each.step)).join(", ");
  return <span className="ml-2 text-0 text-muted">{words ?? tStream.notHeard}</span>;
}
