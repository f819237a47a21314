import type { ReactNode } from "react";
import { classes, count } from "@/kit";
import { has, toggled, type Name } from "./query";

type FacetsProps = {
  label: string;
  name: Name;
  counts: ReadonlyMap<string, number>;
  filter: string;
  onFilter: (filter: string) => void;
  word: (value: string) => ReactNode;
};

/** What there is and how much of it; each is a switch of the filter. */
export function Facets({ label, name, counts, filter, onFilter, word }: FacetsProps) {
  const sorted = [...counts].toSorted(([a, n], [b, m]) => m - n || a.localeCompare(b));
  if (sorted.length < 2) return null;
  return (
    <div role="group" aria-label={label} className="flex items-center gap-1 desk:flex-wrap">
      <span aria-hidden className="mr-1 text-0 text-muted">
        {label}
      </span>
      {sorted.map(([value, n]) => {
        const on = has(filter, name, value);
        return (
          <button
            key={value}
            type="button"
            aria-pressed={on}
            onClick={() => onFilter(toggled(filter, name, value))}
            className={classes(
              "flex h-7 items-center gap-1.5 rounded-full border px-2.5 text-0 whitespace-nowrap",
              on ? "border-ink bg-ink text-ground" : "border-line hover:border-ink",
            )}
          >
            {word(value)}
            <span className={on ? "opacity-80" : "text-muted"}>{count(n)}</span>
          </button>
        );
      })}
    </div>
  );
}
