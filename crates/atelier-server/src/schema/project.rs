//! Projects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a project stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum ProjectStatus {
    Active,
    Trashed,
    Damaged,
    Purged,
}

/// A project in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Project {
    /// Its id.
    #[schema(pattern = "^prj_[0-9a-f]{32}$")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// How it stands.
    pub status: ProjectStatus,
    /// The number of its last event.
    pub last_seq: u64,
    /// When that was.
    pub updated_at: String,
    /// Why it is damaged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when it is in the trash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed_at: Option<String>,
}

/// A project that was made or named anew.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreatedProject {
    /// Its id.
    #[schema(pattern = "^prj_[0-9a-f]{32}$")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ProjectStatus>,
}

/// A project with what is in it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProjectShown {
    /// Its id.
    #[schema(pattern = "^prj_[0-9a-f]{32}$")]
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
    /// Whether its log can be written.
    pub health: LogHealth,
    /// Its branches.
    pub branches: Vec<Branch>,
    /// How many buckets hold on the main branch.
    pub buckets: u64,
    /// The artifacts on the main branch.
    pub artifacts: Vec<String>,
    /// How many canon rules hold on the main branch.
    pub rules: u64,
    /// Runs that have not ended.
    pub open_runs: Vec<String>,
    /// How many runs have ended.
    pub closed_runs: u64,
    /// How many messages were sent.
    pub messages: u64,
    /// Its own settings.
    pub settings: BTreeMap<String, String>,
}

/// Whether a log can be written.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LogHealth {
    /// `ok` or `read_only`.
    pub status: String,
    /// Why it is read-only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// A branch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Branch {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The branch it was forked from.
    pub parent: Option<String>,
    /// The last event it shares with its parent.
    pub at_seq: u64,
}
