import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { LayoutDashboard } from "lucide-react";
import { root } from "@/shell/root";
import { t } from "@/texts";

const SORTS = ["recent", "name", "words"] as const;
export type Sort = (typeof SORTS)[number];
type Search = { show?: "trash"; sort?: Sort; find?: string };

export const route = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: (given: Record<string, unknown>): Search => {
    const sort = SORTS.find((each) => each === given["sort"]);
    return {
      ...(given["show"] === "trash" && { show: "trash" }),
      ...(sort && { sort }),
      ...(typeof given["find"] === "string" && given["find"] && { find: given["find"] }),
    };
  },
  component: lazyRouteComponent(() => import("./Center"), "Center"),
  staticData: { title: t.pages.center, nav: { name: t.pages.center, icon: LayoutDashboard, place: "studio", order: 0, keys: "g c" } },
});
