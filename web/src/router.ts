import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import * as pages from "./pages";
import { root } from "./shell/root";

const tree = root.addChildren({ ...pages });

export function makeRouter(client: QueryClient) {
  return createRouter({ routeTree: tree, context: { client }, defaultPreload: "intent", scrollRestoration: true, scrollToTopSelectors: ["#main"] });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
