//! The log of a project, its texts, its state

use atelier_runtime::{LogRequest, Request};
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Paging, bad_cursor};
use super::ask::{At, Params};
use super::problem::Problem;
use super::projects::InProject;
use crate::schema::{Event, Items};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_events)).routes(routes!(show_text)).routes(routes!(show_state))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WhichEvents {
    /// Only events after this number.
    #[serde(default)]
    #[param(required = false)]
    since: u64,
    /// The last `limit` events before this number, still in their order; `next` then leads further back.
    before: Option<u64>,
    /// Only events of these kinds, separated by commas: whole tags, or the part before the dot.
    kind: Option<String>,
    /// Only events that this agent, `you` or `engine` made happen.
    agent: Option<String>,
    /// Only events of this run.
    correlation: Option<String>,
    /// Only events of this branch's line.
    branch: Option<String>,
    /// `inline`: long texts stand where they are named.
    #[param(inline)]
    texts: Option<Texts>,
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum Texts {
    Inline,
    Hash,
}

/// What happened in a project
#[utoipa::path(get, path = "/projects/{p}/events", tag = "events", params(InProject, WhichEvents, Paging),
    responses((status = 200, description = "Events in their order.", body = Items<Event>)))]
async fn list_events(
    State(api): State<Api>,
    At(at): At<InProject>,
    Params(which): Params<WhichEvents>,
    Params(paging): Params<Paging>,
) -> Answer {
    let limit = paging.limit()?;
    let cursor = paging.cursor.map(|cursor| cursor.parse().map_err(|_| bad_cursor())).transpose()?;
    let (mut since, mut before) = (which.since, which.before);
    match (before.is_some(), cursor) {
        (true, Some(cursor)) => before = Some(cursor),
        (false, Some(cursor)) => since = since.max(cursor),
        (_, None) => {}
    }
    let kinds =
        which.kind.iter().flat_map(|kinds| kinds.split(',')).map(str::trim).filter(|kind| !kind.is_empty());
    let request = LogRequest {
        project: at.p,
        branch: which.branch,
        since,
        before,
        correlation: which.correlation,
        kinds: kinds.map(str::to_owned).collect(),
        actor: which.agent,
        limit,
        texts: matches!(which.texts, Some(Texts::Inline)),
    };
    let events = api.ask(Request::Log(request)).await?;
    let Some(list) = events.as_array() else { return Ok(Json(events)) };
    let edge = if before.is_some() { list.first() } else { list.last() };
    let next = edge.filter(|_| list.len() == limit).map(|event| event["seq"].to_string());
    Ok(Json(json!({"items": list, "next": next})))
}

/// A long text in the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfText {
    /// The project, by id or name.
    p: String,
    /// Its hash: 64 hexadecimal digits.
    hash: String,
}

/// A long text by its hash
#[utoipa::path(get, path = "/projects/{p}/texts/{hash}", tag = "events", params(OfText),
    responses((status = 200, description = "The text.", body = String, content_type = "text/plain")))]
async fn show_text(State(api): State<Api>, At(of): At<OfText>) -> Result<impl IntoResponse, Problem> {
    let text = api.ask(Request::Text { project: of.p, hash: of.hash }).await?;
    let text = text.as_str().unwrap_or_default().to_owned();
    // What a hash names never changes.
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
    ];
    Ok((headers, text))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WhichState {
    /// Only this branch.
    branch: Option<String>,
    /// As it was after this event.
    at: Option<u64>,
}

/// The folded state, as canonical JSON
#[utoipa::path(get, path = "/projects/{p}/state", tag = "events", params(InProject, WhichState),
    responses((status = 200, description = "The state.", body = Value)))]
async fn show_state(
    State(api): State<Api>,
    At(at): At<InProject>,
    Params(which): Params<WhichState>,
) -> Result<impl IntoResponse, Problem> {
    let request = Request::State { project: at.p, branch: which.branch, at: which.at };
    let state = api.ask(request).await?;
    // Byte for byte as the command line prints it.
    let text = state.as_str().unwrap_or_default().to_owned();
    Ok(([(header::CONTENT_TYPE, "application/json")], text))
}
