import { Link, useRouter } from "@tanstack/react-router";
import { ChevronsUpDown } from "lucide-react";
import { useMemo } from "react";
import { classes, Tooltip } from "@/kit";
import { t } from "@/texts";
import { openPalette } from "./palette";
import { useCurrentProject, useProject } from "./project";
import type { NavEntry } from "./root";

export type Entry = NavEntry & { to: string };

/** The menu's entries, from what the pages say of themselves. */
export function useEntries(): Entry[] {
  const router = useRouter();
  return useMemo(() => {
    const routes = Object.values(router.routesById) as { fullPath: string; options: { staticData?: { nav?: NavEntry } } }[];
    const entries = routes.flatMap((route) => {
      const nav = route.options.staticData?.nav;
      return nav ? [{ ...nav, to: route.fullPath }] : [];
    });
    return entries.toSorted((a, b) => a.order - b.order);
  }, [router]);
}

export function Nav({ narrow, onGo }: { narrow: boolean; onGo?: () => void }) {
  const entries = useEntries();
  const project = useCurrentProject();
  const name = useProject(project)?.name;
  const list = (place: NavEntry["place"]) => (
    <ul className="flex flex-col gap-0.5">
      {entries
        .filter((entry) => entry.place === place)
        .map((entry) => (
          <li key={entry.to}>
            <NavLink entry={entry} project={project} narrow={narrow} onGo={onGo} />
          </li>
        ))}
    </ul>
  );
  return (
    <div className="flex min-h-full flex-col gap-4 px-2 py-3">
      {list("studio")}
      {project && (
        <div className="flex flex-col gap-1">
          {narrow ? (
            <hr className="mx-2 border-line" />
          ) : (
            <button
              type="button"
              onClick={() => openPalette("project")}
              className="flex items-center gap-1 rounded-control px-2 py-1.5 text-left hover:bg-ink/8"
            >
              <span className="min-w-0 flex-1 truncate font-serif text-2 font-medium">{name ?? t.shell.noProject}</span>
              <ChevronsUpDown size={14} aria-hidden className="shrink-0 text-muted" />
              <span className="sr-only">{t.shell.allProjects}</span>
            </button>
          )}
          {list("project")}
        </div>
      )}
    </div>
  );
}

function NavLink({ entry, project, narrow, onGo }: { entry: Entry; project: string | undefined; narrow: boolean; onGo?: (() => void) | undefined }) {
  const { icon: Icon } = entry;
  const link = (
    <Link
      to={entry.to as "/"}
      params={{ project } as never}
      activeOptions={{ exact: entry.to === "/" || entry.to === "/p/$project", includeSearch: false }}
      onClick={onGo}
      className={classes(
        "flex h-8 items-center gap-2.5 rounded-control px-2 text-muted hover:bg-ink/8 hover:text-ink max-desk:h-11",
        "aria-[current=page]:bg-ink/10 aria-[current=page]:font-medium aria-[current=page]:text-ink",
        narrow && "w-10 justify-center",
      )}
    >
      <Icon size={16} aria-hidden className="shrink-0" />
      <span className={narrow ? "sr-only" : "truncate"}>{entry.name}</span>
    </Link>
  );
  return narrow ? <Tooltip text={entry.name}>{link}</Tooltip> : link;
}
