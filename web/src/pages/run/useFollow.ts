import { useEffect, type RefObject } from "react";

/** How near to the end counts as being there. */
const NEAR_PX = 80;

/** Keeps the end in view while the reader is there; scrolling up by any means stops it, coming back starts it again. */
export function useFollow(end: RefObject<HTMLElement | null>, growing: boolean): void {
  useEffect(() => {
    const box = end.current?.closest("main");
    if (!box || !growing) return;
    let following = false;
    const atEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
    const onScroll = () => {
      following = box.scrollTop > 0 && atEnd();
    };
    const watcher = new ResizeObserver(() => {
      if (following) box.scrollTop = box.scrollHeight;
    });
    const content = end.current?.parentElement;
    if (content) watcher.observe(content);
    box.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      watcher.disconnect();
      box.removeEventListener("scroll", onScroll);
    };
  }, [end, growing]);
}
