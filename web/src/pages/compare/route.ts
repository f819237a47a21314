import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "@/shell/root";
import { t } from "@/texts";

type Search = { a?: string; b?: string };

export const route = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/compare",
  validateSearch: (given: Record<string, unknown>): Search => ({
    ...(typeof given["a"] === "string" && { a: given["a"] }),
    ...(typeof given["b"] === "string" && { b: given["b"] }),
  }),
  component: lazyRouteComponent(() => import("./Compare"), "Compare"),
  staticData: { title: t.pages.compare },
});
