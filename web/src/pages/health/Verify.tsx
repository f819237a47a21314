import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as queries from "@/api/queries";
import { useWhyNot } from "@/bus";
import { Button, SelectField, State } from "@/kit";
import { useCurrentProject } from "@/shell/project";
import { tHealth } from "@/texts/health";
import { verify } from "./queries";

const words = tHealth.verify;

/** Reads a project's record from end to end and says whether everything made from it agrees. */
export function Verify() {
  const projects = useQuery(queries.overview()).data?.projects ?? [];
  const current = useCurrentProject();
  const [chosen, setChosen] = useState<string>();
  const project = chosen ?? projects.find((each) => each.id === current)?.id ?? projects[0]?.id;
  const offline = useWhyNot();
  const check = useMutation({ mutationFn: ({ rebuild }: { rebuild: boolean }) => verify(project ?? "", rebuild) });
  const why = offline ?? (project === undefined ? words.choose : undefined);
  const { data } = check;
  return (
    <section className="flex flex-col items-start gap-2">
      <h2 className="text-2 font-semibold">{words.title}</h2>
      <p className="max-w-measure text-muted">{words.about}</p>
      <div className="flex flex-wrap items-end gap-2">
        <SelectField
          label={words.project}
          value={project ?? ""}
          onChange={(event) => {
            setChosen(event.target.value);
            check.reset();
          }}
          className="w-56"
        >
          {projects.length === 0 && <option value="">{words.choose}</option>}
          {projects.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </SelectField>
        <Button why={why} busy={check.isPending} onClick={() => check.mutate({ rebuild: false })}>
          {words.button}
        </Button>
        {data?.ok === false && (
          <Button why={why} busy={check.isPending} onClick={() => check.mutate({ rebuild: true })}>
            {words.rebuild}
          </Button>
        )}
      </div>
      {data && (
        <div role="status">
          <State status={data.ok ? "ok" : "warn"} word={data.ok ? words.whole(data.events) : words.differs(data.problems.length)} />
          <ul className="mt-2 flex flex-col gap-1">
            {data.problems.map((problem) => (
              <li key={`${problem.what}.${problem.where}`}>
                {problem.what} <span className="font-mono text-0 text-muted">{problem.where}</span> {problem.fix}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
