//! Why the catalog does not give something.

use crate::finding::Finding;

/// Why the catalog does not give something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing has that name.
    #[error("there is no {what} `{id}`")]
    Unknown {
        /// `workflow` or `agent`.
        what: &'static str,
        /// The name asked for.
        id: String,
        /// What may have been meant.
        hint: String,
    },
    /// The file is there and something is wrong with it.
    #[error("the {what} `{id}` cannot be used: {}", first(.findings))]
    Broken {
        /// `workflow`, `agent`, `type` or `document`.
        what: &'static str,
        /// Which one.
        id: String,
        /// All that is wrong with it.
        findings: Vec<Finding>,
    },
}

impl Error {
    /// What to do.
    pub fn hint(&self) -> String {
        match self {
            Error::Unknown { hint, .. } => hint.clone(),
            Error::Broken { .. } => {
                "correct the file; `atelier crews check` shows everything that is wrong".to_owned()
            }
        }
    }
}

fn first(findings: &[Finding]) -> String {
    findings.first().map(ToString::to_string).unwrap_or_default()
}
