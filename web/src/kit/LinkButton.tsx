import { createLink } from "@tanstack/react-router";
import type { ComponentProps, ReactNode } from "react";
import { classes } from "./classes";
import { LOOKS, type ButtonLook } from "./looks";

type AnchorProps = ComponentProps<"a"> & { look?: ButtonLook; icon?: ReactNode };

function Anchor({ look = "plain", icon, children, className, ...rest }: AnchorProps) {
  return (
    <a
      {...rest}
      className={classes(
        "inline-flex h-8 shrink-0 items-center justify-center gap-2 rounded-control border px-3 font-medium whitespace-nowrap max-desk:min-h-11",
        "transition-[background,border-color,opacity] duration-120",
        LOOKS[look],
        className,
      )}
    >
      {icon}
      {children}
    </a>
  );
}

/** A way to somewhere else that weighs as much as a button. */
export const LinkButton = createLink(Anchor);
