import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Copy, Pencil, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import * as queries from "@/api/queries";
import type { Project, ProjectCard } from "@/api/types";
import { useWhyNot } from "@/bus";
import { Button, classes, count, Empty, Failed, Loading, Menu, money, SelectField, State, Tabs, TextField, Time } from "@/kit";
import { t } from "@/texts";
import { tCenter } from "@/texts/center";
import { NameDialog, type Asked } from "./NameDialog";
import { useProjectActions, type ProjectActions } from "./projects";
import { route, type Sort } from "./route";

const words = tCenter.projects;

const SORTS: Record<Sort, (a: ProjectCard, b: ProjectCard) => number> = {
  recent: (a, b) => b.updated_at.localeCompare(a.updated_at),
  name: (a, b) => a.name.localeCompare(b.name),
  words: (a, b) => (b.words ?? 0) - (a.words ?? 0),
};

/** All projects as cards, and the trash. */
export function Projects({ projects }: { projects: readonly ProjectCard[] }) {
  const { show, sort = "recent", find = "" } = route.useSearch();
  const navigate = useNavigate({ from: "/" });
  const [asked, setAsked] = useState<Asked>();
  const actions = useProjectActions();
  const shown = projects.filter((each) => each.name.toLowerCase().includes(find.toLowerCase())).toSorted(SORTS[sort]);
  return (
    <section id="projects" aria-label={words.title} className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <div className="min-w-50 flex-1">
          <Tabs
            label={words.title}
            current={show ?? "active"}
            tabs={[
              { key: "active", name: words.active, count: projects.length, to: "/", search: (old: object) => ({ ...old, show: undefined }) as never },
              { key: "trash", name: words.trash, to: "/", search: (old: object) => ({ ...old, show: "trash" }) as never },
            ]}
          />
        </div>
        {show !== "trash" && projects.length > 3 && (
          <>
            <TextField
              label={words.filter}
              quietLabel
              type="search"
              placeholder={words.filterPlaceholder}
              value={find}
              className="w-44"
              onChange={(event) => void navigate({ search: (old) => ({ ...old, find: event.target.value || undefined }), replace: true })}
            />
            <SelectField
              label={words.sort}
              quietLabel
              value={sort}
              className="w-36"
              onChange={(event) => void navigate({ search: (old) => ({ ...old, sort: event.target.value as Sort }), replace: true })}
            >
              {Object.entries(words.sorts).map(([key, name]) => (
                <option key={key} value={key}>
                  {name}
                </option>
              ))}
            </SelectField>
          </>
        )}
      </div>
      {show === "trash" ? (
        <Trash actions={actions} onAsk={setAsked} />
      ) : shown.length === 0 ? (
        <Empty>{find ? words.noneFound(find) : words.none}</Empty>
      ) : (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(280px,1fr))] gap-x-6 gap-y-2">
          {shown.map((project) => (
            <li key={project.id}>
              <Card project={project} actions={actions} onAsk={setAsked} />
            </li>
          ))}
        </ul>
      )}
      <NameDialog asked={asked} onClose={() => setAsked(undefined)} />
    </section>
  );
}

type CardProps = { project: ProjectCard; actions: ProjectActions; onAsk: (asked: Asked) => void };

function Card({ project, actions, onAsk }: CardProps) {
  const { runs } = project;
  return (
    <article className="group relative flex h-full flex-col gap-1 rounded-control border border-line bg-pane px-4 py-3 hover:border-strong">
      <div className="flex items-start gap-2">
        <h3 className="min-w-0 flex-1 font-serif text-2 leading-6 font-medium">
          <Link to="/p/$project" params={{ project: project.id }} className="line-clamp-2 break-words after:absolute after:inset-0 after:rounded-control">
            {project.name}
          </Link>
        </h3>
        <span className="relative z-10 -mr-2">
          <ProjectMenu project={project} actions={actions} onAsk={onAsk} />
        </span>
      </div>
      <p className="mt-auto pt-1 text-muted">
        {project.reason ?? `${known(project.words)} ${words.words} · ${known(project.buckets)} ${words.buckets}`}
      </p>
      <p className="flex flex-wrap items-center gap-x-4 text-0 text-muted">
        {runs && runs.waiting > 0 && <State status="waiting" word={words.waiting(runs.waiting)} />}
        {runs && runs.running > 0 && <State status="running" word={words.running(runs.running)} />}
        {runs && runs.failed > 0 && <State status="failed" word={words.failed(runs.failed)} />}
        {project.status === "damaged" && <State status="missing" word={words.damaged} />}
        <span className={classes("ml-auto flex gap-3")}>
          <span>{money(project.cost)}</span>
          <Time at={project.updated_at} />
        </span>
      </p>
    </article>
  );
}

/** A number, or that nobody knows it. */
function known(n: number | null | undefined): string {
  return n === null || n === undefined ? t.common.unknown : count(n);
}

function ProjectMenu({ project, actions, onAsk }: CardProps) {
  const why = useWhyNot() ?? (project.status === "damaged" ? words.damaged : undefined);
  return (
    <Menu
      label={words.actions(project.name)}
      items={[
        {
          key: "rename",
          name: words.rename,
          icon: <Pencil size={14} aria-hidden />,
          why,
          run: () => onAsk({ title: words.rename, label: words.newName, action: words.rename, start: project.name, onName: (name) => actions.rename.mutate({ project, name }) }),
        },
        {
          key: "duplicate",
          name: words.duplicate,
          icon: <Copy size={14} aria-hidden />,
          why,
          run: () =>
            onAsk({
              title: words.duplicate,
              label: words.newName,
              action: words.duplicate,
              start: words.copyName(project.name),
              onName: (name) => actions.duplicate.mutate({ project, name }),
            }),
        },
        {
          key: "reset",
          name: words.reset,
          icon: <RotateCcw size={14} aria-hidden />,
          why,
          run: () =>
            onAsk({
              title: words.resetTitle(project.name),
              body: words.resetBody,
              label: words.typeName,
              action: words.reset,
              start: "",
              must: project.name,
              bad: true,
              onName: () => actions.reset.mutate(project),
            }),
        },
        { key: "delete", name: words.delete, icon: <Trash2 size={14} aria-hidden />, why: useWhyNot(), bad: true, run: () => actions.trash.mutate(project) },
      ]}
    />
  );
}

function Trash({ actions, onAsk }: Pick<CardProps, "actions" | "onAsk">) {
  const { data, error, refetch } = useQuery(queries.projects("trashed"));
  const offline = useWhyNot();
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what={words.trash} rows={3} />;
  if (data.items.length === 0) return <Empty>{words.trashEmpty}</Empty>;
  const purge = (project: Project) =>
    onAsk({
      title: words.purgeTitle(project.name),
      body: words.purgeBody,
      label: words.typeName,
      action: words.purge,
      start: "",
      must: project.name,
      bad: true,
      onName: () => actions.purge.mutate(project),
    });
  return (
    <ul>
      {data.items.map((project) => (
        <li key={project.id} className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2 first:border-t">
          <span className="min-w-0 flex-1 basis-50 truncate font-serif text-2">{project.name}</span>
          <span className="text-0 text-muted">
            {words.trashed} <Time at={project.trashed_at ?? project.updated_at} />
          </span>
          <span className="flex gap-2">
            <Button why={offline} onClick={() => actions.restore.mutate(project)}>
              {words.restore}
            </Button>
            <Button look="bad" why={offline} onClick={() => purge(project)}>
              {words.purge}
            </Button>
          </span>
        </li>
      ))}
    </ul>
  );
}
