import { createRootRouteWithContext } from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";
import type { LucideIcon } from "lucide-react";
import { Crashed, NotFound } from "./Lost";
import { Shell } from "./Shell";

export type NavEntry = {
  name: string;
  icon: LucideIcon;
  /** Pages of the studio stand above, pages of a project below. */
  place: "studio" | "project";
  order: number;
  /** `g` and a letter. */
  keys: string;
};

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    /** What the window is called. */
    title?: string;
    /** An entry of the menu, a command, and a key. */
    nav?: NavEntry;
  }
}

/** Every page hangs from here; see `pages/index.ts`. */
export const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: Crashed,
});
