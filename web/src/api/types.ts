// What the studio answers, in the keys of its contract. More keys may come; none is renamed.

export type Page<T> = { items: T[]; next: string | null };

export type ProjectStatus = "active" | "trashed" | "damaged";

export type Project = {
  id: string;
  name: string;
  status: ProjectStatus;
  last_seq: number;
  updated_at: string;
  path?: string;
  reason?: string;
  /** When it went into the trash. */
  trashed_at?: string | null;
};

export type RunStatus = "running" | "waiting" | "paused" | "done" | "failed" | "cancelled";

export type RunCounts = { running: number; waiting: number; failed: number; done: number };

export type ProjectCard = Project & {
  runs: RunCounts;
  buckets: number;
  words: number;
  cost: number | null;
};

export type OpenGate = {
  id: string;
  project: string;
  project_name: string;
  run: string;
  workflow: string;
  step: string;
  kind: string;
  prompt: string;
  since: string;
};

export type ActiveRun = {
  id: string;
  project: string;
  project_name: string;
  workflow: string;
  status: RunStatus;
  live: boolean;
  started_at: string;
  steps: { done: number; total: number };
  error?: Fault | null;
};

export type Fault = { code: string; message: string; hint?: string };

export type Usage = { calls: number; input_tokens: number; output_tokens: number; cost: number | null };

export type Check = { name: string; status: "ok" | "warn" | "missing"; detail: string; fix: string };

export type Doctor = { ok: boolean; checks: Check[] };

export type Overview = {
  projects: ProjectCard[];
  gates: OpenGate[];
  runs: ActiveRun[];
  models: unknown[];
  usage: { today: Usage; total: Usage };
  health: Doctor;
  stopped?: boolean;
};

export type RunLine = {
  id: string;
  workflow: string;
  status: RunStatus;
  live: boolean;
  started_at: string;
  finished_at: string | null;
};

export type Attempt = { number: number; call: number; status: string; model: string; level: string; error: Fault | null };

export type Step = {
  id: string;
  name: string;
  kind: string;
  agent: string | null;
  status: string;
  input?: unknown;
  output?: unknown;
  findings: string[];
  error: Fault | null;
  rounds?: number;
  usage: Usage;
  attempts: Attempt[];
};

export type GateAction = "approve" | "edit" | "chat" | "paste" | "skip" | "change-model" | "retry" | "pin" | "reject";

export type Gate = {
  id: string;
  step: string;
  kind: string;
  status: "open" | "decided";
  decision: string | null;
  prompt: string;
  output: unknown;
  model: string | null;
  findings: string[];
  turns: { turn: string; text: string }[];
  actions: GateAction[];
};

export type Candidate = { source: string; title: string; tokens: number; included: boolean; reason: string };

export type Receipt = {
  id: string;
  run: string;
  step: string;
  attempt: number;
  call: number;
  agent: string;
  model: string;
  level: string;
  provider: string;
  template?: string;
  messages?: { role: string; content: string }[];
  context: Candidate[];
  output?: string | null;
  error: Fault | null;
  usage: Usage;
  finish_reason: string | null;
  started_at: string;
  first_token_ms: number | null;
  total_ms: number | null;
  feedback: string[];
};

export type Run = {
  id: string;
  project: string;
  branch: string;
  workflow: string;
  status: RunStatus;
  live: boolean;
  started_at: string;
  finished_at: string | null;
  updated_at: string;
  inputs: Record<string, unknown>;
  outputs: unknown;
  error: Fault | null;
  steps: Step[];
  gates: Gate[];
  receipts: Receipt[];
  usage: Usage;
};

export type InputType = "string" | "text" | "integer" | "boolean" | "list" | "any";

export type Input = { type: InputType; required?: boolean; max_chars?: number | null; default?: unknown; description?: string };

export type Crews = {
  agents: { id: string; name: string; role: string }[];
  workflows: { id: string; title: string; description: string }[];
};
