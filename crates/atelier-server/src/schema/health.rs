//! How the machine and the studio are.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a check ended.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum CheckStatus {
    Ok,
    Warn,
    Missing,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// What.
    pub name: String,
    /// How it is.
    pub status: CheckStatus,
    /// What was found.
    pub detail: String,
    /// What to do, where something is to be done.
    pub fix: String,
    /// How long it took to find out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
}

/// What the machine has and what is missing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Doctor {
    /// Whether nothing is missing.
    pub ok: bool,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// A task at work.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Task {
    /// What it does.
    pub name: String,
    /// For which project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// `drop` or `finish`: what it does when the studio ends.
    pub on_cancel: String,
    /// Since when.
    pub started_at: String,
}

/// What reading a whole project and comparing what is derived from it came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Verified {
    /// Whether nothing differs.
    pub ok: bool,
    /// How many events there are.
    pub events: u64,
    /// What differs.
    pub problems: Vec<VerifyProblem>,
}

/// Something that differs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VerifyProblem {
    /// What.
    pub what: String,
    /// Where.
    pub r#where: String,
    /// What to do.
    pub fix: String,
}
