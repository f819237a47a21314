import type { ComponentProps, ReactNode } from "react";
import { classes } from "./classes";
import { LOOKS, type ButtonLook } from "./looks";
import { Tooltip } from "./Tooltip";

export type ButtonProps = Omit<ComponentProps<"button">, "disabled"> & {
  look?: ButtonLook;
  icon?: ReactNode;
  /** Why it cannot be pressed now. A button is never disabled without a reason. */
  why?: string | false | undefined;
  busy?: boolean;
  /** Shows only the icon; `children` is then its name. */
  iconOnly?: boolean;
  small?: boolean;
};

/** A button. Where it cannot be pressed it stays in the tab order and says why. */
export function Button({ look = "plain", icon, why, busy, iconOnly, small, children, className, ...rest }: ButtonProps) {
  const off = Boolean(why) || busy;
  const press: ComponentProps<"button">["onClick"] = (event) => {
    if (off) event.preventDefault();
    else rest.onClick?.(event);
  };
  const button = (
    <button
      type="button"
      {...rest}
      onClick={press}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      className={classes(
        "inline-flex shrink-0 items-center justify-center gap-2 rounded-control border font-medium whitespace-nowrap",
        "transition-[background,border-color,opacity] duration-120 select-none",
        small ? "h-7 text-0" : "h-8 text-1 max-desk:min-h-11",
        iconOnly ? (small ? "w-7" : "w-8 max-desk:min-w-11") : small ? "px-2" : "px-3",
        LOOKS[look],
        off && "opacity-50",
        className,
      )}
    >
      {busy ? <Dots /> : icon}
      <span className={iconOnly ? "sr-only" : undefined}>{children}</span>
    </button>
  );
  if (why) return <Tooltip text={why}>{button}</Tooltip>;
  return iconOnly ? <Tooltip text={children}>{button}</Tooltip> : button;
}

/** Three dots that breathe; still under reduced motion. */
export function Dots() {
  return (
    <span aria-hidden="true" className="inline-flex gap-0.5">
      {[0, 1, 2].map((n) => (
        <span key={n} className={classes("size-1 rounded-full bg-current animate-pulse", n === 1 && "delay-150", n === 2 && "delay-300")} />
      ))}
    </span>
  );
}
