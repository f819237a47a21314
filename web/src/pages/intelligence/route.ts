import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { MessagesSquare } from "lucide-react";
import { root } from "@/shell/root";
import { t } from "@/texts";

/** `q` is the filter, `at` the row whose details are open, `all` shows the machinery too. */
export type IntelligenceSearch = { q?: string; at?: number; all?: boolean };

export const route = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/intelligence",
  validateSearch: (search: Record<string, unknown>): IntelligenceSearch => ({
    ...(typeof search["q"] === "string" && search["q"] !== "" && { q: search["q"] }),
    ...(Number.isInteger(search["at"]) && { at: search["at"] as number }),
    ...(search["all"] === true && { all: true }),
  }),
  component: lazyRouteComponent(() => import("./Intelligence"), "Intelligence"),
  staticData: { title: t.pages.intelligence, nav: { name: t.pages.intelligence, icon: MessagesSquare, place: "project", order: 20, keys: "g i" } },
});
