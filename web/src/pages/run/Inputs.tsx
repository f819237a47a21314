import type { Run } from "@/api/types";
import type { Json } from "@/bus";
import { Empty } from "@/kit";
import { Reading } from "@/story/Reading";
import { label } from "@/story/shape";
import { t } from "@/texts";

/** What the run was started with. */
export function Inputs({ run }: { run: Run }) {
  const given = Object.entries(run.inputs).filter(([, value]) => value !== null && value !== "");
  if (given.length === 0) return <Empty>{t.start.noInputs}</Empty>;
  return (
    <dl className="flex flex-col gap-5">
      {given.map(([name, value]) => (
        <div key={name}>
          <dt className="font-medium">{label(name)}</dt>
          <dd>
            <Reading value={value as Json} level={4} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
