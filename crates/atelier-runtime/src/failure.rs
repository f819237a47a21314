//! What went wrong, as a person and a program are told it: a stable code, what and why, what to do, an exit code.

use atelier_engine::Rejection;
use serde::{Deserialize, Serialize};

use crate::codes;

/// How a command ends, by kind; also the exit code of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", from = "u8")]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Exit {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    Refused = 4,
    Waiting = 5,
    Unavailable = 6,
}

impl From<Exit> for u8 {
    fn from(exit: Exit) -> u8 {
        exit as u8
    }
}

impl From<u8> for Exit {
    fn from(code: u8) -> Exit {
        match code {
            0 => Exit::Ok,
            2 => Exit::Usage,
            3 => Exit::NotFound,
            4 => Exit::Refused,
            5 => Exit::Waiting,
            6 => Exit::Unavailable,
            _ => Exit::Failed,
        }
    }
}

/// Why a request came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// A stable code.
    pub code: String,
    /// What happened and why.
    pub message: String,
    /// What to do.
    #[serde(default)]
    pub hint: String,
    /// What kind of end it is.
    pub exit: Exit,
}

impl Failure {
    /// A failure of some kind.
    pub fn new(exit: Exit, code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), hint: hint.into(), exit }
    }

    /// Wrong use: exit 2.
    pub fn usage(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Usage, code, message, hint)
    }

    /// Nothing of that name: exit 3.
    pub fn not_found(what: &str, name: &str, hint: impl Into<String>) -> Self {
        Self::new(Exit::NotFound, codes::NOT_FOUND, format!("there is no {what} `{name}`"), hint)
    }

    /// It does not allow that now: exit 4.
    pub fn refused(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Refused, code, message, hint)
    }

    /// Something broke: exit 1.
    pub fn failed(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Failed, code, message, hint)
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::NotFound { what, name } => Failure::not_found(what, &name, "list them first"),
            Rejection::Refused { code, message, hint } => Failure::refused(code, message, hint),
            Rejection::Invalid { code, message, hint } => Failure::usage(code, message, hint),
            Rejection::Missing(hash) => Failure::failed(
                codes::TEXT_LOST,
                format!("a text of the project ({hash}) cannot be found"),
                "run `atelier verify` on the project",
            ),
            Rejection::Stale => Failure::refused(codes::STALE, "the attempt has already ended", ""),
        }
    }
}

impl From<atelier_store::Error> for Failure {
    fn from(error: atelier_store::Error) -> Self {
        use atelier_store::Error as E;
        let exit = match &error {
            E::NameTaken { .. }
            | E::Locked { .. }
            | E::Conflict { .. }
            | E::ReadOnly { .. }
            | E::Trashed { .. }
            | E::Closed => Exit::Refused,
            E::NotFound { .. } | E::UnknownBranch(_) => Exit::NotFound,
            _ => Exit::Failed,
        };
        let mut message = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        Failure::new(exit, error.code(), message, error.hint().unwrap_or_default())
    }
}
