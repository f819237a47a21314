//! Messages: what people and agents say to each other. A person's message to agents is feedback.

use serde::{Deserialize, Serialize};

use super::aggregate::{aggregate, body};
use crate::{MessageId, RunId, Text};

aggregate! {
    /// What happens on the project's bus.
    MessageEvent {
        /// Somebody said something.
        Sent(MessageSent) = "message.sent",
    }
}

/// How urgent a message is; urgent is read first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
    Urgent,
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MessageKind {
    /// A person steering the work.
    Feedback,
}

body! {
    /// Somebody said something.
    MessageSent {
        /// Its id.
        message: MessageId,
        /// Its number, rising per project from 1.
        n: u64,
        /// What it is.
        kind: MessageKind,
        /// Who said it.
        from: String,
        /// The agent it is for; all agents when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// The run it is for; the open and coming runs of the project when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<RunId>,
        /// The step of that run it is for, by path.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<String>,
        /// How urgent it is.
        #[serde(default)]
        priority: Priority,
        /// What was said.
        text: Text,
    }
}
