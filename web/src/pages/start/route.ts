import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "@/shell/root";
import { t } from "@/texts";

/** `name` is a workflow or, with `agent`, an agent; `from` is a run whose inputs are taken over. */
type Search = { name?: string; agent?: true; from?: string };

export const route = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/start",
  validateSearch: (given: Record<string, unknown>): Search => ({
    ...(typeof given["name"] === "string" && { name: given["name"] }),
    ...(given["agent"] === true && { agent: true }),
    ...(typeof given["from"] === "string" && { from: given["from"] }),
  }),
  component: lazyRouteComponent(() => import("./Start"), "Start"),
  staticData: { title: t.pages.start },
});
