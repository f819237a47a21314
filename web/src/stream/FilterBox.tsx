import { Search, X } from "lucide-react";
import { useEffect, useId, useRef } from "react";
import { Button, classes } from "@/kit";
import { INPUT } from "@/kit/Field";
import { tStream } from "@/texts/stream";

const words = tStream.filter;

/** The filter: what is typed holds at once. `/` goes there, Esc clears it. */
export function FilterBox({ value, onChange, shown }: { value: string; onChange: (value: string) => void; shown: string }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, dialog");
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <search className="flex min-w-0 flex-1 items-center gap-2 max-desk:basis-full">
      <div className="relative min-w-0 flex-1">
        <label htmlFor={id} className="sr-only">
          {words.label}
        </label>
        <Search size={14} aria-hidden className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-muted" />
        <input
          ref={input}
          id={id}
          type="text"
          value={value}
          spellCheck={false}
          autoComplete="off"
          placeholder={words.placeholder}
          aria-describedby={`${id}-hint`}
          aria-keyshortcuts="/"
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => event.key === "Escape" && onChange("")}
          className={classes(INPUT, "h-8 pr-9 pl-8 max-desk:h-11")}
        />
        {value !== "" && (
          <span className="absolute top-1/2 right-0.5 -translate-y-1/2">
            <Button look="quiet" iconOnly small icon={<X size={14} aria-hidden />} onClick={() => onChange("")}>
              {words.clear}
            </Button>
          </span>
        )}
      </div>
      <p id={`${id}-hint`} className="sr-only">
        {words.hint}
      </p>
      <p role="status" className="text-0 whitespace-nowrap text-muted max-desk:sr-only">
        {shown}
      </p>
    </search>
  );
}
