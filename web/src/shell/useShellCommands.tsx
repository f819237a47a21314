import { useQuery } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { BookOpen, CircleDot, Feather, Keyboard, PanelLeft, PanelRight, Play, SunMoon } from "lucide-react";
import { useMemo } from "react";
import * as queries from "@/api/queries";
import type { Command } from "@/commands/registry";
import { useCommands } from "@/commands/useCommands";
import { workflowName } from "@/kit/voice";
import { t } from "@/texts";
import { arrange, currentLayout } from "./layout";
import { useEntries } from "./Nav";
import { openPalette } from "./palette";
import { useCurrentProject } from "./project";
import { changeTheme } from "./theme";

const SIZE = 14;

/** What can be done from everywhere: every page, every project, what runs, and the shell itself. */
export function useShellCommands(showKeys: () => void): void {
  const navigate = useNavigate();
  const router = useRouter();
  const entries = useEntries();
  const project = useCurrentProject();
  const { data } = useQuery(queries.overview());

  const own = useMemo<Command[]>(
    () => [
      { id: "palette", name: t.shell.commands.palette, group: "act", keys: "Mod+K", run: () => openPalette() },
      { id: "begin", name: t.shell.commands.begin, group: "act", keys: "g n", icon: <Feather size={SIZE} />, run: () => void navigate({ to: "/begin" }) },
      ...(project
        ? [{ id: "start", name: t.shell.commands.start, group: "act" as const, keys: "g x", icon: <Play size={SIZE} />, run: () => void navigate({ to: "/p/$project/start", params: { project } }) }]
        : []),
      { id: "keys", name: t.shell.commands.keys, group: "act", keys: "?", icon: <Keyboard size={SIZE} />, run: showKeys },
      { id: "theme", name: t.shell.commands.theme, group: "act", icon: <SunMoon size={SIZE} />, run: changeTheme },
      { id: "nav", name: t.shell.commands.nav, group: "act", keys: "[", icon: <PanelLeft size={SIZE} />, run: () => arrange({ narrowNav: !currentLayout().narrowNav }) },
      { id: "aside", name: t.shell.commands.context, group: "act", keys: "]", icon: <PanelRight size={SIZE} />, run: () => arrange({ aside: !currentLayout().aside }) },
    ],
    [navigate, project, showKeys],
  );
  const pages = useMemo<Command[]>(
    () =>
      entries
        .filter((entry) => entry.place === "studio" || project)
        .map(({ to, name, keys, icon: Icon }) => ({
          id: `go:${to}`,
          name,
          group: "go",
          keys,
          icon: <Icon size={SIZE} />,
          run: () => void navigate({ to: to as "/", params: { project } as never }),
        })),
    [entries, project, navigate],
  );
  const things = useMemo<Command[]>(
    () => [
      ...(data?.projects ?? []).map<Command>(({ id, name }) => ({
        id: `project:${id}`,
        name,
        group: "project",
        icon: <BookOpen size={SIZE} />,
        run: () => router.history.push(`/p/${encodeURIComponent(id)}`),
      })),
      ...(data?.runs ?? []).map<Command>(({ id, workflow, project, project_name }) => ({
        id: `run:${id}`,
        name: `${workflowName(workflow)} · ${project_name}`,
        group: "run",
        icon: <CircleDot size={SIZE} />,
        run: () => router.history.push(`/p/${encodeURIComponent(project)}/runs/${encodeURIComponent(id)}`),
      })),
    ],
    [data, router],
  );
  useCommands(own);
  useCommands(pages);
  useCommands(things);
}
