import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Failed, Loading, Time } from "@/kit";
import { Markdown } from "@/read/Markdown";
import { label, Readable } from "@/read/Readable";
import { tLibrary } from "@/texts/library";
import { Line } from "./FilePage";
import { bucket } from "./queries";

const words = tLibrary;

/** A bucket of the world as a page: what it is, its fields, its text, where it came from. */
export function BucketPage({ project, id }: { project: string; id: string }) {
  const { data, error, refetch } = useQuery(bucket(project, id));
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what={words.title} rows={10} />;
  return (
    <article>
      <Line>
        <span>{label(data.type)}</span>
        <span>{words.version(data.version)}</span>
        <Time at={data.updated_at} />
        {data.source && (
          <span>
            {words.madeBy}{" "}
            <Link to={"/p/$project/runs/$run" as "/"} params={{ project, run: data.source.run } as never} className="text-ink underline underline-offset-2">
              {words.madeIn} <span className="font-mono">{data.source.step}</span>
            </Link>
          </span>
        )}
        {data.status === "archived" && <span>{words.archived}</span>}
      </Line>
      <div className="manuscript">
        <h2 className="font-serif text-5 font-medium text-balance break-words">{data.title}</h2>
        {data.aliases.length > 0 && (
          <p className="text-2 text-muted">
            {words.also} {data.aliases.join(", ")}
          </p>
        )}
        {Object.keys(data.fields).length > 0 && <div className="mt-4"><Readable value={data.fields} level={2} /></div>}
        {data.body !== "" && <Markdown text={data.body} />}
      </div>
    </article>
  );
}
