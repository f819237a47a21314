import { useMutation } from "@tanstack/react-query";
import { SendHorizontal } from "lucide-react";
import { http, path } from "@/api/http";
import type { Run } from "@/api/types";
import { useWhyNot } from "@/bus";
import { composing } from "@/commands/keys";
import { useDraft } from "@/drafts/useDraft";
import { Button, TextArea, tell } from "@/kit";
import { tRuns } from "@/texts/runs";

/** A word to the crew of a run, in the next call of those it concerns. */
export function Say({ run }: { run: Run }) {
  const [text, setText] = useDraft(`say.${run.id}`);
  const offline = useWhyNot();
  const say = useMutation({
    mutationFn: () => http.post(path`/projects/${run.project}/feedback`, { text: text.trim(), run: run.id }),
    onSuccess: () => {
      setText("");
      tell(tRuns.said);
    },
  });
  const why = offline ?? (text.trim() ? undefined : tRuns.gates.needsText);
  const send = () => !why && !say.isPending && say.mutate();
  return (
    <form
      className="flex items-end gap-2 border-t border-line p-3"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <TextArea
        label={tRuns.sayTo}
        rows={2}
        className="flex-1"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || composing(event.nativeEvent)) return;
          event.preventDefault();
          send();
        }}
      />
      <Button type="submit" iconOnly icon={<SendHorizontal size={16} aria-hidden />} why={why} busy={say.isPending}>
        {tRuns.send}
      </Button>
    </form>
  );
}
