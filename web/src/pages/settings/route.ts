import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { Settings2 } from "lucide-react";
import { root } from "@/shell/root";
import { t } from "@/texts";

/** Whose settings: a project's, or the studio's. */
export type SettingsSearch = { project?: string };

export const route = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  validateSearch: (search: Record<string, unknown>): SettingsSearch => ({
    ...(typeof search["project"] === "string" && { project: search["project"] }),
  }),
  component: lazyRouteComponent(() => import("./Settings"), "Settings"),
  staticData: { title: t.pages.settings, nav: { name: t.pages.settings, icon: Settings2, place: "studio", order: 50, keys: "g s" } },
});
