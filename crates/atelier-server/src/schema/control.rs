//! Forms, and what is stopped and started.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What stands in a form.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Form {
    /// The workflow or agent whose form it is.
    pub name: String,
    /// By field.
    pub fields: BTreeMap<String, Value>,
}

/// What an emergency stop came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StoppedAll {
    /// `all`, or the project.
    pub stopped: String,
    /// The runs that were paused.
    pub paused: Vec<String>,
    /// What could not be paused, with the reason.
    pub failed: Vec<Value>,
}

/// What may begin again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StartedAgain {
    /// `all`, or the project.
    pub started: String,
}

/// What was dropped.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CleanedUp {
    /// How many projects were put to sleep.
    pub asleep: u64,
    /// Projects that lay in the trash for more than thirty days.
    pub purged: Vec<Value>,
}
