import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { Problem } from "@/api/problem";
import { useWhyNot } from "@/bus";
import { useDraft } from "@/drafts/useDraft";
import { Button, classes, Pill, SelectField, State, tell, TextField } from "@/kit";
import { tSettings } from "@/texts/settings";
import { CHOICES, isNumber, wrong } from "./check";
import { put, type Setting } from "./queries";

const words = tSettings;

/** One setting. What is typed is a draft until the studio has it; a refused value stays in its field with the reason. */
export function SettingRow({ setting, project }: { setting: Setting; project: string | undefined }) {
  const { key, value, origin } = setting;
  const [draft, setDraft] = useDraft(`setting.${project ?? "studio"}.${key}`);
  const [typing, setTyping] = useState(false);
  const client = useQueryClient();
  const offline = useWhyNot();
  const fixed = origin === "environment";
  const shown = typing || draft !== "" ? draft : (value ?? "");
  const found = wrong(key, shown);

  const save = useMutation({
    meta: { quiet: true },
    mutationFn: (to: string | null) => put(key, to, project),
    onSuccess: (_, to) => {
      setDraft("");
      setTyping(false);
      const before = value !== null && own(origin, project) ? value : null;
      tell(words.changed(key), { undo: () => void put(key, before, project).then(() => client.invalidateQueries({ queryKey: ["settings"] })) });
      void client.invalidateQueries({ queryKey: ["settings"] });
      void client.invalidateQueries({ queryKey: ["cascade"] });
      return to;
    },
  });
  const commit = (to: string) => {
    if (to.trim() === (value ?? "")) {
      setDraft("");
      return setTyping(false);
    }
    if (wrong(key, to) || offline) return;
    save.mutate(to.trim() === "" ? null : to.trim());
  };
  const problem = save.error ? Problem.of(save.error) : undefined;
  const error = found ?? (problem && [problem.title, problem.detail, problem.hint].filter(Boolean).join(". "));
  const choices = CHOICES[key];
  const shared = { label: key, quietLabel: true, className: "min-w-0", ...(error && { error }) };
  return (
    <li className="grid grid-cols-1 items-start gap-x-4 gap-y-1 border-b border-line py-2 desk:grid-cols-[16rem_1fr_12rem]">
      <div className="pt-1">
        <p className="font-mono text-0 font-medium break-all">{key}</p>
        {setting.about && <p className="text-0 text-muted">{setting.about}</p>}
      </div>
      {choices ? (
        <SelectField {...shared} value={shown} disabled={fixed} onChange={(event) => save.mutate(event.target.value)}>
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </SelectField>
      ) : (
        <TextField
          {...shared}
          value={shown}
          placeholder={words.unset}
          readOnly={fixed}
          inputMode={isNumber(key) ? "numeric" : "text"}
          spellCheck={false}
          autoComplete="off"
          onFocus={() => {
            if (fixed || draft !== "") return;
            setTyping(true);
            setDraft(value ?? "");
          }}
          onChange={(event) => {
            setTyping(true);
            setDraft(event.target.value);
          }}
          onBlur={(event) => commit(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") commit(event.currentTarget.value);
            if (event.key === "Escape") {
              setDraft("");
              setTyping(false);
            }
          }}
        />
      )}
      <div className={classes("flex min-h-8 flex-wrap items-center gap-2 desk:justify-end", save.isPending && "opacity-80")}>
        {save.isPending && <span className="text-0 text-muted">{words.saving}</span>}
        {!save.isPending && (error || (draft !== "" && offline)) && (
          <Button small why={offline} onClick={() => commit(shown)}>
            {words.tryAgain}
          </Button>
        )}
        {fixed && <State status="warn" word={words.environmentWhy} quiet />}
        {origin && <Pill>{words.origins[origin] ?? origin}</Pill>}
        {own(origin, project) && (
          <Button look="quiet" small iconOnly icon={<RotateCcw size={14} aria-hidden />} why={offline} onClick={() => save.mutate(null)}>
            {words.reset}
          </Button>
        )}
      </div>
    </li>
  );
}

/** Whether the value was set at the place that is looked at. */
function own(origin: string | null, project: string | undefined): boolean {
  return project === undefined ? origin === "file" : origin === "project";
}
