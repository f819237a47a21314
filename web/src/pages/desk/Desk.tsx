import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import * as queries from "@/api/queries";
import { Problem } from "@/api/problem";
import { Empty, Failed, LinkButton, Loading, State, Time } from "@/kit";
import { Aside } from "@/shell/Aside";
import { t } from "@/texts";
import { tDesk } from "@/texts/desk";
import { tFirst } from "@/texts/first";
import { Beside } from "../run/Beside";
import { Story } from "../run/Story";
import { route } from "./route";

const words = tDesk;

/** A project's own page: what its newest run has written or is writing. */
export function Desk() {
  const { project: id } = route.useParams();
  const project = useQuery(queries.project(id));
  const runs = useQuery(queries.runs(id));
  const newest = runs.data?.items.toSorted((a, b) => a.started_at.localeCompare(b.started_at)).at(-1);
  const error = project.error ?? runs.error;
  if (error && Problem.of(error).status === 404) return <Gone />;
  return (
    <div className="flex flex-col gap-6 px-4 py-6 desk:px-6">
      <header className="flex w-full max-w-220 flex-wrap items-end gap-x-4 gap-y-2">
        <h1 className="min-w-0 flex-1 basis-60 font-serif text-5 font-medium break-words">{project.data?.name ?? "…"}</h1>
        {newest && (
          <p className="flex items-center gap-3 text-muted">
            <State status={newest.status} />
            <Time at={newest.started_at} />
            <Link to="/p/$project/runs/$run" params={{ project: id, run: newest.id }} className="text-ink underline underline-offset-4">
              {words.open}
            </Link>
          </p>
        )}
      </header>
      {error && (
        <Failed
          error={error}
          retry={() => {
            void project.refetch();
            void runs.refetch();
          }}
        />
      )}
      {!runs.data && !error && <Loading what={words.title} rows={8} />}
      {runs.data && !newest && (
        <Empty
          action={
            <LinkButton to="/p/$project/start" params={{ project: id }} search={{ name: "story-bible" }} look="ink">
              {tFirst.go}
            </LinkButton>
          }
        >
          {words.empty}
        </Empty>
      )}
      {newest && <Newest run={newest.id} />}
    </div>
  );
}

function Newest({ run: id }: { run: string }) {
  const { data: run, error, refetch } = useQuery(queries.run(id));
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!run) return <Loading what={words.newest} rows={8} />;
  return (
    <>
      <Story run={run} />
      <Aside title={t.shell.context}>
        <Beside run={run} />
      </Aside>
    </>
  );
}

function Gone() {
  return (
    <div className="flex flex-col items-start gap-2 p-6">
      <h1 className="font-serif text-5">{words.gone}</h1>
      <p className="text-2 text-muted">{words.goneHint}</p>
      <Link to="/" search={{ show: "trash" }} className="underline underline-offset-4">
        {t.shell.toCenter}
      </Link>
    </div>
  );
}
