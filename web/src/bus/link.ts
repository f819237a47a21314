// How a tab reaches the hub: through the SharedWorker, or, where the browser has none, through the tab that leads.
// The lead is a Web Lock; messages go over a BroadcastChannel. When the leading tab closes, the next one takes over.

import type { Hub } from "./hub";
import type { FromTab, ToTab } from "./wire";

export type Link = { send(message: FromTab): void };

const CHANNEL = "atelier-stream";

/** A link for a tab. `lost` is called when the leader changed: what the tab watches has to be said again. */
export function link(tab: string, hear: (message: ToTab) => void, lost: () => void): Link {
  return typeof SharedWorker === "function" ? shared(tab, hear) : led(tab, hear, lost);
}

function shared(tab: string, hear: (message: ToTab) => void): Link {
  const held = holdForLife(tab);
  const worker = new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module", name: "atelier-stream" });
  worker.port.addEventListener("message", ({ data }: MessageEvent<ToTab>) => hear(data));
  worker.port.start();
  return { send: (message) => void held.then(() => worker.port.postMessage(message)) };
}

/** Takes the tab's own lock for as long as it lives; whoever asks for it later learns when the tab is gone. */
function holdForLife(tab: string): Promise<void> {
  return new Promise((granted) => {
    void navigator.locks.request(tab, () => {
      granted();
      return new Promise(() => {});
    });
  });
}

type OnAir = { from: string; message: FromTab } | { to: string; message: ToTab } | { leader: string };

function led(tab: string, hear: (message: ToTab) => void, lost: () => void): Link {
  const air = new BroadcastChannel(CHANNEL);
  let hub: Hub | null = null;
  const joined = new Set<string>();
  const join = (id: string, post: (message: ToTab) => void): void => {
    if (!hub || joined.has(id)) return;
    joined.add(id);
    hub.join(id, { post });
    if (id === tab) return;
    void navigator.locks.request(id, () => {
      joined.delete(id);
      hub?.leave(id);
    });
  };
  air.addEventListener("message", ({ data }: MessageEvent<OnAir>) => {
    if ("leader" in data) return lost();
    if ("to" in data) return data.to === tab ? hear(data.message) : undefined;
    join(data.from, (message) => air.postMessage({ to: data.from, message } satisfies OnAir));
    hub?.hear(data.from, data.message);
  });
  const held = holdForLife(tab);
  void navigator.locks.request(`${CHANNEL}-leader`, async () => {
    // Most browsers have the worker; only those that lead by themselves load what it does.
    const [made, world] = await Promise.all([import("./hub"), import("./world")]);
    hub = new made.Hub(world.browserWorld());
    join(tab, hear);
    air.postMessage({ leader: tab } satisfies OnAir);
    lost();
    return new Promise(() => {});
  });
  return {
    send: (message) => {
      if (hub) hub.hear(tab, message);
      else void held.then(() => air.postMessage({ from: tab, message } satisfies OnAir));
    },
  };
}
