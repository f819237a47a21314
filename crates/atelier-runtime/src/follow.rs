//! Watching a project: its events as they become durable, and what passes in between.

use atelier_domain::{Envelope, RunId};
use serde::{Deserialize, Serialize};

/// What a watcher is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Update {
    /// Something happened and is durable.
    Event(Box<Envelope>),
    /// Something passes; it is never stored.
    Notice(Notice),
    /// The watcher was too slow: read the log from the last event on.
    Resync,
}

/// A passing signal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Notice {
    /// A model call began: its prompt is on its way.
    Calling { run: RunId, path: String, attempt: u32, agent: String, model: String },
    /// More of an answer.
    Delta { run: RunId, path: String, attempt: u32, text: String },
}
