import { createContext, useContext, useEffect, type ReactNode } from "react";
import { createPortal } from "react-dom";

export type AsideSlot = {
  place: HTMLElement | null;
  /** Tells the shell that a page has something for the side pane, and what it is called. */
  fill: (title: string) => () => void;
};

export const AsideContext = createContext<AsideSlot>({ place: null, fill: () => () => {} });

/** What a page shows in the side pane: beside the work, over it, or as a sheet from below, as the window allows. */
export function Aside({ title, children }: { title: string; children: ReactNode }) {
  const { place, fill } = useContext(AsideContext);
  useEffect(() => fill(title), [fill, title]);
  return place ? createPortal(children, place) : null;
}
