//! What went wrong, as problem+json.

use atelier_runtime::{Exit, Failure};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::schema;

/// A failure with the status it is answered with.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    failure: Failure,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &str, message: impl Into<String>, hint: &str) -> Self {
        Self { status, failure: Failure::new(Exit::Failed, code, message, hint) }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let status = match failure.exit {
            // What is asked for is understood and cannot be done with what was given.
            _ if failure.code == atelier_runtime::codes::MODEL_UNUSABLE => StatusCode::UNPROCESSABLE_ENTITY,
            Exit::Usage => StatusCode::UNPROCESSABLE_ENTITY,
            Exit::NotFound => StatusCode::NOT_FOUND,
            Exit::Refused | Exit::Waiting => StatusCode::CONFLICT,
            Exit::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Exit::Ok | Exit::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { status, failure }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, failure } = self;
        if status.is_server_error() {
            tracing::warn!(code = failure.code, error = %failure, "a request failed");
        }
        let body = schema::Problem {
            r#type: format!("/errors/{}", failure.code),
            title: status.canonical_reason().unwrap_or("problem").to_lowercase(),
            status: status.as_u16(),
            code: failure.code,
            detail: failure.message,
            hint: failure.hint,
        };
        // A problem is made of texts and a number.
        let text = serde_json::to_string(&body).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        (status, [(header::CONTENT_TYPE, kind)], text).into_response()
    }
}
