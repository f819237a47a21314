import type { Run } from "@/api/types";
import type { Json } from "@/bus";
import { Empty } from "@/kit";
import { Reading } from "@/story/Reading";
import { label } from "@/story/shape";
import { tStart } from "@/texts/start";

/** What the run was started with. */
export function Inputs({ run }: { run: Run }) {
  const given = Object.entries(run.inputs as Record<string, Json>).filter(([, value]) => value !== null && value !== "");
  if (given.length === 0) return <Empty>{tStart.noInputs}</Empty>;
  return (
    <dl className="flex flex-col gap-5">
      {given.map(([name, value]) => (
        <div key={name}>
          <dt className="font-medium">{label(name)}</dt>
          <dd>
            <Reading value={value} level={4} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
