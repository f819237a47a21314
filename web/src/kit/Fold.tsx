import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes";

/** Something that can be unfolded. */
export function Fold({ title, quiet, children }: { title: ReactNode; quiet?: boolean; children: ReactNode }) {
  return (
    <details className="group/fold">
      <summary className={classes("flex min-h-8 list-none items-center gap-1.5 self-start", quiet ? "text-muted" : "font-medium")}>
        <ChevronRight size={14} aria-hidden className="shrink-0 transition-transform duration-120 group-open/fold:rotate-90" />
        {title}
      </summary>
      {children}
    </details>
  );
}
