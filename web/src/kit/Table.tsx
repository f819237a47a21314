import type { ComponentProps, ReactNode } from "react";
import { classes } from "./classes";

/** A table that scrolls sideways by itself where it is too wide. */
export function Table({ label, children, className }: { label: string; children: ReactNode; className?: string }) {
  return (
    <div className="overflow-x-auto" role="region" aria-label={label} tabIndex={0}>
      <table className={classes("w-full border-collapse text-left", className)}>{children}</table>
    </div>
  );
}

export function Head({ children, ...rest }: ComponentProps<"th">) {
  return (
    <th scope="col" {...rest} className={classes("border-b border-line px-2 py-1.5 text-0 font-medium whitespace-nowrap text-muted", rest.className)}>
      {children}
    </th>
  );
}

export function Cell({ children, ...rest }: ComponentProps<"td">) {
  return (
    <td {...rest} className={classes("h-9 border-b border-line px-2 py-1 align-middle", rest.className)}>
      {children}
    </td>
  );
}
