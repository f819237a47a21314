import { Ellipsis } from "lucide-react";
import { useId, useRef, type ReactNode } from "react";
import { t } from "@/texts";
import { Button } from "./Button";
import { classes } from "./classes";

export type MenuItem = { key: string; name: string; icon?: ReactNode; why?: string | false | undefined; bad?: boolean; run: () => void };

/** Further actions of one thing: a button and a list in the top layer, with arrow keys, Home, End, Esc and letters. */
export function Menu({ label, items }: { label: string; items: MenuItem[] }) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLSpanElement>(null);

  const entries = () => Array.from(list.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? []);
  const open = () => {
    const [menu, box] = [list.current, opener.current?.getBoundingClientRect()];
    if (!menu || !box) return;
    menu.showPopover();
    const { width, height } = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(8, Math.min(box.right - width, innerWidth - width - 8))}px`;
    menu.style.top = `${box.bottom + 4 + height < innerHeight ? box.bottom + 4 : box.top - height - 4}px`;
    entries()[0]?.focus();
  };
  const close = () => {
    list.current?.hidePopover();
    opener.current?.querySelector("button")?.focus();
  };
  const key = (event: React.KeyboardEvent) => {
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const go = (n: number) => all[(n + all.length) % all.length]?.focus();
    if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(-1);
    else if (event.key === "Escape" || event.key === "Tab") close();
    else if (event.key.length === 1) all.find((item) => item.textContent?.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <span ref={opener} className="inline-flex">
        <Button look="quiet" iconOnly small icon={<Ellipsis size={16} aria-hidden />} aria-haspopup="menu" aria-controls={id} onClick={open}>
          {label || t.common.more}
        </Button>
      </span>
      <div
        ref={list}
        id={id}
        role="menu"
        tabIndex={-1}
        aria-label={label}
        popover="auto"
        onKeyDown={key}
        className="rise fixed m-0 min-w-44 rounded-floating border border-line bg-raised p-1 text-ink shadow-floating"
      >
        {items.map((item) => (
          <button
            key={item.key}
            type="button"
            role="menuitem"
            tabIndex={-1}
            aria-disabled={item.why ? true : undefined}
            onClick={() => {
              if (item.why) return;
              close();
              item.run();
            }}
            className={classes(
              "flex min-h-8 w-full items-center gap-2 rounded-control px-2 py-1 text-left hover:bg-ink/8 focus-visible:bg-ink/8 -outline-offset-2",
              item.bad && "text-bad",
              item.why && "opacity-60",
            )}
          >
            {item.icon}
            <span>
              {item.name}
              {item.why && <span className="block text-0">{item.why}</span>}
            </span>
          </button>
        ))}
      </div>
    </>
  );
}
