import { useQuery } from "@tanstack/react-query";
import * as queries from "@/api/queries";
import { Failed, Loading, State, Words } from "@/kit";
import { tFirst } from "@/texts/first";

const words = tFirst;

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
          <li key={check.name} className="grid min-h-9 grid-cols-[1.25rem_1fr] items-center gap-x-3 border-b border-line py-1.5 desk:grid-cols-[1.25rem_15rem_1fr]">
            <State status={check.status} quiet />
            <span>{words.words[check.name] ?? check.name}</span>
            <span className="col-start-2 min-w-0 break-words text-muted desk:col-start-3">
              <Words text={check.detail} />
              {check.fix && (
                <span className="block text-ink">
                  <Words text={check.fix} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
