import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { keepForm } from "@/api/actions";
import * as queries from "@/api/queries";
import { SAVES } from "@/api/saves";
import { useConnection } from "@/bus";
import { useDraft } from "@/drafts/useDraft";
import { typedOf, type Typed } from "./fields";

const PAUSE_MS = 800;

/** A form whose every field is kept: at once in this browser, a moment later with the project. */
export function useForm(project: string, name: string, from: { run: string; inputs: Record<string, unknown> | undefined } | undefined) {
  const kept = useQuery({ ...queries.form(project, name), retry: false });
  const [draft, setDraft] = useDraft(`form.${project}.${name}${from ? `.${from.run}` : ""}`);
  const earlier = from?.inputs;
  const keep = useMutation({
    meta: { quiet: true },
    mutationKey: [...SAVES, project, name],
    mutationFn: (fields: Typed) => keepForm(project, name, fields),
  });
  const { mutate } = keep;

  const typed = useMemo<Typed>(() => {
    const known = { ...kept.data?.fields, ...earlier };
    const base = Object.fromEntries(Object.entries(known).map(([key, value]) => [key, typedOf(value)]));
    return { ...base, ...read(draft) };
  }, [kept.data, earlier, draft]);

  // After a pause in typing, and once more when the studio is back.
  const live = useConnection().state === "live";
  useEffect(() => {
    if (!draft || !live) return;
    const timer = setTimeout(() => mutate(read(draft)), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft, live, mutate]);

  const set = (field: string, text: string) => setDraft(JSON.stringify({ ...typed, [field]: text }));
  return { typed, set, ready: !kept.isPending, state: keep.status, used: draft !== "" };
}

function read(draft: string): Typed {
  try {
    return draft ? (JSON.parse(draft) as Typed) : {};
  } catch {
    return {};
  }
}
