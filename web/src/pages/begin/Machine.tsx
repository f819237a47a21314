import { useQuery } from "@tanstack/react-query";
import * as queries from "@/api/queries";
import { Failed, Loading, State, Words } from "@/kit";
import { t } from "@/texts";

const words = t.first;

/** What the machine has and lacks, in plain words. */
export function Machine() {
  const { data, error, refetch } = useQuery({ ...queries.doctor(), staleTime: 60_000 });
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what={words.looking} rows={5} />;
  return (
    <div className="flex flex-col gap-2">
      <p className="text-muted">{data.ok ? words.ready : words.lacks}</p>
      <ul>
        {data.checks.map((check) => (
          <li key={check.name} className="flex min-h-9 flex-wrap items-center gap-x-4 border-b border-line py-1.5">
            <span className="w-44 shrink-0">{words.words[check.name] ?? check.name}</span>
            <span className="min-w-40 flex-1 break-words text-muted">
              <Words text={check.detail} />
              {check.fix && (
                <span className="block text-ink">
                  <Words text={check.fix} />
                </span>
              )}
            </span>
            <State status={check.status} quiet={check.status === "ok"} />
          </li>
        ))}
      </ul>
    </div>
  );
}
