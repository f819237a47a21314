import { useState, useSyncExternalStore } from "react";
import { commandStore } from "@/commands/registry";
import { setSingleKeys, shown, singleKeys } from "@/commands/keys";
import { Dialog, Switch } from "@/kit";
import { t } from "@/texts";

/** Every key there is, from the one table of commands. */
export function Keys({ open, onClose }: { open: boolean; onClose: () => void }) {
  const commands = useSyncExternalStore(commandStore.subscribe, commandStore.get);
  const [single, setSingle] = useState(singleKeys);
  return (
    <Dialog open={open} onClose={onClose} title={t.shell.keys.title}>
      <p className="mb-2 text-muted">{t.shell.keys.intro}</p>
      <Switch
        label={t.shell.keys.single}
        checked={single}
        onChange={(on) => {
          setSingleKeys(on);
          setSingle(on);
        }}
      />
      <dl className="mt-2">
        {commands
          .filter((command) => command.keys)
          .map((command) => (
            <div key={command.id} className="flex min-h-9 items-center justify-between border-b border-line">
              <dt>{command.name}</dt>
              <dd className="flex gap-1">
                {shown(command.keys ?? "").map((key) => (
                  <kbd key={key} className="kbd">
                    {key}
                  </kbd>
                ))}
              </dd>
            </div>
          ))}
      </dl>
    </Dialog>
  );
}
