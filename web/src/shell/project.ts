import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import * as queries from "@/api/queries";
import type { Project } from "@/api/types";

const LAST = "atelier.project";

/** The project of the address. */
export function useOpenProject(): string | undefined {
  return (useParams({ strict: false }) as { project?: string }).project;
}

/** The project of the address, or the one looked at last. */
export function useCurrentProject(): string | undefined {
  const project = useOpenProject();
  useEffect(() => {
    if (project) localStorage.setItem(LAST, project);
  }, [project]);
  return project ?? localStorage.getItem(LAST) ?? undefined;
}

/** The project's name and standing, from what is known already where possible. */
export function useProject(id: string | undefined): Project | undefined {
  const { data } = useQuery({ ...queries.overview(), select: (all) => all.projects.find((each) => each.id === id || each.name === id) });
  return data;
}
