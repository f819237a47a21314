//! Runs, steps, gates, receipts.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::GateActionWord;

/// How a run stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum RunStatus {
    Running,
    Waiting,
    Paused,
    Failed,
    Cancelled,
    Done,
}

/// The level of the cascade that chose a model.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Level {
    Run,
    Step,
    Conversation,
    Bucket,
    Agent,
    Project,
    Studio,
    Builtin,
}

/// What model calls came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Requests sent.
    pub calls: u64,
    /// Tokens read by models.
    pub input_tokens: u64,
    /// Tokens written by models.
    pub output_tokens: u64,
    /// US dollars.
    pub cost: f64,
}

/// Why something failed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RunFailure {
    /// A stable code.
    pub code: String,
    /// What happened and why.
    pub message: String,
    /// What to do.
    #[serde(default)]
    pub hint: Option<String>,
}

/// A run in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RunLine {
    /// Its id.
    #[schema(pattern = "^run_[0-9a-f]{32}$")]
    pub id: String,
    /// The workflow, or the agent that was run alone.
    pub workflow: String,
    /// How it stands.
    pub status: RunStatus,
    /// Whether somebody makes its calls now.
    pub live: bool,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    #[schema(required = true)]
    pub finished_at: Option<String>,
}

/// A run with everything in it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Run {
    /// Its id.
    #[schema(pattern = "^run_[0-9a-f]{32}$")]
    pub id: String,
    /// Its project.
    #[schema(pattern = "^prj_[0-9a-f]{32}$")]
    pub project: String,
    /// The branch it works on.
    pub branch: String,
    /// The workflow, or the agent that was run alone.
    pub workflow: String,
    /// How it stands.
    pub status: RunStatus,
    /// Whether somebody makes its calls now.
    pub live: bool,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    #[schema(required = true)]
    pub finished_at: Option<String>,
    /// When it was last heard of.
    #[schema(required = true)]
    pub updated_at: Option<String>,
    /// What it was given.
    pub inputs: Value,
    /// What came of it.
    #[schema(required = true)]
    pub outputs: Option<Value>,
    /// Why it failed.
    #[schema(required = true)]
    pub error: Option<RunFailure>,
    /// Its steps, in the order in which they began.
    pub steps: Vec<Step>,
    /// Its gates.
    pub gates: Vec<Gate>,
    /// Every request that was sent to a model. With `receipts=false` their messages, context and output are left out.
    pub receipts: Vec<Receipt>,
    /// What its calls came to.
    pub usage: Usage,
}

/// One unit of a run.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// Its id.
    pub id: String,
    /// Its path, with iterations.
    pub name: String,
    /// What it does.
    pub kind: String,
    /// The agent who does it.
    pub agent: Option<String>,
    /// `running`, `waiting`, `done`, `skipped`, `failed`, `cancelled`.
    pub status: String,
    /// What it was given.
    pub input: Option<Value>,
    /// What came of it.
    pub output: Option<Value>,
    /// What was found in its output.
    pub findings: Vec<String>,
    /// Why it failed.
    pub error: Option<RunFailure>,
    /// How often a loop went round.
    pub rounds: u32,
    /// What its calls came to.
    pub usage: Usage,
    /// Its attempts.
    pub attempts: Vec<Attempt>,
}

/// One try.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// Which of the agent's calls, from 0.
    pub call: u32,
    /// How it stands.
    pub status: String,
    /// The model asked.
    pub model: Option<String>,
    /// The level that chose it.
    pub level: Option<Level>,
    /// Why it failed.
    pub error: Option<RunFailure>,
}

/// A point where a run waits for a person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Gate {
    /// Its id.
    #[schema(pattern = "^gate_[0-9a-f]{32}$")]
    pub id: String,
    /// The path of its step.
    pub step: String,
    /// What is decided on.
    pub kind: String,
    /// `open` or `decided`.
    pub status: String,
    /// What was decided.
    pub decision: Option<GateActionWord>,
    /// What a person is asked.
    pub prompt: String,
    /// What it is about.
    pub output: Value,
    /// The model that wrote it.
    pub model: Option<String>,
    /// What was found in it.
    pub findings: Vec<String>,
    /// What was said at it.
    pub turns: Vec<GateTurn>,
    /// What may be done.
    pub actions: Vec<GateActionWord>,
}

/// What was said at a gate.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GateTurn {
    /// What kind of turn.
    pub turn: String,
    /// What was said.
    pub text: String,
}

/// The account of one request to a model.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// Its id.
    #[schema(pattern = "^rcp_[0-9a-f]{32}$")]
    pub id: String,
    /// The run.
    pub run: String,
    /// The path of the step.
    pub step: String,
    /// Which attempt.
    pub attempt: u32,
    /// Which of the agent's calls.
    pub call: u32,
    /// The agent.
    pub agent: String,
    /// The model asked.
    pub model: String,
    /// The level that chose it.
    pub level: Level,
    /// The provider.
    pub provider: String,
    /// The hash of the template.
    pub template: String,
    /// Why it failed.
    pub error: Option<RunFailure>,
    /// What it came to.
    pub usage: Usage,
    /// Why the model stopped.
    pub finish_reason: Option<String>,
    /// When it was sent.
    pub started_at: String,
    /// Until the first token came.
    pub first_token_ms: Option<u64>,
    /// Until the last one came.
    pub total_ms: u64,
    /// The events whose feedback stood in it.
    pub feedback: Vec<String>,
    /// What was sent, to the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<ReceiptMessage>>,
    /// Every candidate for the context, with the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Vec<ContextLine>>,
    /// What came back.
    #[serde(default)]
    pub output: Option<String>,
}

/// A message of a prompt.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReceiptMessage {
    /// `system`, `user`, `assistant`.
    pub role: String,
    /// Its text.
    pub content: String,
}

/// A candidate for the context.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ContextLine {
    /// Where it came from.
    pub source: String,
    /// What it is.
    pub title: String,
    /// How long it is.
    pub tokens: u64,
    /// Whether it is in the prompt.
    pub included: bool,
    /// Why, or why not.
    pub reason: String,
}
