import { useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { commandStore, find, type Command } from "@/commands/registry";
import { composing, shown } from "@/commands/keys";
import { classes } from "@/kit";
import { t } from "@/texts";
import { closePalette, paletteStore } from "./palette";

const AT_MOST = 50;

/** Everything that can be done or opened, by name. The browser's modal dialog gives the focus back by itself. */
export function Palette() {
  const { only } = useSyncExternalStore(paletteStore.subscribe, paletteStore.get);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={t.shell.palette.title}
      onClose={(event) => !event.currentTarget.open && closePalette()}
      onPointerDown={(event) => event.target === dialog.current && closePalette()}
      className="rise mx-auto mt-[12dvh] mb-auto w-[min(600px,calc(100vw-24px))] rounded-floating border border-line bg-raised p-0 shadow-floating backdrop:bg-[var(--veil)]"
    >
      <List {...(only && { only })} />
    </dialog>
  );
}

function List({ only }: { only?: Command["group"] }) {
  const all = useSyncExternalStore(commandStore.subscribe, commandStore.get);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const found = useMemo(() => find(offered(all, only), typed), [all, only, typed]);
  const seen = found.slice(0, AT_MOST);
  const active = seen[Math.min(at, seen.length - 1)];

  const run = (command: Command) => {
    if (command.why) return;
    closePalette();
    // After the focus has gone back to where it was.
    setTimeout(command.run);
  };
  const key = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) setAt(Math.max(0, Math.min(seen.length - 1, at + step)));
    else if (event.key === "Enter" && active && !composing(event.nativeEvent)) run(active);
    else return;
    event.preventDefault();
  };
  return (
    <div className="flex max-h-[min(480px,70dvh)] flex-col">
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={active ? `${id}-${active.id}` : undefined}
        aria-label={t.shell.palette.title}
        placeholder={t.shell.palette.placeholder}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={key}
        className="h-12 w-full border-b border-line bg-transparent px-4 text-2 outline-none"
      />
      <div id={`${id}-list`} role="listbox" aria-label={t.shell.palette.title} className="min-h-0 overflow-auto p-1">
        {seen.map((command) => (
          <Option key={command.id} id={`${id}-${command.id}`} command={command} active={command === active} onPick={() => run(command)} />
        ))}
      </div>
      {seen.length === 0 && <p className="px-4 py-3 text-muted">{t.shell.palette.nothing}</p>}
      {found.length > seen.length && <p className="border-t border-line px-4 py-2 text-0 text-muted">{t.shell.palette.more(found.length - seen.length)}</p>}
    </div>
  );
}

const ORDER: Command["group"][] = ["go", "run", "project", "act"];

/** Places before deeds; the palette does not offer itself. */
function offered(all: readonly Command[], only: Command["group"] | undefined): Command[] {
  const fit = all.filter((command) => command.id !== "palette" && (only === undefined || command.group === only));
  return fit.toSorted((a, b) => ORDER.indexOf(a.group) - ORDER.indexOf(b.group));
}

function Option({ id, command, active, onPick }: { id: string; command: Command; active: boolean; onPick: () => void }) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) row.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div
      ref={row}
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      aria-disabled={command.why ? true : undefined}
      onPointerDown={(event) => {
        event.preventDefault();
        onPick();
      }}
      className={classes("flex min-h-9 cursor-pointer items-center gap-3 rounded-control px-3 py-1", active && "bg-ink/10", command.why && "opacity-60")}
    >
      <span className="w-4 shrink-0 text-muted">{command.icon}</span>
      <span className="min-w-0 flex-1 truncate">
        {command.name}
        {command.why && <span className="ml-2 text-0">{command.why}</span>}
      </span>
      <span className="shrink-0 text-0 text-muted">{t.shell.palette.groups[command.group]}</span>
      {command.keys && (
        <span className="flex shrink-0 gap-1">
          {shown(command.keys).map((key) => (
            <kbd key={key} className="kbd">
              {key}
            </kbd>
          ))}
        </span>
      )}
    </div>
  );
}
