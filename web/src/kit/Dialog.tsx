import { X } from "lucide-react";
import { useEffect, useId, useRef, type ReactNode } from "react";
import { t } from "@/texts";
import { Button } from "./Button";
import { classes } from "./classes";

type DialogProps = {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  children: ReactNode;
  /** Buttons below, the main one last. */
  actions?: ReactNode;
  /** `sheet` comes from below and is for narrow windows. */
  shape?: "box" | "wide" | "sheet" | "drawer";
};

const SHAPES = {
  box: "m-auto w-[min(480px,calc(100vw-32px))] max-h-[calc(100dvh-64px)] rounded-floating",
  wide: "m-auto w-[min(960px,calc(100vw-32px))] max-h-[calc(100dvh-64px)] rounded-floating",
  sheet: "mx-0 mt-auto mb-0 w-screen max-w-none max-h-[80dvh] rounded-t-floating",
  drawer: "m-0 mr-auto h-dvh max-h-none w-[min(300px,85vw)]",
};

/** The browser's own modal dialog: focus goes in, stays in and comes back; Esc closes; the page behind is inert. */
export function Dialog({ open, onClose, title, children, actions, shape = "box" }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    if (open && shown && !shown.open) {
      shown.showModal();
      // The browser would choose the first control, which is the cross.
      shown.querySelector<HTMLElement>("[data-first]")?.focus();
    }
    return () => shown?.close();
  }, [open]);
  if (!open) return null;
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      // Not for a dialog inside, and not where it has been opened again meanwhile.
      onClose={(event) => event.target === event.currentTarget && !event.currentTarget.open && onClose()}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => event.target === dialog.current && onClose()}
      className={classes("rise border border-line bg-raised p-0 shadow-floating backdrop:bg-[var(--veil)]", SHAPES[shape])}
    >
      <div className="flex max-h-[inherit] flex-col">
        <header className="flex items-center gap-3 py-3 pr-3 pl-4">
          <h2 id={id} className="min-w-0 flex-1 truncate text-4 font-semibold">
            {title}
          </h2>
          <Button look="quiet" iconOnly icon={<X size={16} aria-hidden />} onClick={onClose}>
            {t.common.close}
          </Button>
        </header>
        <div className="min-h-0 flex-1 overflow-auto px-4 pb-4">{children}</div>
        {actions && <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3">{actions}</footer>}
      </div>
    </dialog>
  );
}
