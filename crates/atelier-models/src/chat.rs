//! What is asked of a model and what comes back, in no provider's words.

use crate::spec::ProviderKind;
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatRequest {
    /// Whose call this is (a project's id): calls of different lanes take turns at a busy endpoint.
    pub lane: String,
    pub messages: Vec<ChatMessage>,
    /// The answer shall be an instance of this JSON schema; enforced where the server can.
    pub schema: Option<Arc<serde_json::Value>>,
    pub schema_name: String,
    pub max_output_tokens: u32,
    /// In thousandths; without it the model's own.
    pub temperature_milli: Option<u32>,
    pub seed: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatMessage {
    pub role: Role,
    pub content: Arc<str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    System,
    User,
    Assistant,
}

/// What is heard of a call while it is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta {
    /// The call has left the queue; its request is sent now.
    Started,
    Text(String),
    /// What a thinking model says to itself; never part of the answer.
    Reasoning(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    pub usage: Usage,
    pub finish: FinishReason,
    /// As the server reports it; as it was asked for where the server says nothing.
    pub model: String,
    pub provider: ProviderKind,
    /// In millionths of a US dollar; 0 for local models and for those without a known price.
    pub cost_micros: u64,
    pub first_token_ms: Option<u64>,
    pub total_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// How many of the input tokens the server had already; part of `input_tokens`.
    pub cached_input_tokens: u64,
    /// The server did not say; these are our own estimates.
    pub estimated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FinishReason {
    Stop,
    /// Cut off by `max_output_tokens` or by the end of the context.
    Length,
    ContentFilter,
    Other(String),
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

impl FinishReason {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ContentFilter => "content_filter",
            Self::Other(word) => word,
        }
    }

    pub(crate) fn of(word: &str) -> Self {
        match word {
            "stop" => Self::Stop,
            "length" => Self::Length,
            "content_filter" => Self::ContentFilter,
            other => Self::Other(other.to_owned()),
        }
    }
}
