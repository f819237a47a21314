//! What requests bring: paths, queries and bodies, refused in words where they are not what is wanted.

use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::problem::Problem;

use crate::codes;

/// Bodies longer than this are refused.
pub(super) const MAX_BODY: usize = 16 << 20;

/// How long a body may take to come.
const BODY_TIME: Duration = Duration::from_secs(30);

/// Values in the path.
pub(super) struct At<T>(pub(super) T);

/// Values after the question mark.
pub(super) struct Params<T>(pub(super) T);

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(error)) => {
                Err(bad(codes::BAD_PATH, error.body_text()))
            }
            Err(error) => Err(bad(codes::BAD_PATH, error.to_string())),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Query(value) =
            Query::<T>::try_from_uri(&parts.uri).map_err(|error| bad(codes::BAD_QUERY, error.body_text()))?;
        Ok(Self(value))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let whole = tokio::time::timeout(BODY_TIME, Limited::new(request.into_body(), MAX_BODY).collect());
        let bytes = match whole.await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(too_long()),
            Ok(Err(error)) => return Err(bad(codes::BAD_BODY, format!("the body broke off: {error}"))),
            Err(_) => {
                let hint = "send as many bytes as the headers announce";
                let message = "the body did not come to its end in time";
                return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, codes::BODY_TIMEOUT, message, hint));
            }
        };
        // Nesting beyond 128 levels is refused by the parser.
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            let hint = "see /api/v1/openapi.json for what is taken";
            let message = format!("the body is not what is wanted: {error}");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, codes::BAD_BODY, message, hint)
        })?;
        Ok(Self(value))
    }
}

pub(super) fn too_long() -> Problem {
    let message = format!("the body is longer than {MAX_BODY} bytes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, codes::BODY_TOO_LONG, message, "send less at once")
}

fn bad(code: &str, message: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, message, "see /api/v1/openapi.json for what is taken")
}
