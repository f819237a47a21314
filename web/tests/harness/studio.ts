// The real binary on a data folder of its own, and its API as a script would use it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Child } from "./lines";
import { program } from "./programs";

export type Event = { id: string; seq: number; kind: string; actor: { kind: string; id: string }; correlation: string | null; body: Record<string, unknown> };

export class Studio {
  url = "";
  #child: Child | undefined;

  private constructor(
    readonly data: string,
    private readonly env: Record<string, string>,
  ) {}

  /** A studio on an empty folder; `model` becomes the model of every agent. */
  static async start(model?: string, env: Record<string, string> = {}): Promise<Studio> {
    const studio = new Studio(await mkdtemp(join(tmpdir(), "atelier-page-")), env);
    await studio.serve();
    if (model) await studio.put("/settings/models.default", { value: model });
    return studio;
  }

  /** Serves it, after a stop or kill at the address it had. */
  async serve(...more: string[]): Promise<void> {
    const listen = this.url === "" ? "127.0.0.1:0" : new URL(this.url).host;
    this.#child = new Child(program("atelier"), ["--data", this.data, "--json", "serve", "--listen", listen, ...more], { env: this.env });
    this.url = (JSON.parse(await this.#child.line()) as { listen: string }).listen;
  }

  kill(): Promise<void> | undefined {
    return this.#child?.end("SIGKILL");
  }

  stop(): Promise<void> | undefined {
    return this.#child?.end("SIGTERM");
  }

  /** Ends it and leaves nothing behind. */
  async end(): Promise<void> {
    await this.kill();
    await rm(this.data, { recursive: true, force: true });
  }

  get<T>(path: string): Promise<T> {
    return this.ask("GET", path);
  }
  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.ask("POST", path, body);
  }
  put<T>(path: string, body: unknown): Promise<T> {
    return this.ask("PUT", path, body);
  }

  async project(name: string): Promise<string> {
    return (await this.post<{ id: string }>("/projects", { name })).id;
  }

  async run(project: string, more: Record<string, unknown> = {}): Promise<string> {
    const body = { workflow: "story-bible", inputs: { idea: "A lighthouse keeper hears the sea speak." }, ...more };
    return (await this.post<{ id: string }>(`/projects/${project}/runs`, body)).id;
  }

  /** All events of a project. */
  async events(project: string, kind?: string): Promise<Event[]> {
    const events: Event[] = [];
    for (let since = 0; ; ) {
      const page = await this.get<{ items: Event[]; next: string | null }>(`/projects/${project}/events?since=${since}&limit=1000&texts=inline`);
      events.push(...page.items);
      const last = page.items.at(-1);
      if (!last || page.next === null) break;
      since = last.seq;
    }
    return kind === undefined ? events : events.filter((event) => event.kind === kind);
  }

  /** Waits until the log holds an event of a kind; `n` for more than one of them. */
  event(project: string, kind: string, n = 1): Promise<Event> {
    return until(`${n} × ${kind}`, async () => (await this.events(project, kind))[n - 1]);
  }

  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const init: RequestInit = { method, headers: { "Content-Type": "application/json" } };
    if (body !== undefined) init.body = JSON.stringify(body);
    const response = await fetch(`${this.url}/api/v1${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
}

/** Asks again until there is an answer; the pause is between questions, nothing is assumed of time. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`waited a minute for ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
