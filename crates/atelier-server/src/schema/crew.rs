//! Crews: workflows, agents, types, and what they must be given.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What the crews have.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Crews {
    /// Workflows.
    pub workflows: Vec<CrewEntry>,
    /// Agents.
    pub agents: Vec<AgentEntry>,
    /// Types of buckets.
    pub types: Vec<TypeEntry>,
}

/// A workflow.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CrewEntry {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// `builtin`, `user` or `project`.
    pub layer: String,
    /// Its file.
    pub file: String,
    /// Whether it can be run.
    pub ok: bool,
}

/// An agent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AgentEntry {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// `builtin`, `user` or `project`.
    pub layer: String,
    /// Its file.
    pub file: String,
    /// Whether it can be run.
    pub ok: bool,
    /// The colour of its voice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
}

/// A type of buckets.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TypeEntry {
    /// Its id.
    pub id: String,
    /// What one is called.
    pub name: String,
    /// What several are called.
    pub plural: String,
    /// `builtin`, `user` or `project`.
    pub layer: String,
}

/// What a workflow or agent must or may be given.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Input {
    /// `string`, `text`, `integer`, `boolean`, `list`, `any`.
    pub r#type: String,
    /// Whether there is no going without it.
    pub required: bool,
    /// What holds when it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// What it is for.
    pub description: String,
    /// The longest text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<u32>,
}

/// A value of a crew's file with the place it came from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Resolved {
    /// The key.
    pub key: String,
    /// The value, on one line.
    pub value: String,
    /// The layer that gave it.
    pub layer: String,
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
}
