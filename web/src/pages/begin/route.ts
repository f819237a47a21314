import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "@/shell/root";
import { t } from "@/texts";

export const route = createRoute({
  getParentRoute: () => root,
  path: "/begin",
  component: lazyRouteComponent(() => import("./Begin"), "Begin"),
  staticData: { title: t.pages.begin },
});
