// The SharedWorker: one hub for all tabs. A tab holds a lock for as long as it lives; when the lock comes free here,
// the tab is gone, however it went.

import { Hub } from "./hub";
import { browserWorld } from "./world";
import type { FromTab, ToTab } from "./wire";

type Scope = { addEventListener(type: "connect", listener: (event: MessageEvent) => void): void };

const hub = new Hub(browserWorld());

(globalThis as unknown as Scope).addEventListener("connect", (event) => {
  const port = event.ports[0];
  if (!port) return;
  let tab: string | null = null;
  port.addEventListener("message", ({ data }: MessageEvent<FromTab>) => {
    if (data.type === "hello") {
      if (tab === null) {
        tab = data.tab;
        hub.join(tab, { post: (message: ToTab) => port.postMessage(message) });
        void navigator.locks.request(data.tab, () => hub.leave(data.tab));
      }
    }
    if (tab !== null) hub.hear(tab, data);
  });
  port.start();
});
