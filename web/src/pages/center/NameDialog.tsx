import { useState } from "react";
import { Button, Dialog, TextField } from "@/kit";
import { t } from "@/texts";
import { tCenter } from "@/texts/center";

const words = tCenter.projects;

type Asked = { title: string; label: string; action: string; start: string; body?: string; must?: string; bad?: boolean; onName: (name: string) => void };

/** Asks for a name; with `must`, for exactly that one, before what cannot be undone. */
export function NameDialog({ asked, onClose }: { asked: Asked | undefined; onClose: () => void }) {
  return (
    <Dialog open={asked !== undefined} onClose={onClose} title={asked?.title ?? ""}>
      {asked && <Ask {...asked} onClose={onClose} />}
    </Dialog>
  );
}

function Ask({ label, action, start, body, must, bad, onName, onClose }: Asked & { onClose: () => void }) {
  const [name, setName] = useState(start);
  const wanted = name.trim();
  const why = wanted === "" ? words.nameEmpty : must !== undefined && wanted !== must.trim() ? words.nameDiffers : undefined;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (why) return;
        onName(wanted);
        onClose();
      }}
    >
      {body && <p className="text-muted">{body}</p>}
      <TextField
        label={label}
        {...(must && { hint: must })}
        data-first
        autoComplete="off"
        value={name}
        maxLength={200}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" look={bad ? "bad" : "ink"} why={why}>
          {action}
        </Button>
      </div>
    </form>
  );
}

export type { Asked };
