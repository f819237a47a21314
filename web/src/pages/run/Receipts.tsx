import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, Check, Copy, Minus } from "lucide-react";
import { faultProblem } from "@/api/problem";
import * as queries from "@/api/queries";
import type { Candidate, Receipt, Run } from "@/api/types";
import { Agent, Button, Cell, count, duration, Empty, exact, Failed, Head, Loading, money, State, Table, tell, Time } from "@/kit";
import { t } from "@/texts";
import { tModels } from "@/texts/models";
import { tRuns } from "@/texts/runs";
import { route } from "./route";

const words = tRuns.receipts;

/** The account of every model call; one of them in full. */
export function Receipts({ run }: { run: Run }) {
  const { receipt } = route.useSearch();
  if (receipt) return <One run={run} id={receipt} />;
  if (run.receipts.length === 0) return <Empty>{words.empty}</Empty>;
  return <ReceiptTable run={run} receipts={run.receipts} />;
}

export function ReceiptTable({ run, receipts }: { run: Run; receipts: readonly Receipt[] }) {
  return (
    <Table label={words.label}>
      <thead>
        <tr>
          <Head>{words.agent}</Head>
          <Head>{words.step}</Head>
          <Head>{words.model}</Head>
          <Head>{words.level}</Head>
          <Head className="text-right">{words.tokens}</Head>
          <Head className="text-right">{words.time}</Head>
          <Head className="text-right">{words.cost}</Head>
          <Head className="text-right">{words.when}</Head>
        </tr>
      </thead>
      <tbody>
        {receipts.map((receipt) => (
          <tr key={receipt.id} className="hover:bg-ink/4">
            <Cell>
              <Link
                to="/p/$project/runs/$run"
                params={{ project: run.project, run: run.id }}
                search={{ view: "receipts", receipt: receipt.id }}
                className="block py-1 hover:underline hover:underline-offset-4"
              >
                <Agent agent={receipt.agent} />
              </Link>
            </Cell>
            <Cell className="font-mono text-0">
              {receipt.step}
              {receipt.attempt > 1 && <span className="text-muted"> · {tRuns.steps.attempt(receipt.attempt)}</span>}
            </Cell>
            <Cell className="max-w-60 truncate font-mono text-0" title={receipt.model}>
              {receipt.model}
            </Cell>
            <Cell className="whitespace-nowrap">{tModels.levels[receipt.level] ?? receipt.level}</Cell>
            <Cell className="text-right whitespace-nowrap">
              {receipt.error ? <State status="failed" /> : `${count(receipt.usage.input_tokens)} / ${count(receipt.usage.output_tokens)}`}
            </Cell>
            <Cell className="text-right whitespace-nowrap text-muted">{times(receipt)}</Cell>
            <Cell className="text-right whitespace-nowrap text-muted">{money(receipt.usage.cost)}</Cell>
            <Cell className="text-right text-muted">
              <Time at={receipt.started_at} />
            </Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function times({ first_token_ms, total_ms }: Receipt): string {
  return [first_token_ms, total_ms].map((ms) => (ms === null || ms === undefined ? "–" : duration(ms))).join(" / ");
}

function One({ run, id }: { run: Run; id: string }) {
  const { data: receipt, error, refetch } = useQuery(queries.receipt(run.id, id));
  return (
    <div className="flex flex-col gap-5">
      <Link to="." search={{ view: "receipts" }} className="inline-flex items-center gap-1.5 self-start text-muted hover:text-ink">
        <ArrowLeft size={14} aria-hidden /> {words.back}
      </Link>
      {error && <Failed error={error} retry={() => void refetch()} />}
      {!receipt && !error && <Loading what={words.one} />}
      {receipt && <Whole receipt={receipt} />}
    </div>
  );
}

function Whole({ receipt }: { receipt: Receipt }) {
  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text);
    tell(t.common.copied);
  };
  const facts: [string, string][] = [
    [words.step, `${receipt.step}, ${tRuns.steps.attempt(receipt.attempt).toLowerCase()}`],
    [words.model, receipt.model],
    [words.level, tModels.levels[receipt.level] ?? receipt.level],
    [words.template, receipt.template],
    [words.tokens, `${count(receipt.usage.input_tokens)} / ${count(receipt.usage.output_tokens)}`],
    [words.cost, money(receipt.usage.cost)],
    [words.time, times(receipt)],
    [words.finish, receipt.finish_reason ?? "–"],
    [words.when, exact(receipt.started_at)],
  ];
  return (
    <article className="flex flex-col gap-8">
      <header className="flex flex-wrap items-center gap-3">
        <h2 className="text-4 font-semibold">
          <Agent agent={receipt.agent} />
        </h2>
        <span className="font-mono text-0 text-muted">{receipt.id}</span>
        <Button small className="ml-auto" icon={<Copy size={14} aria-hidden />} onClick={() => void copy(JSON.stringify(receipt, null, 2))}>
          {words.copyAll}
        </Button>
      </header>
      {receipt.error && <Failed error={faultProblem(receipt.error)} />}
      <dl className="grid grid-cols-[repeat(auto-fill,minmax(180px,1fr))] gap-x-6 gap-y-3">
        {facts.map(([name, value]) => (
          <div key={name} className="min-w-0">
            <dt className="text-0 text-muted">{name}</dt>
            <dd className="break-words">{value}</dd>
          </div>
        ))}
      </dl>
      {receipt.feedback.length > 0 && <p>{words.feedback(receipt.feedback.length)}</p>}
      <Context candidates={receipt.context ?? []} />
      <section className="flex flex-col gap-3">
        <h3 className="text-2 font-semibold">{words.messages}</h3>
        {receipt.messages?.map((message, n) => (
          <Message key={n} role={words.role[message.role] ?? message.role} text={message.content} onCopy={copy} />
        ))}
      </section>
      <section className="flex flex-col gap-3">
        <h3 className="text-2 font-semibold">{words.answer}</h3>
        {receipt.output ? <Message role={receipt.model} text={receipt.output} onCopy={copy} /> : <p className="text-muted">{words.noAnswer}</p>}
      </section>
    </article>
  );
}

function Context({ candidates }: { candidates: readonly Candidate[] }) {
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-2 font-semibold">{words.context}</h3>
      {candidates.length === 0 ? (
        <p className="text-muted">{words.contextEmpty}</p>
      ) : (
        <Table label={words.context}>
          <thead>
            <tr>
              <Head className="w-8">{words.included}</Head>
              <Head>{words.source}</Head>
              <Head>{words.what}</Head>
              <Head className="text-right">{words.size}</Head>
              <Head>{words.reason}</Head>
            </tr>
          </thead>
          <tbody>
            {candidates.map((candidate, n) => (
              <tr key={n} className={candidate.included ? undefined : "text-muted"}>
                <Cell>
                  {candidate.included ? <Check size={14} aria-hidden className="text-ok" /> : <Minus size={14} aria-hidden />}
                  <span className="sr-only">{candidate.included ? words.included : words.left}</span>
                </Cell>
                <Cell className="whitespace-nowrap">{candidate.source}</Cell>
                <Cell className="min-w-40">{candidate.title}</Cell>
                <Cell className="text-right">{count(candidate.tokens)}</Cell>
                <Cell className="min-w-40">{candidate.reason}</Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </section>
  );
}

function Message({ role, text, onCopy }: { role: string; text: string; onCopy: (text: string) => Promise<void> }) {
  return (
    <figure className="rounded-control border border-line">
      <figcaption className="flex items-center justify-between border-b border-line py-0.5 pr-1 pl-3 text-0 text-muted">
        {role}
        <Button small look="quiet" iconOnly icon={<Copy size={12} aria-hidden />} onClick={() => void onCopy(text)}>
          {t.common.copy}
        </Button>
      </figcaption>
      <pre tabIndex={0} className="max-h-160 overflow-auto p-3 font-mono text-0 leading-5 break-words whitespace-pre-wrap">
        {text}
      </pre>
    </figure>
  );
}
