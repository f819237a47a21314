//! `/overview` and `/usage`: the command center

use atelier_runtime::Request;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::Answer;
use super::ask::Params;
use crate::schema::{Overview, UsageReport};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(show_overview)).routes(routes!(show_usage))
}

/// What a person wants to see first
#[utoipa::path(get, path = "/overview", tag = "overview",
    responses((status = 200, description = "Projects, gates, runs, models, usage, health.", body = Overview)))]
async fn show_overview(State(api): State<Api>) -> Answer {
    Ok(Json(api.ask(Request::Overview {}).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// Only of this project.
    project: Option<String>,
}

/// What model calls came to
#[utoipa::path(get, path = "/usage", tag = "overview", params(Whose),
    responses((status = 200, description = "Today and since ever, with each project's part.", body = UsageReport)))]
async fn show_usage(State(api): State<Api>, Params(whose): Params<Whose>) -> Answer {
    Ok(Json(api.ask(Request::Usage { project: whose.project }).await?))
}
