import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { root } from "@/shell/root";
import { t } from "@/texts";

const STATUSES = ["running", "waiting", "paused", "done", "failed", "cancelled"] as const;
type Search = { status?: (typeof STATUSES)[number] };

export const route = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/runs",
  validateSearch: (given: Record<string, unknown>): Search => {
    const status = STATUSES.find((each) => each === given["status"]);
    return status ? { status } : {};
  },
  component: lazyRouteComponent(() => import("./Runs"), "Runs"),
  staticData: { title: t.pages.runs, nav: { name: t.pages.runs, icon: Play, place: "project", order: 10, keys: "g r" } },
});
