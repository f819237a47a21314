import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "@/shell/root";
import { t } from "@/texts";

export const route = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/runs/$run/gates/$gate",
  component: lazyRouteComponent(() => import("./GatePage"), "GatePage"),
  staticData: { title: t.pages.gate },
});
