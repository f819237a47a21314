import { ArrowDown } from "lucide-react";
import { useCallback, useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import type { Row } from "@/bus/rows";
import { Button, classes } from "@/kit";
import { useSize } from "@/shell/media";
import { tStream } from "@/texts/stream";
import { RowLine, type RowContext } from "./RowLine";
import { atEnd, visible, type Span } from "./window";

type RowListProps = RowContext & {
  rows: readonly Row[];
  label: string;
  /** The row whose details are open. */
  open: number | undefined;
  onOpen: (seq: number) => void;
  follow: boolean;
  onFollow: (follow: boolean) => void;
};

/** A list of any length: only what can be seen is drawn. Arrow keys choose, Enter opens, the end is followed on request. */
export function RowList({ rows, label, open, onOpen, follow, onFollow, ...context }: RowListProps) {
  const rowHeight = useSize() === "phone" ? 60 : 36;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [span, setSpan] = useState<Span>({ from: 0, until: 0 });
  const [chosen, setChosen] = useState<number>();
  const [seen, setSeen] = useState<number>();
  const anchor = useRef({ seq: 0, offset: 0 });
  const top = useRef(0);

  const measure = useCallback(() => {
    const at = box.current;
    if (!at) return;
    const next = visible(at.scrollTop, at.clientHeight, rowHeight, rows.length);
    setSpan((now) => (now.from === next.from && now.until === next.until ? now : next));
    const first = Math.floor(at.scrollTop / rowHeight);
    anchor.current = { seq: rows[first]?.seq ?? 0, offset: at.scrollTop - first * rowHeight };
  }, [rows, rowHeight]);

  // The end is held while it is followed; else the row at the top stays where it is, whatever comes before it.
  useLayoutEffect(() => {
    const at = box.current;
    if (!at) return;
    if (follow) at.scrollTop = at.scrollHeight;
    else if (anchor.current.seq > 0) at.scrollTop = place(rows, anchor.current.seq) * rowHeight + anchor.current.offset;
    measure();
  }, [rows, rowHeight, follow, measure]);

  useLayoutEffect(() => {
    const at = box.current;
    if (!at) return;
    // What is beside the list comes and goes, and takes or gives height: the end is held then, too.
    const observer = new ResizeObserver(() => {
      if (follow) at.scrollTop = at.scrollHeight;
      measure();
    });
    observer.observe(at);
    return () => observer.disconnect();
  }, [measure, follow]);

  const onScroll = () => {
    const at = box.current;
    if (!at) return;
    measure();
    const end = atEnd(at.scrollTop, at.clientHeight, rowHeight, rows.length);
    // Only going up is leaving the end: a list that grows is not.
    const up = at.scrollTop < top.current;
    top.current = at.scrollTop;
    if (end === follow || (!end && !up)) return;
    if (!end) setSeen(rows.at(-1)?.seq);
    onFollow(end);
  };

  const choose = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    const at = box.current;
    if (!row || !at) return;
    setChosen(row.seq);
    const begin = place(rows, row.seq) * rowHeight;
    if (begin < at.scrollTop) at.scrollTop = begin;
    else if (begin + rowHeight > at.scrollTop + at.clientHeight) at.scrollTop = begin + rowHeight - at.clientHeight;
  };
  const onKey = (event: KeyboardEvent) => {
    const now = chosen === undefined ? rows.length : place(rows, chosen);
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowHeight) - 1);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, PageDown: now + page, PageUp: now - page, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined) choose(to);
    else if ((event.key === "Enter" || event.key === " ") && chosen !== undefined) onOpen(chosen);
    else return;
    event.preventDefault();
  };

  const onPress = (event: MouseEvent) => {
    const seq = Number((event.target as HTMLElement).closest<HTMLElement>("[data-seq]")?.dataset["seq"]);
    if (!seq) return;
    setChosen(seq);
    onOpen(seq);
    box.current?.focus({ preventScroll: true });
  };

  const drawn = useMemo(() => rows.slice(span.from, span.until), [rows, span]);
  const n = !follow && seen !== undefined ? rows.length - place(rows, seen + 1) : 0;
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={box}
        role="listbox"
        aria-label={label}
        aria-activedescendant={chosen !== undefined && drawn.some((row) => row.seq === chosen) ? `${id}-${chosen}` : undefined}
        tabIndex={0}
        onScroll={onScroll}
        onKeyDown={onKey}
        onClick={onPress}
        className="h-full overflow-y-auto overscroll-contain [overflow-anchor:none] -outline-offset-2"
      >
        <div role="presentation" className="relative" style={{ height: rows.length * rowHeight }}>
          {drawn.map((row, i) => (
            <div
              key={row.seq}
              id={`${id}-${row.seq}`}
              role="option"
              aria-selected={row.seq === open}
              aria-posinset={span.from + i + 1}
              aria-setsize={rows.length}
              data-seq={row.seq}
              tabIndex={-1}
              style={{ height: rowHeight, transform: `translateY(${(span.from + i) * rowHeight}px)` }}
              className={classes(
                "absolute inset-x-0 top-0 cursor-pointer border-l-2 pr-3 pl-2 hover:bg-ink/5",
                row.seq === open ? "border-ink bg-ink/8" : row.seq === chosen ? "border-strong bg-ink/5" : "border-transparent",
              )}
            >
              <RowLine row={row} {...context} />
            </div>
          ))}
        </div>
      </div>
      {n > 0 && (
        <div className="absolute inset-x-0 bottom-2 flex justify-center">
          <Button small icon={<ArrowDown size={14} aria-hidden />} onClick={() => onFollow(true)} className="shadow-floating">
            {tStream.new(n)}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Where a row stands, or would stand: rows rise in `seq`. */
function place(rows: readonly Row[], seq: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
