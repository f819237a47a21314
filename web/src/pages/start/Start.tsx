import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { startRun, type StartRun } from "@/api/actions";
import * as queries from "@/api/queries";
import type { Crews, Input } from "@/api/types";
import { useWhyNot } from "@/bus";
import { agentName, Avatar, Button, classes, Empty, Failed, Fold, Loading, SelectField, Switch, TextArea, TextField } from "@/kit";
import { label } from "@/story/shape";
import { tRuns } from "@/texts/runs";
import { tStart } from "@/texts/start";
import { given, whyNot, wrong } from "./fields";
import { route } from "./route";
import { useForm } from "./useForm";

const words = tStart;

/** Starts any workflow, or one agent alone, with a form made from what it takes. */
export function Start() {
  const { project } = route.useParams();
  const { name, agent } = route.useSearch();
  const { data: crews, error, refetch } = useQuery(queries.crews(project));
  return (
    <div className="grid gap-8 px-4 py-6 desk:grid-cols-[260px_1fr] desk:px-6">
      <div className="flex flex-col gap-4">
        <h1 className="text-4 font-semibold">{words.title}</h1>
        {error && <Failed error={error} retry={() => void refetch()} />}
        {!crews && !error && <Loading what={words.workflows} rows={6} />}
        {crews && <Choices project={project} crews={crews} />}
      </div>
      {name ? <Form key={name} project={project} name={name} agent={agent ?? false} title={titleOf(crews, name, agent)} /> : <Empty>{words.pick}</Empty>}
    </div>
  );
}

function titleOf(crews: Crews | undefined, name: string, agent: boolean | undefined): string {
  if (agent) return agentName(name);
  return crews?.workflows.find((each) => each.id === name)?.name ?? name;
}

function Choices({ project, crews }: { project: string; crews: Crews }) {
  if (crews.workflows.length + crews.agents.length === 0) return <Empty>{words.empty}</Empty>;
  return (
    <nav aria-label={words.title} className="flex flex-col gap-4">
      <Group title={words.workflows} items={crews.workflows.map(({ id, name, about }) => ({ id, title: name, about }))} project={project} />
      <Group title={words.agents} agents items={crews.agents.map(({ id, about }) => ({ id, title: agentName(id), about }))} project={project} />
    </nav>
  );
}

type GroupProps = { title: string; agents?: true; items: { id: string; title: string; about: string }[]; project: string };

