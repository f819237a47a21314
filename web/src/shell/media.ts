import { useCallback, useSyncExternalStore } from "react";

/** Whether a media query holds, now and later. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    useCallback(
      (listener) => {
        const media = matchMedia(query);
        media.addEventListener("change", listener);
        return () => media.removeEventListener("change", listener);
      },
      [query],
    ),
    () => matchMedia(query).matches,
  );
}

/** The three arrangements of the shell. */
export function useSize(): "phone" | "tablet" | "desk" {
  const wide = useMedia("(min-width: 1200px)");
  const middle = useMedia("(min-width: 900px)");
  if (wide) return "desk";
  return middle ? "tablet" : "phone";
}
