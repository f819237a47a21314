//! What a person wants to see first.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Doctor, GateActionWord, ProjectStatus, RunFailure, RunStatus, Usage};

/// Projects with their progress, gates that wait, runs that have not ended, models, cost, health.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Overview {
    /// The active projects.
    pub projects: Vec<OverviewProject>,
    /// Gates that wait for a person, the oldest first.
    pub gates: Vec<OpenGate>,
    /// Runs that have not ended, and those that failed.
    pub runs: Vec<OverviewRun>,
    /// The models that are set.
    pub models: Vec<ModelRole>,
    /// What model calls came to.
    pub usage: UsageReport,
    /// The quick checks.
    pub health: Doctor,
}

/// A project with its progress. One that is damaged tells why and nothing else.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OverviewProject {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it stands.
    pub status: ProjectStatus,
    /// The number of its last event.
    pub last_seq: u64,
    /// When that was.
    pub updated_at: String,
    /// Its folder.
    pub path: String,
    /// Its runs.
    #[serde(default)]
    pub runs: Option<RunCounts>,
    /// How many buckets it has.
    #[serde(default)]
    pub buckets: Option<u64>,
    /// How many artifacts it has.
    #[serde(default)]
    pub artifacts: Option<u64>,
    /// How many words its artifacts have.
    #[serde(default)]
    pub words: Option<u64>,
    /// US dollars.
    #[serde(default)]
    pub cost: Option<f64>,
    /// What its calls came to.
    #[serde(default)]
    pub usage: Option<Usage>,
    /// Why it is damaged.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Runs, counted by how they stand.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct RunCounts {
    pub running: u64,
    pub waiting: u64,
    pub paused: u64,
    pub failed: u64,
    pub done: u64,
}

/// A gate that waits.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OpenGate {
    /// Its id.
    pub id: String,
    /// Its project.
    pub project: String,
    /// What that is called.
    pub project_name: String,
    /// Its run.
    pub run: String,
    /// The workflow of the run.
    pub workflow: String,
    /// The path of its step.
    pub step: String,
    /// What is decided on.
    pub kind: String,
    /// What a person is asked.
    pub prompt: String,
    /// What was found in the output.
    pub findings: Vec<String>,
    /// What may be done.
    pub actions: Vec<GateActionWord>,
    /// Since when it waits.
    pub since: Option<String>,
}

/// A run that has not ended, or failed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OverviewRun {
    /// Its id.
    pub id: String,
    /// Its project.
    pub project: String,
    /// What that is called.
    pub project_name: String,
    /// The workflow.
    pub workflow: String,
    /// How it stands.
    pub status: RunStatus,
    /// Whether somebody makes its calls now.
    pub live: bool,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    pub finished_at: Option<String>,
    /// Its steps.
    pub steps: StepCounts,
    /// Why it failed.
    pub error: Option<RunFailure>,
}

/// Steps that are done, of those that are known.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct StepCounts {
    pub done: u64,
    pub total: u64,
}

/// A model that is set.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ModelRole {
    /// The setting.
    pub setting: String,
    /// The model.
    pub model: String,
    /// Where the setting came from.
    pub origin: String,
}

/// What model calls came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsageReport {
    /// Since midnight, where the studio is.
    pub today: Usage,
    /// Since ever.
    pub total: Usage,
    /// By project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projects: Option<Vec<ProjectUsage>>,
}

/// What the calls of a project came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProjectUsage {
    /// The project.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Since midnight.
    pub today: Usage,
    /// Since ever.
    pub total: Usage,
}
