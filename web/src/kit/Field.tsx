import { useId, type ComponentProps, type ReactNode } from "react";
import { t } from "@/texts";
import { classes } from "./classes";

export const INPUT =
  "w-full rounded-control border border-strong bg-raised px-2.5 text-1 transition-[border-color] duration-120 hover:border-ink aria-invalid:border-bad read-only:opacity-70";

type Shared = {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  /** Shows the label only to those who hear the page. */
  quietLabel?: boolean;
  required?: boolean;
};

type Wiring = { id: string; "aria-describedby": string | undefined; "aria-invalid": true | undefined };

/** A label, a control, and below it what helps and what is wrong. */
export function Field(props: Shared & { children: (wiring: Wiring) => ReactNode; className?: string | undefined }) {
  const id = useId();
  const told = [props.hint && `${id}-hint`, props.error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={classes("flex flex-col gap-1", props.className)}>
      <label htmlFor={id} className={props.quietLabel ? "sr-only" : "flex items-baseline gap-2 font-medium"}>
        {props.label}
        {props.required === false && <span className="text-0 font-normal text-muted">{t.common.optional}</span>}
      </label>
      {props.children({ id, "aria-describedby": told || undefined, "aria-invalid": props.error ? true : undefined })}
      {props.hint && (
        <p id={`${id}-hint`} className="text-0 text-muted">
          {props.hint}
        </p>
      )}
      {props.error && (
        <p id={`${id}-error`} className="text-1 text-bad">
          {props.error}
        </p>
      )}
    </div>
  );
}

export function TextField({ label, hint, error, quietLabel, required, className, ...rest }: Shared & ComponentProps<"input">) {
  return (
    <Field {...shared({ label, hint, error, quietLabel, required })} className={className}>
      {(wiring) => <input {...rest} {...wiring} className={classes(INPUT, "h-8 max-desk:h-11")} />}
    </Field>
  );
}

export function TextArea({ label, hint, error, quietLabel, required, className, ...rest }: Shared & ComponentProps<"textarea">) {
  return (
    <Field {...shared({ label, hint, error, quietLabel, required })} className={className}>
      {(wiring) => <textarea rows={3} {...rest} {...wiring} className={classes(INPUT, "field-sizing-content min-h-16 resize-y py-1.5 text-2")} />}
    </Field>
  );
}

export function SelectField({ label, hint, error, quietLabel, required, className, ...rest }: Shared & ComponentProps<"select">) {
  return (
    <Field {...shared({ label, hint, error, quietLabel, required })} className={className}>
      {(wiring) => <select {...rest} {...wiring} className={classes(INPUT, "h-8 max-desk:h-11")} />}
    </Field>
  );
}

/** A yes or no that takes effect at once. */
export function Switch({ label, checked, onChange }: { label: ReactNode; checked: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className="flex min-h-8 cursor-pointer items-center gap-2">
      <input type="checkbox" role="switch" checked={checked} onChange={(event) => onChange(event.target.checked)} className="size-4 accent-ink" />
      {label}
    </label>
  );
}

/** Leaves out what is not given, so that optional properties stay optional. */
function shared(props: { [K in keyof Shared]: Shared[K] | undefined }): Shared {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as Shared;
}
