//! How the machine and the studio are: `/doctor`, `/tasks`, and `/health` beside the API

use atelier_runtime::Request;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Paging};
use super::ask::Params;
use crate::schema::{Check, Doctor, Items, Task};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(show_doctor)).routes(routes!(list_tasks))
}

pub(super) fn outside() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(show_health))
}

/// What the machine has, what is missing, how to mend it
#[utoipa::path(get, path = "/doctor", tag = "health",
    responses((status = 200, description = "Every check.", body = Doctor)))]
async fn show_doctor(State(api): State<Api>) -> Answer {
    Ok(Json(api.ask(Request::Doctor {}).await?))
}

/// What the studio is at work on
#[utoipa::path(get, path = "/tasks", tag = "health", params(Paging),
    responses((status = 200, description = "Every task.", body = Items<Task>)))]
async fn list_tasks(State(api): State<Api>, Params(paging): Params<Paging>) -> Answer {
    paging.page(api.ask(Request::Tasks {}).await?, "name")
}

/// How the studio is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct Health {
    /// Whether nothing is missing.
    ok: bool,
    /// Its version.
    version: String,
    /// What was looked at.
    checks: Vec<Check>,
}

/// Whether the studio is well
#[utoipa::path(get, path = "/health", tag = "health",
    responses((status = 200, description = "Each thing it depends on.", body = Health)))]
async fn show_health(State(api): State<Api>) -> Answer {
    let detail = format!("{} runs at work", api.studio().driven().await);
    Ok(Json(json!({
        "ok": true,
        "version": env!("CARGO_PKG_VERSION"),
        "checks": [{"name": "studio", "status": "ok", "detail": detail, "fix": ""}],
    })))
}
