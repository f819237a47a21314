import { useMutation, useQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { useRef, useState, type KeyboardEvent } from "react";
import { http, path } from "@/api/http";
import { Problem } from "@/api/problem";
import * as queries from "@/api/queries";
import { useWhyNot } from "@/bus";
import { composing } from "@/commands/keys";
import { useDraft } from "@/drafts/useDraft";
import { Button, SelectField, TextArea, tell } from "@/kit";
import { tStream } from "@/texts/stream";
import { who } from "./words";

const words = tStream.say;
const PRIORITIES = ["low", "normal", "high", "urgent"] as const;
const MOST = 20_000;

type SpeakProps = { project: string; run?: string; step?: string; agents?: readonly string[] };

/** Says something to everyone or to one agent. What was typed is kept until it is said, also over a closed tab. */
export function Speak({ project, run, step, agents }: SpeakProps) {
  const [text, setText] = useDraft(`say.${project}${run ? `.${run}` : ""}`);
  const [to, setTo] = useState("");
  const [priority, setPriority] = useState<(typeof PRIORITIES)[number]>("normal");
  const offline = useWhyNot();
  const crew = useQuery(queries.crews(project)).data?.agents.map((agent) => agent.id) ?? [];
  const known = [...new Set([...crew, ...(agents ?? [])])];
  // One key for one text: pressed twice, or asked again after a lost answer, it is said once.
  const key = useRef<{ text: string; key: string }>(undefined);

  const say = useMutation({
    meta: { quiet: true },
    mutationFn: (body: Record<string, unknown>) => http.post<{ id: string; seq: number }>(path`/projects/${project}/feedback`, body, keyFor(String(body["text"]))),
    onSuccess: () => {
      key.current = undefined;
      setText("");
      tell(words.sent);
    },
  });
  const keyFor = (said: string) => {
    if (key.current?.text !== said) key.current = { text: said, key: crypto.randomUUID() };
    return key.current.key;
  };

  const over = text.length - MOST;
  const why = offline ?? (text.trim() === "" ? words.empty : over > 0 ? words.tooLong(over) : undefined);
  const send = () => {
    if (why || say.isPending) return;
    const optional = { ...(to && { to }), ...(run && { run }), ...(step && { step }), ...(priority !== "normal" && { priority }) };
    say.mutate({ text, ...optional });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || composing(event.nativeEvent)) return;
    event.preventDefault();
    send();
  };
  const problem = say.error ? Problem.of(say.error) : undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      className="grid grid-cols-[1fr_auto] items-end gap-2 border-t border-line bg-pane p-3 desk:grid-cols-[1fr_11rem_11rem_auto]"
    >
      <TextArea
        label={words.label}
        quietLabel
        rows={1}
        value={text}
        placeholder={words.placeholder}
        aria-keyshortcuts="Enter"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKey}
        error={problem ? [problem.title, problem.detail, problem.hint].filter(Boolean).join(". ") : over > 0 ? words.tooLong(over) : undefined}
        className="col-span-2 desk:col-span-1 [&_textarea]:max-h-40 [&_textarea]:min-h-8 [&_textarea]:py-1"
      />
      <SelectField label={words.to} quietLabel value={to} onChange={(event) => setTo(event.target.value)} className="max-desk:row-start-2">
        <option value="">{words.everyone}</option>
        {known.map((agent) => (
          <option key={agent} value={agent}>
            {who(agent)}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={words.priority}
        quietLabel
        value={priority}
        onChange={(event) => setPriority(event.target.value as (typeof PRIORITIES)[number])}
        className="max-desk:hidden"
      >
        {PRIORITIES.map((each) => (
          <option key={each} value={each}>
            {words.priorities[each]}
          </option>
        ))}
      </SelectField>
      <Button look="ink" type="submit" icon={<Send size={14} aria-hidden />} why={why} busy={say.isPending}>
        {words.send}
      </Button>
    </form>
  );
}
