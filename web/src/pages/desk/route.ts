import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { BookOpenText } from "lucide-react";
import { root } from "@/shell/root";
import { t } from "@/texts";

export const route = createRoute({
  getParentRoute: () => root,
  path: "/p/$project",
  component: lazyRouteComponent(() => import("./Desk"), "Desk"),
  staticData: { title: t.pages.desk, nav: { name: t.pages.desk, icon: BookOpenText, place: "project", order: 0, keys: "g d" } },
});
