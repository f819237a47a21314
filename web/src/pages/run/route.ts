import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "@/shell/root";
import { t } from "@/texts";

export const VIEWS = ["story", "steps", "receipts", "inputs"] as const;
export type View = (typeof VIEWS)[number];
type Search = { view?: View; step?: string; receipt?: string };

export const route = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/runs/$run",
  validateSearch: (given: Record<string, unknown>): Search => {
    const view = VIEWS.find((each) => each === given["view"]);
    return {
      ...(view && { view }),
      ...(typeof given["step"] === "string" && { step: given["step"] }),
      ...(typeof given["receipt"] === "string" && { receipt: given["receipt"] }),
    };
  },
  component: lazyRouteComponent(() => import("./RunPage"), "RunPage"),
  staticData: { title: t.pages.run },
});
