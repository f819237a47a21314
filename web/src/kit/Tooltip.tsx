import { cloneElement, useId, useRef, type ReactElement, type ReactNode } from "react";

type Described = { "aria-describedby"?: string };

/** Words beside a control, shown on hover and focus, put away with Esc. In the top layer, so nothing cuts it off. */
export function Tooltip({ text, children }: { text: ReactNode; children: ReactElement<Described> }) {
  const id = useId();
  const tip = useRef<HTMLSpanElement>(null);
  const wait = useRef<ReturnType<typeof setTimeout>>(undefined);

  const show = (event: { currentTarget: HTMLElement }, delay: number) => {
    clearTimeout(wait.current);
    const box = event.currentTarget.getBoundingClientRect();
    wait.current = setTimeout(() => {
      const shown = tip.current;
      if (!shown) return;
      shown.showPopover();
      place(shown, box);
    }, delay);
  };
  const hide = () => {
    clearTimeout(wait.current);
    if (tip.current?.matches(":popover-open")) tip.current.hidePopover();
  };
  return (
    <span
      className="inline-flex"
      onPointerEnter={(event) => event.pointerType === "mouse" && show(event, 400)}
      onPointerLeave={hide}
      onFocus={(event) => event.target.matches(":focus-visible") && show(event, 0)}
      onBlur={hide}
      onPointerDown={hide}
      onKeyDown={(event) => event.key === "Escape" && hide()}
    >
      {cloneElement(children, { "aria-describedby": id })}
      <span
        ref={tip}
        id={id}
        role="tooltip"
        popover="manual"
        className="rise fixed m-0 max-w-72 rounded-control border border-line bg-raised px-2 py-1 text-0 text-ink shadow-floating"
      >
        {text}
      </span>
    </span>
  );
}

/** Below the control where there is room, else above; never outside the window. */
function place(tip: HTMLElement, box: DOMRect) {
  const gap = 6;
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.max(gap, Math.min(box.left + box.width / 2 - width / 2, innerWidth - width - gap));
  const below = box.bottom + gap + height <= innerHeight;
  tip.style.left = `${left}px`;
  tip.style.top = `${below ? box.bottom + gap : Math.max(gap, box.top - height - gap)}px`;
}
