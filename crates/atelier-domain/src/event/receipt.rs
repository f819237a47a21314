//! Receipts: the stored account of every request that was sent to a model.

use serde::{Deserialize, Serialize};

use super::aggregate::{aggregate, body};
use super::run::{Failure, Level};
use crate::state::Usage;
use crate::{EventId, ReceiptId, Text, Timestamp};

aggregate! {
    /// Accounts of model calls. Which run: the envelope's correlation.
    ReceiptEvent {
        /// A model is about to be asked: what it will be sent, durable before it is.
        Opened(ReceiptOpened) = "receipt.opened",
        /// What came of it.
        Recorded(ReceiptRecorded) = "receipt.recorded",
    }
}

/// One message of the prompt, kept as the fragments it was put together from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PromptMessage {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// The fragments, which joined without a separator are the exact content.
    pub parts: Vec<Text>,
}

/// One candidate for the context, in or out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ContextLine {
    /// What kind of source: `canon`, `brief`, `structure`, `bucket`, `feedback`, ….
    pub source: String,
    /// What it is called.
    pub title: String,
    /// Its length in tokens of the model.
    pub tokens: u32,
    /// Whether the model read it.
    pub included: bool,
    /// Why, or why not.
    pub reason: String,
}

body! {
    /// A model is about to be asked. One that is never recorded was asked nothing: no request went out.
    ReceiptOpened {
        /// Its id.
        receipt: ReceiptId,
        /// The step, by path.
        path: String,
        /// The attempt.
        attempt: u32,
        /// Which of the agent's calls, from 0.
        #[serde(default, skip_serializing_if = "is_zero")]
        call: u32,
        /// The agent.
        agent: String,
        /// The model that is asked, as `PROVIDER:MODEL[@BASE_URL]`.
        model: String,
        /// The level that chose it.
        level: Level,
        /// The provider.
        provider: String,
        /// The template and its hash, so that every output can be traced to its prompt.
        template: String,
        /// The exact messages.
        messages: Vec<PromptMessage>,
        /// Every context candidate.
        context: Vec<ContextLine>,
        /// When the request is sent.
        started_at: Timestamp,
        /// The feedback that is in the prompt.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        feedback: Vec<EventId>,
    }
    /// What came of asking a model. Where it was opened before, messages, context and template stand there.
    ReceiptRecorded {
        /// Its id.
        receipt: ReceiptId,
        /// The step, by path.
        path: String,
        /// The attempt.
        attempt: u32,
        /// Which of the agent's calls, from 0.
        #[serde(default, skip_serializing_if = "is_zero")]
        call: u32,
        /// The agent.
        agent: String,
        /// The model that was asked, as `PROVIDER:MODEL[@BASE_URL]`.
        model: String,
        /// The level that chose it.
        level: Level,
        /// The provider.
        provider: String,
        /// The template and its hash, so that every output can be traced to its prompt.
        template: String,
        /// The exact messages.
        messages: Vec<PromptMessage>,
        /// Every context candidate.
        context: Vec<ContextLine>,
        /// What the model answered, as it came.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<Text>,
        /// Why there is no usable answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<Failure>,
        /// What it cost.
        usage: Usage,
        /// Why the model stopped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        finish_reason: Option<String>,
        /// When the request was sent.
        started_at: Timestamp,
        /// Until the first token, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first_token_ms: Option<u64>,
        /// Until the end, in milliseconds.
        total_ms: u64,
        /// The feedback that was in the prompt.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        feedback: Vec<EventId>,
    }
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}
