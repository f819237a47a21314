//! The emergency stop, and cleaning up

use atelier_runtime::Request;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::Answer;
use super::ask::Body;
use crate::schema::{CleanedUp, StartedAgain, StoppedAll};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(stop_all)).routes(routes!(start_again)).routes(routes!(clean_up))
}

/// What is meant.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Whom {
    /// The project; the whole studio where absent.
    project: Option<String>,
}

/// Emergency stop: pause all runs, cutting their calls, and let none begin
#[utoipa::path(post, path = "/stop", tag = "health", request_body = Whom,
    responses((status = 200, description = "What was paused.", body = StoppedAll)))]
async fn stop_all(State(api): State<Api>, Body(whom): Body<Whom>) -> Answer {
    Ok(Json(api.ask(Request::Stop { project: whom.project }).await?))
}

/// Let runs begin again after an emergency stop
#[utoipa::path(post, path = "/start", tag = "health", request_body = Whom,
    responses((status = 200, description = "What may begin.", body = StartedAgain)))]
async fn start_again(State(api): State<Api>, Body(whom): Body<Whom>) -> Answer {
    Ok(Json(api.ask(Request::Start { project: whom.project }).await?))
}

/// Drop what is kept for speed and empty the trash of what is old; never an event
#[utoipa::path(post, path = "/cleanup", tag = "health",
    responses((status = 200, description = "What was dropped.", body = CleanedUp)))]
async fn clean_up(State(api): State<Api>) -> Answer {
    Ok(Json(api.ask(Request::Cleanup {}).await?))
}
