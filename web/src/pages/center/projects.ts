// What can be done with a project, with what undoes it.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import * as actions from "@/api/actions";
import type { Project } from "@/api/types";
import { tell } from "@/kit";
import { tCenter } from "@/texts/center";

const words = tCenter.projects;

export function useProjectActions() {
  const client = useQueryClient();
  // The stream says the same a moment later; whoever pressed should not wait for it.
  const fresh = () => {
    for (const key of ["overview", "projects", "project"]) void client.invalidateQueries({ queryKey: [key] });
  };
  const restore = useMutation({
    mutationFn: (project: Pick<Project, "id" | "name">) => actions.restoreProject(project.id),
    onSuccess: (_, project) => tell(words.restored(project.name)),
    onSettled: fresh,
  });
  const rename = useMutation({
    mutationFn: ({ project, name }: { project: Project; name: string }) => actions.renameProject(project.id, name),
    onSuccess: (_, { project, name }) => {
      if (name !== project.name) tell(words.renamed(name), { undo: () => rename.mutate({ project: { ...project, name }, name: project.name }) });
    },
    onSettled: fresh,
  });
  const trash = useMutation({
    mutationFn: (project: Project) => actions.trashProject(project.id),
    onSuccess: (_, project) => tell(words.deleted(project.name), { undo: () => restore.mutate(project) }),
    onSettled: fresh,
  });
  const duplicate = useMutation({
    mutationFn: ({ project, name }: { project: Project; name: string }) => actions.duplicateProject(project.id, name),
    onSuccess: (copy, { name }) => tell(words.duplicated(copy.name ?? name), { undo: () => trash.mutate(copy) }),
    onSettled: fresh,
  });
  const reset = useMutation({
    mutationFn: (project: Project) => actions.resetProject(project.id),
    onSuccess: (_, project) => tell(words.resetDone(project.name)),
    onSettled: fresh,
  });
  const purge = useMutation({
    mutationFn: (project: Project) => actions.purgeProject(project.id),
    onSuccess: (_, project) => tell(words.purged(project.name)),
    onSettled: fresh,
  });
  const create = useMutation({
    mutationFn: (name: string) => actions.createProject(name),
    onSuccess: (project) => tell(tCenter.created(project.name), { undo: () => trash.mutate(project) }),
    onSettled: fresh,
  });
  return { restore, rename, trash, duplicate, reset, purge, create };
}

export type ProjectActions = ReturnType<typeof useProjectActions>;
