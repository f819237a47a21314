import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { classes } from "./classes";

export type Tab = LinkProps & { key: string; name: ReactNode; count?: number | undefined };

/** Views of one thing. Each has its address, so these are links and not ARIA tabs. */
export function Tabs({ label, tabs, current }: { label: string; tabs: Tab[]; current: string }) {
  return (
    <nav aria-label={label} className="flex gap-4 overflow-x-auto border-b border-line">
      {tabs.map(({ key, name, count, ...to }) => (
        <Link
          key={key}
          {...to}
          aria-current={key === current ? "page" : undefined}
          className={classes(
            "-mb-px flex h-9 items-center gap-1.5 border-b-2 whitespace-nowrap -outline-offset-2",
            key === current ? "border-ink font-medium" : "border-transparent text-muted hover:text-ink",
          )}
        >
          {name}
          {count !== undefined && <span className="text-0 text-muted">{count}</span>}
        </Link>
      ))}
    </nav>
  );
}
