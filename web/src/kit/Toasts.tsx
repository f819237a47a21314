import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { t } from "@/texts";
import { Button } from "./Button";
import { dismiss, toastStore } from "./toasts";

/** Where toasts appear: above the strip, heard politely. */
export function Toasts() {
  const toasts = useSyncExternalStore(toastStore.subscribe, toastStore.get);
  return (
    <div role="status" aria-live="polite" className="pointer-events-none fixed inset-x-0 bottom-10 z-40 flex flex-col items-center gap-2 px-4">
      {toasts.map((toast) => (
        <div
          key={toast.id}
          className="rise pointer-events-auto flex max-w-full items-center gap-3 rounded-floating border border-line bg-raised py-1.5 pr-1.5 pl-4 shadow-floating"
        >
          <span className={toast.tone === "bad" ? "text-bad" : undefined}>{toast.text}</span>
          {toast.undo && (
            <Button
              small
              onClick={() => {
                toast.undo?.();
                dismiss(toast.id);
              }}
            >
              {t.common.undo}
            </Button>
          )}
          <Button small look="quiet" iconOnly icon={<X size={14} aria-hidden />} onClick={() => dismiss(toast.id)}>
            {t.common.close}
          </Button>
        </div>
      ))}
    </div>
  );
}
