import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useWhyNot } from "@/bus";
import { composing } from "@/commands/keys";
import { useDraft } from "@/drafts/useDraft";
import { Agent, Button, Failed, Fold, TextArea, TextField } from "@/kit";
import { tFirst } from "@/texts/first";
import { tRuns } from "@/texts/runs";
import { begin } from "./begin";
import { Machine } from "./Machine";
import { nameFrom } from "./name";

const words = tFirst;
const CREW = ["plot-architect", "worldbuilder", "character", "creative-director"];
const MORE = ["genre", "tone", "themes", "setting", "notes"] as const;

/** From one sentence to a growing story bible. No settings before that. */
export function Begin() {
  const navigate = useNavigate();
  const offline = useWhyNot();
  const [idea, setIdea] = useDraft("begin.idea");
  const [name, setName] = useDraft("begin.name");
  const more = useMore();
  const start = useMutation({
    meta: { quiet: true },
    mutationFn: () => begin(name.trim() || nameFrom(idea), { idea: idea.trim(), ...more.inputs }),
    onSuccess: ({ project, run }) => {
      for (const clear of [setIdea, setName, more.clear]) clear("");
      void navigate({ to: "/p/$project/runs/$run", params: { project, run } });
    },
  });
  const why = start.isPending ? words.busy : idea.trim() ? offline : words.empty;
  const go = () => !why && start.mutate();
  return (
    <div className="mx-auto flex w-full max-w-180 flex-col gap-10 px-4 py-10 desk:py-16">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        <h1 className="font-serif text-5 font-medium">{words.heading}</h1>
        <TextArea
          label={words.sentence}
          quietLabel
          autoFocus
          rows={2}
          placeholder={words.placeholder}
          value={idea}
          maxLength={20_000}
          className="[&_textarea]:px-4 [&_textarea]:py-3 [&_textarea]:font-serif [&_textarea]:text-3"
          onChange={(event) => setIdea(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || composing(event.nativeEvent)) return;
            event.preventDefault();
            go();
          }}
        />
        <div className="flex flex-wrap items-center gap-4">
          <Button type="submit" look="ink" why={start.isPending ? undefined : why} busy={start.isPending}>
            {start.isPending ? words.going : words.go}
          </Button>
          <ul aria-label={words.after} className="flex flex-wrap items-center gap-x-4 gap-y-1 text-muted">
            {CREW.map((agent) => (
              <li key={agent}>
                <Agent agent={agent} />
              </li>
            ))}
          </ul>
        </div>
        {start.error && <Failed error={start.error} retry={go} safe={tRuns.gates.kept} />}
        <p className="text-muted">{words.after}</p>
        <Fold title={words.more}>
          <div className="flex flex-col gap-3 pt-3 pl-5">
            <p className="text-muted">{words.moreHint}</p>
            <TextField label={words.project} hint={words.projectHint} value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
            {more.fields}
          </div>
        </Fold>
      </form>
      <section aria-label={words.machine} className="flex flex-col gap-3">
        <h2 className="text-4 font-semibold">{words.machine}</h2>
        <Machine />
      </section>
    </div>
  );
}

/** The further inputs of the story bible, each a draft. */
function useMore() {
  const [genre, setGenre] = useDraft("begin.genre");
  const [tone, setTone] = useDraft("begin.tone");
  const [themes, setThemes] = useDraft("begin.themes");
  const [setting, setSetting] = useDraft("begin.setting");
  const [notes, setNotes] = useDraft("begin.notes");
  const values = { genre, tone, themes, setting, notes };
  const set = { genre: setGenre, tone: setTone, themes: setThemes, setting: setSetting, notes: setNotes };
  const inputs = Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim()));
  const clear = () => {
    for (const key of MORE) set[key]("");
  };
  const fields = MORE.map((key) => {
    const Input = key === "setting" || key === "notes" ? TextArea : TextField;
    return <Input key={key} label={words.inputs[key]} required={false} value={values[key]} onChange={(event) => set[key](event.target.value)} />;
  });
  return { inputs, clear, fields };
}
