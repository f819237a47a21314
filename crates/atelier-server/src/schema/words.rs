//! Words that stand in requests, and lists.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a person may do at a gate.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = GateAction)]
#[allow(missing_docs)]
pub enum GateActionWord {
    Approve,
    Edit,
    Chat,
    Paste,
    Skip,
    ChangeModel,
    Retry,
    Pin,
    Reject,
}

/// When gates open.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GatePolicy)]
#[allow(missing_docs)]
pub enum GatePolicyWord {
    Always,
    OnViolation,
    Never,
}

/// Which of the configured models.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Mode)]
#[allow(missing_docs)]
pub enum ModeWord {
    Fast,
    Heavy,
}

/// How much something said matters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Priority)]
#[allow(missing_docs)]
pub enum PriorityWord {
    Low,
    Normal,
    High,
    Urgent,
}

/// A part of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Items<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// Ask with this as `cursor` for what follows; null on the last page.
    #[schema(required = true)]
    pub next: Option<String>,
}
