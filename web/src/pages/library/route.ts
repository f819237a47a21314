import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { BookOpen } from "lucide-react";
import { root } from "@/shell/root";
import { t } from "@/texts";

/** What is read: a file of the outputs, or a bucket. `raw` shows it as it is stored. */
export type LibrarySearch = { file?: string; bucket?: string; raw?: boolean };

export const route = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/library",
  validateSearch: (search: Record<string, unknown>): LibrarySearch => ({
    ...(typeof search["file"] === "string" && { file: search["file"] }),
    ...(typeof search["bucket"] === "string" && { bucket: search["bucket"] }),
    ...(search["raw"] === true && { raw: true }),
  }),
  component: lazyRouteComponent(() => import("./Library"), "Library"),
  staticData: { title: t.pages.library, nav: { name: t.pages.library, icon: BookOpen, place: "project", order: 30, keys: "g b" } },
});