function Group({ title, agents, items, project }: GroupProps) {
  const { name, agent } = route.useSearch();
  return (
    <section>
      <h2 className="px-2 pb-1 text-0 text-muted">{title}</h2>
      <ul>
        {items.map((item) => {
          const current = item.id === name && Boolean(agent) === Boolean(agents);
          return (
            <li key={item.id}>
              <Link
                to="/p/$project/start"
                params={{ project }}
                search={agents ? { name: item.id, agent: true } : { name: item.id }}
                aria-current={current ? "true" : undefined}
                className={classes("flex gap-2 rounded-control px-2 py-1.5 hover:bg-ink/8", current && "bg-ink/10")}
              >
                {agents && <Avatar agent={item.id} />}
                <span className="min-w-0">
                  <span className="block font-medium">{item.title}</span>
                  <span className="line-clamp-2 text-0 text-muted">{item.about}</span>
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const MODE_FIELD = "@mode";
const MODEL_FIELD = "@model";
const GATES_FIELD = "@gates";

function Form({ project, name, agent, title }: { project: string; name: string; agent: boolean; title: string }) {
  const { from } = route.useSearch();
  const navigate = useNavigate();
  const offline = useWhyNot();
  const inputs = useQuery(queries.inputs(name, agent, project));
  const earlier = useQuery({ ...queries.run(from ?? ""), enabled: from !== undefined });
  const { typed, set, ready, state, used } = useForm(project, name, from ? { run: from, inputs: earlier.data?.inputs as Record<string, unknown> | undefined } : undefined);
  const start = useMutation({
    meta: { quiet: true },
    mutationFn: () => startRun(project, asked(name, agent, given(inputs.data ?? {}, typed), typed)),
    onSuccess: (run) => void navigate({ to: "/p/$project/runs/$run", params: { project, run: run.id } }),
  });
  if (inputs.error) return <Failed error={inputs.error} retry={() => void inputs.refetch()} />;
  if (!inputs.data || !ready) return <Loading what={words.fields} rows={6} />;
  const why = offline ?? whyNot(inputs.data, typed);
  const fields = Object.entries(inputs.data).toSorted(([, a], [, b]) => Number(b.required ?? false) - Number(a.required ?? false));
  return (
    <form
      className="flex max-w-measure flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (!why) start.mutate();
      }}
    >
      <h2 className="text-4 font-semibold">{title}</h2>
      {fields.length === 0 && <p className="text-muted">{words.noInputs}</p>}
      {fields.map(([field, input]) => (
        <InputField key={field} name={field} input={input} value={typed[field] ?? ""} onChange={(text) => set(field, text)} />
      ))}
      <Fold title={words.how}>
        <div className="grid gap-4 pt-2 desk:grid-cols-3">
          <TextField label={words.model} hint={words.modelHint} spellCheck={false} autoComplete="off" value={typed[MODEL_FIELD] ?? ""} onChange={(event) => set(MODEL_FIELD, event.target.value)} />
          <SelectField label={words.mode} value={typed[MODE_FIELD] ?? ""} onChange={(event) => set(MODE_FIELD, event.target.value)}>
            <option value="">{words.modes.auto}</option>
            <option value="fast">{words.modes.fast}</option>
            <option value="heavy">{words.modes.heavy}</option>
          </SelectField>
          <SelectField label={words.gates} value={typed[GATES_FIELD] ?? ""} onChange={(event) => set(GATES_FIELD, event.target.value)}>
            <option value="">{words.gatePolicies.default}</option>
            <option value="always">{words.gatePolicies.always}</option>
            <option value="on_violation">{words.gatePolicies.on_violation}</option>
            <option value="never">{words.gatePolicies.never}</option>
          </SelectField>
        </div>
      </Fold>
      {start.error && <Failed error={start.error} safe={tRuns.gates.kept} />}
      <div className="flex items-center gap-4">
        <Button type="submit" look="ink" why={start.isPending ? undefined : why} busy={start.isPending}>
          {start.isPending ? words.starting : words.run}
        </Button>
        {used && (
          <span role="status" className="text-muted">
            {state === "error" ? words.keptHere : state === "success" ? words.kept : words.keeping}
          </span>
        )}
      </div>
    </form>
  );
}

function asked(name: string, agent: boolean, inputs: Record<string, unknown>, typed: Record<string, string>): StartRun {
  const model = typed[MODEL_FIELD]?.trim();
  const mode = typed[MODE_FIELD];
  const gates = typed[GATES_FIELD];
  return {
    ...(agent ? { agent: name } : { workflow: name }),
    inputs,
    ...(model && { model }),
    ...((mode === "fast" || mode === "heavy") && { mode }),
    ...((gates === "always" || gates === "on_violation" || gates === "never") && { gates }),
  };
}

function InputField({ name, input, value, onChange }: { name: string; input: Input; value: string; onChange: (text: string) => void }) {
  const bad = wrong(input, value);
  const shared = { label: label(name), required: input.required ?? false, hint: input.description, error: bad };
  if (input.type === "boolean") return <Switch label={label(name)} checked={value === "true"} onChange={(on) => onChange(String(on))} />;
  if (input.type === "text" || input.type === "list" || input.type === "any") {
    const hint = input.type === "list" ? [input.description, words.list].filter(Boolean).join(" ") : input.description;
    return <TextArea {...shared} hint={hint} rows={input.required ? 3 : 2} value={value} onChange={(event) => onChange(event.target.value)} />;
  }
  return <TextField {...shared} inputMode={input.type === "integer" ? "numeric" : "text"} value={value} onChange={(event) => onChange(event.target.value)} />;
}
