import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState, type ReactNode } from "react";
import * as queries from "@/api/queries";
import { useWhyNot } from "@/bus";
import { Button, Failed, LinkButton, Loading, money } from "@/kit";
import { tCenter } from "@/texts/center";
import { Begin } from "../begin/Begin";
import { useDismissed } from "./dismissed";
import { NameDialog, type Asked } from "./NameDialog";
import { Needs } from "./Needs";
import { needsOf } from "./needs";
import { Projects } from "./Projects";
import { useProjectActions } from "./projects";
import { route } from "./route";
import { Work } from "./Work";

const words = tCenter;

/** Who needs me, what is at work, and all projects. With no project at all: the first run. */
export function Center() {
  const { data, error, refetch } = useQuery(queries.overview());
  const dismissed = useDismissed();
  const { show } = route.useSearch();
  if (!data)
    return (
      <div className="mx-auto max-w-280 px-4 py-6 desk:px-8">
        <h1 className="sr-only">{words.title}</h1>
        {error ? <Failed error={error} retry={() => void refetch()} /> : <Loading what={words.title} rows={8} />}
      </div>
    );
  if (data.projects.length === 0 && show !== "trash") return <Begin />;
  const needs = needsOf(data, dismissed);
  return (
    <div className="mx-auto flex max-w-280 flex-col gap-8 px-4 py-6 desk:px-8">
      <header className="flex flex-wrap items-center gap-3">
        <h1 className="min-w-max flex-1 text-4 font-semibold">{words.title}</h1>
        <p className="text-muted">
          {money(data.usage.today.cost)} {words.spend.today}, {money(data.usage.total.cost)} {words.spend.total} · {words.spend.calls(data.usage.total.calls)}
        </p>
        <Create />
      </header>
      <Block id="needs-you" title={words.needs.title} n={needs.length}>
        <Needs needs={needs} />
      </Block>
      <Block id="runs" title={words.work.title}>
        <Work runs={data.runs} />
      </Block>
      <Projects projects={data.projects} />
    </div>
  );
}

function Block({ id, title, n, children }: { id: string; title: string; n?: number; children: ReactNode }) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="flex flex-col gap-2">
      <h2 id={`${id}-title`} className="flex items-baseline gap-2 text-2 font-semibold">
        {title}
        {n ? <span className="text-1 font-normal text-muted">{n}</span> : null}
      </h2>
      {children}
    </section>
  );
}

function Create() {
  const [asked, setAsked] = useState<Asked>();
  const offline = useWhyNot();
  const { create } = useProjectActions();
  const ask = () => setAsked({ title: words.create, label: words.createName, action: words.create, start: "", onName: (name) => create.mutate(name) });
  return (
    <>
      <Button why={offline} icon={<Plus size={14} aria-hidden />} onClick={ask}>
        {words.create}
      </Button>
      <LinkButton to="/begin" look="ink">
        {words.begin}
      </LinkButton>
      <NameDialog asked={asked} onClose={() => setAsked(undefined)} />
    </>
  );
}
