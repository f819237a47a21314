// A child process that is spoken with in lines: started, asked, ended. Started in a group of its own, so that nothing
// it has started outlives it.

import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

export type Options = { env?: Record<string, string> };

export class Child {
  readonly #process: ChildProcess;
  readonly #waiting: ((line: string | null) => void)[] = [];
  readonly #lines: string[] = [];
  readonly #ended: Promise<void>;
  /** What it said on its standard error; shown when something fails. */
  said = "";

  constructor(program: string, args: readonly string[], { env = {} }: Options = {}) {
    this.#process = spawn(program, args, { detached: true, stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
    const { stdout, stderr } = this.#process;
    if (!stdout || !stderr) throw new Error("a child without pipes");
    createInterface({ input: stdout }).on("line", (line) => this.#take(line));
    stderr.on("data", (piece: Buffer) => (this.said = (this.said + piece.toString()).slice(-20_000)));
    this.#ended = new Promise((done) => {
      this.#process.once("error", (error) => {
        this.said += `cannot be started: ${error.message}`;
        this.#take(null);
        done();
      });
      this.#process.once("exit", () => {
        this.#take(null);
        done();
      });
    });
  }

  /** The next line of its standard output; an error where it ended instead. */
  async line(): Promise<string> {
    const line = this.#lines.shift() ?? (await new Promise<string | null>((got) => this.#waiting.push(got)));
    if (line === null) throw new Error(`the process ended: ${this.said}`);
    return line;
  }

  tell(value: unknown): void {
    this.#process.stdin?.write(`${JSON.stringify(value)}\n`);
  }

  /** A signal to it and whatever it started. */
  async end(signal: "SIGKILL" | "SIGTERM" | "SIGINT"): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal);
    await this.#ended;
  }

  #take(line: string | null): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(line);
    else if (line !== null) this.#lines.push(line);
  }
}
