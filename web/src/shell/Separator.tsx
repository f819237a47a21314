import { t } from "@/texts";
import { arrange, currentLayout } from "./layout";

const LEAST = 240;
const MOST = 560;

function widen(to: number) {
  arrange({ asideWidth: Math.round(Math.max(LEAST, Math.min(MOST, to))) });
}

/** The border of the side pane: drawn with the pointer, or moved with the arrow keys. */
export function Separator({ width }: { width: number }) {
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={t.shell.contextWidth}
      aria-valuenow={width}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onKeyDown={(event) => {
        const step = { ArrowLeft: 16, ArrowRight: -16 }[event.key];
        if (step) widen(currentLayout().asideWidth + step);
        else if (event.key === "Home") widen(LEAST);
        else if (event.key === "End") widen(MOST);
        else return;
        event.preventDefault();
      }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) widen(innerWidth - event.clientX);
      }}
      className="absolute inset-y-0 -left-1 z-10 w-2 cursor-col-resize touch-none hover:bg-ink/10 focus-visible:bg-ink/20"
    />
  );
}
