import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { decide } from "@/api/actions";
import * as queries from "@/api/queries";
import type { Gate, GateAction, Run } from "@/api/types";
import { useWhyNot } from "@/bus";
import { mac } from "@/commands/keys";
import type { Command } from "@/commands/registry";
import { useCommands } from "@/commands/useCommands";
import { useDraft } from "@/drafts/useDraft";
import type { Json } from "@/bus";
import { Button, classes, Failed, TextArea, TextField, tell } from "@/kit";
import { Diff } from "@/story/Diff";
import { leavesOf, withLeaf } from "@/story/leaves";
import { Reading } from "@/story/Reading";
import { tRuns } from "@/texts/runs";
import { decision, whyNot, type Written } from "./decision";
import { models } from "../models/queries";
import { useMine } from "./useMine";

const words = tRuns.gates;
const OTHERS = ["chat", "retry", "change-model", "paste", "skip", "pin", "reject"] as const;
type Other = (typeof OTHERS)[number];
/** After these the gate stays open, or opens again with something new. */
const STAYS: ReadonlySet<GateAction> = new Set(["chat", "pin", "retry", "change-model"]);

/** What is proposed, to be read or changed, and below it the ways to answer. What is typed is kept until it is sent. */
export function Deciding({ run, gate }: { run: Run; gate: Gate }) {
  const [editing, setEditing] = useState(false);
  const [other, setOther] = useState<Other>("chat");
  const [text, setText] = useDraft(`gate.${gate.id}.text`);
  const [model, setModel] = useDraft(`gate.${gate.id}.model`);
  const { mine, changed, set, clear } = useMine(gate);
  const offline = useWhyNot();
  const client = useQueryClient();
  const navigate = useNavigate();
  const written: Written = { text, model, mine, changed };

  const send = useMutation({
    meta: { quiet: true },
    mutationFn: (action: GateAction) => decide(gate.id, decision(action, written)),
    onSuccess: (_, action) => {
      for (const empty of [setText, setModel]) empty("");
      clear();
      tell(words.done[action]);
      if (!STAYS.has(action)) void navigate({ to: "/p/$project/runs/$run", params: { project: run.project, run: run.id } });
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: queries.run(run.id).queryKey });
      void client.invalidateQueries({ queryKey: queries.overview().queryKey });
    },
  });
  const { mutate } = send;
  const why = (action: GateAction) => offline ?? whyNot(gate, action, written);
  const main: GateAction = changed ? "edit" : "approve";
  const whyMain = why(main);
  const busy = (action: GateAction) => send.isPending && send.variables === action;

  useCommands(
    useMemo<Command[]>(
      () => [{ id: "gate.approve", name: words.actions[main], group: "act", keys: "Mod+Enter", why: whyMain, run: () => mutate(main) }],
      [main, mutate, whyMain],
    ),
  );
  return (
    <div className="flex flex-col gap-6">
      <section className="flex flex-col gap-3">
        <div className="flex items-center gap-2">
          <h2 className="flex-1 font-medium">{editing ? words.editing : words.proposed}</h2>
          <div role="group" aria-label={words.proposed} className="flex rounded-control border border-line p-0.5">
            {[false, true].map((mode) => (
              <Button key={String(mode)} small look={mode === editing ? "ink" : "quiet"} aria-pressed={mode === editing} onClick={() => setEditing(mode)}>
                {mode ? words.tabs.mine : words.tabs.theirs}
              </Button>
            ))}
          </div>
        </div>
        {editing ? <Editor mine={mine} theirs={gate.output as Json} changed={changed} onChange={set} onClear={clear} /> : <Theirs output={gate.output as Json} />}
      </section>
      <section className="sticky bottom-0 -mx-4 flex flex-col gap-3 border-t border-line bg-ground px-4 py-3 desk:-mx-6 desk:px-6">
        {send.error && <Failed error={send.error} safe={words.kept} />}
        <div className="flex flex-wrap items-center gap-3">
          <Button look="ink" why={whyMain} busy={busy(main)} onClick={() => mutate(main)}>
            {words.actions[main]}
          </Button>
          <kbd className="kbd max-desk:hidden">{mac ? "⌘ ⏎" : "Ctrl ⏎"}</kbd>
          <p className="text-muted">{words.hints[main]}</p>
        </div>
      </section>
      <section aria-labelledby="others" className="flex flex-col gap-3">
        <h2 id="others" className="font-medium">
          {words.more}
        </h2>
        <div className="flex flex-wrap gap-1.5">
          {OTHERS.map((each) => (
            <Button key={each} small look={each === other ? "plain" : "quiet"} aria-pressed={each === other} onClick={() => setOther(each)} className={classes(each === "reject" && "text-bad")}>
              {words.actions[each]}
            </Button>
          ))}
        </div>
        <form
          className="flex max-w-measure flex-col items-start gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (!why(other)) mutate(other);
          }}
        >
          <p className="text-muted">{words.hints[other]}</p>
          {(other === "chat" || other === "paste" || other === "pin") && (
            <TextArea label={other === "chat" ? words.say : other === "pin" ? words.know : words.text} hint={words.kept} rows={other === "paste" ? 8 : 3} className="w-full" value={text} onChange={(event) => setText(event.target.value)} />
          )}
          {other === "change-model" && <ModelField value={model} onChange={setModel} />}
          <Button type="submit" look={other === "reject" ? "bad" : "plain"} why={why(other)} busy={busy(other)}>
            {words.actions[other]}
          </Button>
        </form>
      </section>
    </div>
  );
}

function Theirs({ output }: { output: Json }) {
  return output === null ? <p className="text-2 text-muted">{words.nothing}</p> : <Reading value={output} level={3} />;
}

type EditorProps = { mine: Json; theirs: Json; changed: boolean; onChange: (to: Json) => void; onClear: () => void };

/** Every text of the proposal as a field, and below it what was changed, word by word. */
function Editor({ mine, theirs, changed, onChange, onClear }: EditorProps) {
  const leaves = leavesOf(mine);
  return (
    <div className="flex flex-col gap-4">
      <p className="text-muted">{words.editHint}</p>
      {leaves.map((leaf) => (
        <TextArea
          key={leaf.path.join("/")}
          label={leaf.label || words.text}
          rows={1}
          value={leaf.text}
          className="max-w-measure [&_textarea]:min-h-9 [&_textarea]:font-serif"
          onChange={(event) => onChange(withLeaf(mine, leaf.path, event.target.value))}
        />
      ))}
      {changed && (
        <>
          <div className="flex items-center gap-3">
            <h3 className="font-medium">{words.changed}</h3>
            <Button small onClick={onClear}>
              {words.backToTheirs}
            </Button>
          </div>
          <Diff before={theirs} after={mine} label={words.changed} />
        </>
      )}
    </div>
  );
}

function ModelField({ value, onChange }: { value: string; onChange: (to: string) => void }) {
  const { data } = useQuery(models());
  return (
    <>
      <TextField label={words.model} hint={words.modelHint} list="models" autoComplete="off" spellCheck={false} className="w-full font-mono" value={value} onChange={(event) => onChange(event.target.value)} />
      <datalist id="models">
        {data?.items.map(({ model }) => (
          <option key={model} value={model}>
            {model}
          </option>
        ))}
      </datalist>
    </>
  );
}
