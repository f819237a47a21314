import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { LayoutDashboard } from "lucide-react";
import { root } from "@/shell/root";
import { t } from "@/texts";

export const route = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("./Center"), "Center"),
  staticData: { title: t.center.title, nav: { name: t.center.title, icon: LayoutDashboard, place: "studio", order: 0, keys: "g c" } },
});
