// The scripted model server of `atelier-testkit`: it speaks the real protocol, and counts what it is asked.

import { Child } from "./lines";
import { program } from "./programs";

export type Rule = {
  text?: string;
  nth?: number;
  times?: number;
  reply: { text?: string; first_ms?: number; inter_ms?: number; chunk_chars?: number; fault?: unknown };
};

type Call = { model: string; text: string; finished: boolean };

export class ScriptedModel {
  private constructor(
    private readonly child: Child,
    readonly spec: string,
  ) {}

  static async start(): Promise<ScriptedModel> {
    const child = new Child(program("scripted_model"), []);
    const { spec } = JSON.parse(await child.line()) as { spec: string };
    return new ScriptedModel(child, spec);
  }

  /** From now on; the first rule that fits decides, and where none does the answer fits the request's schema. */
  script(...rules: Rule[]): Promise<unknown> {
    return this.ask({ do: "script", rules });
  }

  /** Holds calls that fit, from their beginning or after some pieces of their answer. */
  async hold(about: { text?: string; nth?: number; after?: number } = {}): Promise<{ held(n?: number): Promise<void>; release(): Promise<unknown> }> {
    const { hold } = (await this.ask({ do: "hold", ...about })) as { hold: number };
    return {
      held: async (n = 1) => {
        const { ok } = (await this.ask({ do: "wait", hold, n })) as { ok: boolean };
        if (!ok) throw new Error(`no ${n} calls came to the hold`);
      },
      release: () => this.ask({ do: "release", hold }),
    };
  }

  async calls(): Promise<Call[]> {
    return ((await this.ask({ do: "calls" })) as { calls: Call[] }).calls;
  }

  reset(): Promise<unknown> {
    return this.ask({ do: "reset" });
  }

  end(): Promise<void> {
    return this.child.end("SIGKILL");
  }

  private async ask(order: unknown): Promise<unknown> {
    this.child.tell(order);
    const answer = JSON.parse(await this.child.line()) as { error?: string };
    if (answer.error) throw new Error(`the model server: ${answer.error}`);
    return answer;
  }
}
