//! What goes over the socket: JSON lines, one object each.

use atelier_runtime::{Failure, Request, Update};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Requests longer than this are refused.
pub(crate) const MAX_REQUEST: usize = 16 << 20;

/// Answers longer than this are neither sent nor read.
pub(crate) const MAX_ANSWER: usize = 256 << 20;

/// What a client sends.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Asked {
    /// One request, one answer.
    Ask(Request),
    /// From now on, updates until either side closes.
    Follow(Watch),
}

/// What is to be watched.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Watch {
    pub(crate) project: String,
    /// From after this event on; from now on when absent.
    #[serde(default)]
    pub(crate) since: Option<u64>,
}

/// What the owner sends.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Said {
    /// First of all: somebody listens.
    Hello(Hello),
    /// The answer.
    Answer(Value),
    /// Why there is none.
    Failure(Failure),
    /// Something to whoever watches.
    Update(Update),
    /// The owner ends; what was sent and not answered was not read.
    Bye {},
}

/// Who owns the data folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) pid: u32,
    pub(crate) version: String,
}
