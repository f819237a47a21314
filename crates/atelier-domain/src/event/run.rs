//! Runs: one execution of a workflow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::aggregate::{aggregate, body};
use crate::{BranchId, Hash, Text};

aggregate! {
    /// What happens to a run as a whole. Which run: the envelope's correlation.
    RunEvent {
        /// It began.
        Started(RunStarted) = "run.started",
        /// No further step starts until it is resumed.
        Paused(RunPaused) = "run.paused",
        /// It goes on.
        Resumed(RunResumed) = "run.resumed",
        /// It may start one more step, then it is paused again.
        Stepped(RunStepped) = "run.stepped",
        /// It ended.
        Finished(RunFinished) = "run.finished",
        /// An earlier step was opened again.
        Rewound(RunRewound) = "run.rewound",
    }
}

/// When a gate opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GatePolicy {
    /// At every gate.
    Always,
    /// Where something was found that a person should see.
    #[default]
    OnViolation,
    /// At none: what a gate would ask is decided by this policy.
    Never,
}

/// The level of the cascade that chose a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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

/// How long an agent may be asked at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// One call with the whole schema.
    #[default]
    Full,
    /// Several short calls with flat schemas, for small models.
    Tiny,
}

/// The models chosen for an agent or a step when the run began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Route {
    /// The model, as `PROVIDER:MODEL[@BASE_URL]`.
    pub model: String,
    /// The level that chose it.
    pub level: Level,
    /// How the agent is asked.
    #[serde(default)]
    pub profile: Profile,
    /// Models tried in this order when the first one fails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<String>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Outcome {
    Done,
    Failed,
    Cancelled,
}

/// Why something failed, for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Failure {
    /// A stable code.
    pub code: String,
    /// What happened and why.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
}

body! {
    /// A run began.
    RunStarted {
        /// The workflow's id; an agent's id when a single agent is run.
        workflow: String,
        /// The frozen copy of workflow, agents, templates and types.
        definition: Hash,
        /// The inputs, as canonical JSON.
        inputs: Text,
        /// When gates open; each step's own policy when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gates: Option<GatePolicy>,
        /// The model of each agent, by agent id.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        routes: BTreeMap<String, Route>,
        /// Whether canon rules that agents propose hold at once, without a person's yes.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        accept_rules: bool,
    }
    /// No further step starts.
    RunPaused {
        /// Why, in a word: `asked`, `interrupted`, `stepped`.
        reason: String,
    }
    /// The run goes on; steps that had failed are open again.
    RunResumed {
        /// Paths of steps that are opened again.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reopened: Vec<String>,
        /// Paths of steps that begin anew.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        dropped: Vec<String>,
    }
    /// One more step may start, or the one that was paused in the middle may end.
    RunStepped {
        /// The step that may end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<String>,
    }
    /// The run ended.
    RunFinished {
        /// How.
        outcome: Outcome,
        /// Its outputs, as canonical JSON.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outputs: Option<Text>,
        /// Why, where it did not end well.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<Failure>,
    }
    /// An earlier step was opened again; what came after is kept on a branch.
    RunRewound {
        /// The path of the step.
        to: String,
        /// Paths of the steps that are forgotten on this line.
        dropped: Vec<String>,
        /// Where the old line is kept.
        kept: BranchId,
    }
}
