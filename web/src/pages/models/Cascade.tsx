import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import * as queries from "@/api/queries";
import { Cell, classes, Failed, Head, Loading, SelectField, State, Table } from "@/kit";
import { changed } from "@/stream/search";
import { who } from "@/stream/words";
import { tModels } from "@/texts/models";
import { cascade } from "./queries";
import type { ModelsSearch } from "./route";

const words = tModels.cascade;
const page = getRouteApi("/models");

/** Every level that may choose a model, what each says, and which one wins. */
export function Cascade() {
  const { project, agent: named, mode } = page.useSearch();
  const navigate = page.useNavigate();
  const overview = useQuery(queries.overview());
  const crews = useQuery(queries.crews(project));
  // It is asked of one agent: the first of the crew until another is chosen.
  const agent = named ?? crews.data?.agents[0]?.id;
  const { data, error, refetch } = useQuery(cascade(project, agent, mode));
  const set = <K extends keyof ModelsSearch>(name: K, value: string) =>
    void navigate({ search: (now) => changed(now, name, (value || undefined) as ModelsSearch[K]), replace: true });
  const winner = data?.levels.find((level) => level.wins);
  return (
    <section className="flex flex-col gap-3">
      <header>
        <h2 className="text-4 font-semibold">{words.title}</h2>
        <p className="max-w-measure text-muted">{words.intro}</p>
      </header>
      <div className="grid max-w-[720px] grid-cols-1 gap-3 desk:grid-cols-3">
        <SelectField label={words.project} value={project ?? ""} onChange={(event) => set("project", event.target.value)}>
          <option value="">{words.studio}</option>
          {overview.data?.projects.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </SelectField>
        <SelectField label={words.agent} value={agent ?? ""} onChange={(event) => set("agent", event.target.value)}>
          {crews.data?.agents.map((each) => (
            <option key={each.id} value={each.id}>
              {who(each.id)}
            </option>
          ))}
        </SelectField>
        <SelectField label={words.mode} value={mode ?? ""} onChange={(event) => set("mode", event.target.value)}>
          <option value="">{words.asIs}</option>
          <option value="fast">{words.fast}</option>
          <option value="heavy">{words.heavy}</option>
        </SelectField>
      </div>
      {error && <Failed error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={words.title} />}
      {winner?.model && (
        <p role="status" className="text-2">
          {words.winner(winner.model, tModels.levels[winner.level] ?? winner.level)}
        </p>
      )}
      {data && (
        <Table label={words.title} className="max-w-[960px]">
          <thead>
            <tr>
              <Head>{words.level}</Head>
              <Head>{words.value}</Head>
              <Head>
                <span className="sr-only">{words.wins}</span>
              </Head>
              <Head>
                <span className="sr-only">{words.change}</span>
              </Head>
            </tr>
          </thead>
          <tbody>
            {data.levels.map((level, at) => (
              <tr key={`${level.level}.${level.key ?? at}`} className={classes(level.wins && "bg-ink/5")}>
                <Cell>
                  {tModels.levels[level.level] ?? level.level} {level.key && <span className="font-mono text-0 text-muted">{level.key}</span>}
                </Cell>
                <Cell className="font-mono text-0 break-all">{level.model ?? <span className="font-sans text-1 text-muted">{words.silent}</span>}</Cell>
                <Cell>{level.wins && <State status="ok" word={words.wins} />}</Cell>
                <Cell className="text-right">
                  {level.key && (level.level === "project" || level.level === "studio" || level.level === "agent") && (
                    <Link to="/settings" search={level.level === "project" && project ? { project } : {}} className="underline underline-offset-2">
                      {words.change}
                    </Link>
                  )}
                </Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </section>
  );
}
