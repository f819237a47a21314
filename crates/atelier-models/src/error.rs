//! How a call can fail, and whether trying again can help. The kind is a promise that somebody may act on it; the
//! message says what was done to what, the hint what to do now.

use crate::chat::Usage;
use crate::codes;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    pub kind: CallErrorKind,
    pub message: String,
    pub hint: String,
    /// What the server asked for, or when the breaker lets a call through again.
    pub retry_after_ms: Option<u64>,
    /// What was used up all the same.
    pub usage: Option<Box<Usage>>,
    /// What had been said before it failed: for the receipt, never an answer.
    pub partial: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallErrorKind {
    Unreachable,
    ConnectTimeout,
    FirstTokenTimeout,
    StallTimeout,
    WholeTimeout,
    RateLimited,
    Overloaded,
    Auth,
    ModelNotFound,
    BadRequest,
    ContextTooLong,
    /// The connection or the stream ended before the answer did.
    Cut,
    /// What came is not of the protocol.
    Garbage,
    ServerError,
    EmptyAnswer,
    /// The server refuses the schema; the next call asks for less and can be made at once.
    SchemaRefused,
    BreakerOpen,
    Cancelled,
    /// Wrong or missing settings or files on this machine; nothing was sent.
    Config,
}

/// A setting the gateway cannot be built with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    pub message: String,
    pub hint: String,
}

impl CallErrorKind {
    pub const ALL: [Self; 19] = [
        Self::Unreachable,
        Self::ConnectTimeout,
        Self::FirstTokenTimeout,
        Self::StallTimeout,
        Self::WholeTimeout,
        Self::RateLimited,
        Self::Overloaded,
        Self::Auth,
        Self::ModelNotFound,
        Self::BadRequest,
        Self::ContextTooLong,
        Self::Cut,
        Self::Garbage,
        Self::ServerError,
        Self::EmptyAnswer,
        Self::SchemaRefused,
        Self::BreakerOpen,
        Self::Cancelled,
        Self::Config,
    ];

    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable => codes::UNREACHABLE,
            Self::ConnectTimeout => codes::CONNECT_TIMEOUT,
            Self::FirstTokenTimeout => codes::FIRST_TOKEN_TIMEOUT,
            Self::StallTimeout => codes::STALL_TIMEOUT,
            Self::WholeTimeout => codes::WHOLE_TIMEOUT,
            Self::RateLimited => codes::RATE_LIMITED,
            Self::Overloaded => codes::OVERLOADED,
            Self::Auth => codes::AUTH,
            Self::ModelNotFound => codes::MODEL_NOT_FOUND,
            Self::BadRequest => codes::BAD_REQUEST,
            Self::ContextTooLong => codes::CONTEXT_TOO_LONG,
            Self::Cut => codes::CUT,
            Self::Garbage => codes::GARBAGE,
            Self::ServerError => codes::SERVER_ERROR,
            Self::EmptyAnswer => codes::EMPTY_ANSWER,
            Self::SchemaRefused => codes::SCHEMA_REFUSED,
            Self::BreakerOpen => codes::BREAKER_OPEN,
            Self::Cancelled => codes::CANCELLED,
            Self::Config => codes::CONFIG,
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether the same request can succeed a little later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable
            | Self::ConnectTimeout
            | Self::FirstTokenTimeout
            | Self::StallTimeout
            | Self::RateLimited
            | Self::Overloaded
            | Self::Cut
            | Self::Garbage
            | Self::ServerError
            | Self::EmptyAnswer
            | Self::SchemaRefused
            | Self::BreakerOpen => true,
            Self::WholeTimeout
            | Self::Auth
            | Self::ModelNotFound
            | Self::BadRequest
            | Self::ContextTooLong
            | Self::Cancelled
            | Self::Config => false,
        }
    }

    /// Nobody was there: exit code 6. A breaker opens only over an endpoint that gave no answer again and again.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable | Self::ConnectTimeout | Self::BreakerOpen)
    }

    /// Whether the endpoint gave no sign of working: what the breaker counts.
    pub(crate) fn counts_against_endpoint(&self) -> bool {
        matches!(
            self,
            Self::Unreachable | Self::ConnectTimeout | Self::FirstTokenTimeout | Self::StallTimeout
        )
    }
}

impl CallError {
    pub(crate) fn new(kind: CallErrorKind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: hint.into(),
            retry_after_ms: None,
            usage: None,
            partial: String::new(),
        }
    }

    pub(crate) fn config(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(CallErrorKind::Config, message, hint)
    }

    pub(crate) fn cancelled(what: &str) -> Self {
        Self::new(CallErrorKind::Cancelled, format!("the call to {what} was cancelled"), "")
    }
}

impl ConfigError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_again_by_its_code() {
        for kind in CallErrorKind::ALL {
            assert_eq!(CallErrorKind::from_code(kind.code()), Some(kind));
        }
        assert_eq!(CallErrorKind::from_code("nonsense"), None);
    }

    #[test]
    fn what_the_breaker_counts_can_be_tried_again() {
        for kind in CallErrorKind::ALL {
            assert!(!kind.counts_against_endpoint() || kind.is_retryable(), "{kind:?}");
        }
    }
}
