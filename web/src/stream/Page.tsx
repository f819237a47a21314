import { ChevronsDown, Pause } from "lucide-react";
import type { ReactNode } from "react";
import { Button, Failed, Loading } from "@/kit";
import { tStream } from "@/texts/stream";
import type { Rows } from "./useRows";

/** Holds the end of a list, or lets it go. */
export function FollowButton({ follow, onFollow }: { follow: boolean; onFollow: (follow: boolean) => void }) {
  const icon = follow ? <Pause size={16} aria-hidden /> : <ChevronsDown size={16} aria-hidden />;
  return (
    <Button look="quiet" icon={icon} aria-pressed={follow} onClick={() => onFollow(!follow)}>
      {follow ? tStream.following : tStream.follow}
    </Button>
  );
}

/** The states of a page of rows: unreadable, first load, nothing there or nothing that fits, and the rows. */
export function RowsOr({ title, found, nothing, children }: { title: string; found: Rows; nothing: ReactNode; children: ReactNode }) {
  const { log, rows } = found;
  if (log.rows.length === 0 && log.status.state === "loading") return <div className="p-3"><Loading what={title} rows={8} /></div>;
  if (log.status.state === "error") return <div className="p-4"><Failed error={log.status.error} retry={() => void log.load()} /></div>;
  return rows.length === 0 ? <div className="flex-1 px-4">{nothing}</div> : children;
}
