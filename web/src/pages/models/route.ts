import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { Cpu } from "lucide-react";
import { root } from "@/shell/root";
import { t } from "@/texts";

/** What the cascade is asked about. */
export type ModelsSearch = { project?: string; agent?: string; mode?: "fast" | "heavy" };

export const route = createRoute({
  getParentRoute: () => root,
  path: "/models",
  validateSearch: (search: Record<string, unknown>): ModelsSearch => ({
    ...(typeof search["project"] === "string" && { project: search["project"] }),
    ...(typeof search["agent"] === "string" && { agent: search["agent"] }),
    ...((search["mode"] === "fast" || search["mode"] === "heavy") && { mode: search["mode"] }),
  }),
  component: lazyRouteComponent(() => import("./Models"), "Models"),
  staticData: { title: t.pages.models, nav: { name: t.pages.models, icon: Cpu, place: "studio", order: 40, keys: "g m" } },
});
