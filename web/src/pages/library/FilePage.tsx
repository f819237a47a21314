import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Copy, Download } from "lucide-react";
import type { ReactNode } from "react";
import type { Json } from "@/bus";
import { Button, Failed, Loading, tell, Time } from "@/kit";
import { Markdown } from "@/read/Markdown";
import { Readable } from "@/read/Readable";
import { Cut } from "@/stream/RowDetails";
import { t } from "@/texts";
import { tLibrary } from "@/texts/library";
import { output, type Output } from "./queries";

const words = tLibrary;

/** A file of the outputs: Markdown and JSON as a page, others and on request all as they are stored. */
export function FilePage({ project, file, raw, about }: { project: string; file: string; raw: boolean; about: Output | undefined }) {
  const { data, error, refetch } = useQuery(output(project, file));
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what={file} rows={10} />;
  return (
    <article>
      <Line>
        <span className="font-mono break-all">{file}</span>
        {about && <Time at={about.updated_at} />}
        <span>{words.words(countWords(data))}</span>
        <span className="ml-auto flex gap-1">
          <Link
            to="/p/$project/library"
            params={{ project }}
            search={raw ? { file } : { file, raw: true }}
            className="inline-flex h-7 items-center rounded-control px-2 text-ink hover:bg-ink/8"
          >
            {raw ? words.readable : words.raw}
          </Link>
          <Button look="quiet" small iconOnly icon={<Copy size={14} aria-hidden />} onClick={() => void navigator.clipboard.writeText(data).then(() => tell(t.common.copied))}>
            {words.copy}
          </Button>
          <Button look="quiet" small iconOnly icon={<Download size={14} aria-hidden />} onClick={() => save(data, file)}>
            {words.download}
          </Button>
        </span>
      </Line>
      {raw ? <Cut text={data} className="font-mono text-1 whitespace-pre-wrap" /> : <ReadPage file={file} text={data} />}
    </article>
  );
}

function ReadPage({ file, text }: { file: string; text: string }) {
  if (file.endsWith(".json")) {
    const value = parsed(text);
    if (value !== undefined) return <div className="manuscript"><Readable value={value} /></div>;
  }
  if (file.endsWith(".md")) return <div className="manuscript"><Markdown text={text} /></div>;
  return <Cut text={text} className="font-mono text-1 whitespace-pre-wrap" />;
}

/** The quiet line above a text: where it is from, how old, how long, what can be done with it. */
export function Line({ children }: { children: ReactNode }) {
  return <div className="mb-6 flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line pb-2 font-sans text-0 text-muted">{children}</div>;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export function countWords(text: string): number {
  return text.match(/[\p{L}\p{N}’'-]+/gu)?.length ?? 0;
}

function save(text: string, file: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = file.split("/").at(-1) ?? file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
