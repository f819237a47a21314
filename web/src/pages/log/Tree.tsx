import { useState } from "react";
import type { Json } from "@/bus";
import { Button } from "@/kit";
import { tLog } from "@/texts/log";

/** So many entries of one list are shown before the rest is asked for. */
const AT_ONCE = 100;

/** A value of any depth: branches fold, leaves stand beside their names. Folded branches are not drawn. */
export function Tree({ value }: { value: Json }) {
  if (value === null || typeof value !== "object") return <Leaf value={value} />;
  return <Entries value={value} depth={0} />;
}

function Entries({ value, depth }: { value: Json[] | { [key: string]: Json }; depth: number }) {
  const [shown, setShown] = useState(AT_ONCE);
  const entries = Object.entries(value);
  return (
    <ul className={depth === 0 ? "" : "ml-2 border-l border-line pl-3"}>
      {entries.slice(0, shown).map(([key, inner]) => (
        <li key={key}>
          <Entry name={key} value={inner} depth={depth} />
        </li>
      ))}
      {entries.length > shown && (
        <li>
          <Button small onClick={() => setShown(shown + AT_ONCE * 10)}>
            {tLog.more(entries.length - shown)}
          </Button>
        </li>
      )}
    </ul>
  );
}

function Entry({ name, value, depth }: { name: string; value: Json; depth: number }) {
  const [open, setOpen] = useState(depth === 0 && size(value) <= 20);
  if (value === null || typeof value !== "object")
    return (
      <p className="grid min-h-7 grid-cols-[minmax(0,14rem)_1fr] items-baseline gap-3 py-0.5">
        <span className="truncate font-mono text-0 text-muted">{name}</span>
        <Leaf value={value} />
      </p>
    );
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-7 rounded-control py-1 hover:bg-ink/5">
        <span className="font-mono text-0">{name}</span> <span className="ml-2 text-0 text-muted">{tLog.entries(size(value))}</span>
      </summary>
      {open && <Entries value={value} depth={depth + 1} />}
    </details>
  );
}

function Leaf({ value }: { value: Json }) {
  const text = typeof value === "string" ? value : String(value);
  return <span className={`min-w-0 break-words whitespace-pre-wrap ${typeof value === "string" ? "" : "font-mono text-0"}`}>{text}</span>;
}

function size(value: Json): number {
  return value !== null && typeof value === "object" ? Object.keys(value).length : 0;
}
