import { useMutation, useQuery } from "@tanstack/react-query";
import { RefreshCw, Zap } from "lucide-react";
import { Problem } from "@/api/problem";
import { useWhyNot } from "@/bus";
import { Button, Cell, count, Empty, Failed, Head, Loading, State, Table } from "@/kit";
import { tModels } from "@/texts/models";
import { Cascade } from "./Cascade";
import { models, test, type Model, type ModelTest } from "./queries";

const words = tModels;

/** What can answer and where it runs; a test of each with one press; and which of them will be asked. */
export function Models() {
  const { data, error, refetch, isFetching } = useQuery(models());
  return (
    <div className="flex flex-col gap-8 px-4 py-4 wide:px-6">
      <section className="flex flex-col gap-3">
        <header className="flex flex-wrap items-center gap-3">
          <div className="min-w-0 flex-1">
            <h1 className="text-4 font-semibold">{words.title}</h1>
            <p className="max-w-measure text-muted">{words.intro}</p>
          </div>
          <Button icon={<RefreshCw size={16} aria-hidden />} busy={isFetching} onClick={() => void refetch()}>
            {words.again}
          </Button>
        </header>
        {error && <Failed error={error} retry={() => void refetch()} />}
        {!data && !error && <Loading what={words.title} />}
        {data?.items.length === 0 && <Empty>{words.empty}</Empty>}
        {data && data.items.length > 0 && (
          <Table label={words.table}>
            <thead>
              <tr>
                <Head>{words.name}</Head>
                <Head>{words.where}</Head>
                <Head>{words.stands}</Head>
                <Head className="text-right">{words.context}</Head>
                <Head className="text-right">{words.size}</Head>
                <Head>
                  <span className="sr-only">{words.test}</span>
                </Head>
              </tr>
            </thead>
            <tbody>
              {data.items.map((model) => (
                <ModelRow key={model.model} model={model} />
              ))}
            </tbody>
          </Table>
        )}
      </section>
      <Cascade />
    </div>
  );
}

function ModelRow({ model }: { model: Model }) {
  const offline = useWhyNot();
  const tried = useMutation({ mutationFn: () => test(model.model), meta: { quiet: true } });
  const told = tried.data !== undefined || tried.error !== null;
  return (
    <>
      <tr>
        <Cell className={`min-w-48 font-mono text-0 break-all ${told ? "border-b-0" : ""}`}>{model.model}</Cell>
        <Cell className={told ? "border-b-0" : ""}>
          {model.provider} <span className="text-muted">{model.endpoint ?? words.here}</span>
        </Cell>
        <Cell className={told ? "border-b-0" : ""}>
          <State status={model.available ? "ok" : "missing"} word={model.available ? words.there : words.notThere} />
          {model.detail !== "" && <p className="text-0 text-muted">{model.detail}</p>}
          {!model.available && model.hint !== "" && <p className="text-0">{model.hint}</p>}
        </Cell>
        <Cell className={`text-right whitespace-nowrap ${told ? "border-b-0" : ""}`}>{model.context_tokens === null ? <Unknown /> : words.tokens(model.context_tokens)}</Cell>
        <Cell className={`text-right whitespace-nowrap ${told ? "border-b-0" : ""}`}>{model.size_bytes === null ? <Unknown /> : size(model.size_bytes)}</Cell>
        <Cell className={`text-right ${told ? "border-b-0" : ""}`}>
          <Button small icon={<Zap size={14} aria-hidden />} busy={tried.isPending} why={offline} onClick={() => tried.mutate()} aria-label={`${words.test} ${model.model}`}>
            {tried.isPending ? words.testing : words.test}
          </Button>
        </Cell>
      </tr>
      {told && (
        <tr>
          <Cell colSpan={6} className="pb-3">
            <Outcome data={tried.data} error={tried.error} />
          </Cell>
        </tr>
      )}
    </>
  );
}

/** What a test came to, in words. */
function Outcome({ data, error }: { data: ModelTest | undefined; error: Error | null }) {
  if (error || data?.error || data?.ok === false) {
    const problem = error ? Problem.of(error) : undefined;
    const parts = problem ? [problem.title, problem.detail, problem.hint] : [data?.error?.message, data?.error?.hint];
    return (
      <p role="status" className="text-bad">
        {words.noAnswer}: {parts.filter(Boolean).join(". ")}
      </p>
    );
  }
  const seconds = ((data?.total_ms ?? 0) - (data?.first_token_ms ?? 0)) / 1000;
  const speed = data?.output_tokens && seconds > 0.05 ? words.speed((data.output_tokens / seconds).toFixed(0)) : "";
  return (
    <p role="status">
      <State status="ok" word={[words.answered(data?.first_token_ms ?? 0), speed].filter(Boolean).join(", ")} />{" "}
      <span className="text-muted">
        {words.said}: “{data?.text ?? ""}”
      </span>
    </p>
  );
}

function Unknown() {
  return <span className="text-muted">{words.unknown}</span>;
}

function size(bytes: number): string {
  return bytes >= 1 << 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${count(Math.round(bytes / 2 ** 20))} MiB`;
}
