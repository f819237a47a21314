import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { HeartPulse } from "lucide-react";
import { root } from "@/shell/root";
import { t } from "@/texts";

export const route = createRoute({
  getParentRoute: () => root,
  path: "/health-and-safety",
  component: lazyRouteComponent(() => import("./Health"), "Health"),
  staticData: { title: t.pages.health, nav: { name: t.pages.health, icon: HeartPulse, place: "studio", order: 60, keys: "g h" } },
});
