import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { ScrollText } from "lucide-react";
import { root } from "@/shell/root";
import { t } from "@/texts";

/** `q` is the filter, `at` the row whose details are open, `state` the row at which the project is looked at. */
export type LogSearch = { q?: string; at?: number; state?: number };

export const route = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/log",
  validateSearch: (search: Record<string, unknown>): LogSearch => ({
    ...(typeof search["q"] === "string" && search["q"] !== "" && { q: search["q"] }),
    ...(Number.isInteger(search["at"]) && { at: search["at"] as number }),
    ...(Number.isInteger(search["state"]) && { state: search["state"] as number }),
  }),
  component: lazyRouteComponent(() => import("./Log"), "Log"),
  staticData: { title: t.pages.log, nav: { name: t.pages.log, icon: ScrollText, place: "project", order: 40, keys: "g l" } },
});
