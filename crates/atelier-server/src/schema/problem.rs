//! What went wrong.

use serde::Serialize;
use utoipa::ToSchema;

/// Why a request came to nothing (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// `/errors/<code>`, where it is explained.
    pub r#type: String,
    /// What kind of end it is, in a word or two.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// A stable code.
    pub code: String,
    /// What happened and why.
    pub detail: String,
    /// What to do.
    pub hint: String,
}
