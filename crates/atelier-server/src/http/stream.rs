//! Streams: what happens, as server-sent events

use std::collections::BTreeSet;
use std::convert::Infallible;

use atelier_domain::ProjectId;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use futures::stream::Stream;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::ask::{At, Params};
use super::live::frame::last_id;
use super::live::project::{self, From};
use super::live::studio;
use super::problem::Problem;
use super::projects::InProject;
use crate::codes;

/// Projects one reader may watch.
const MOST_WATCHED: usize = 64;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(stream_project)).routes(routes!(stream_studio))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Since {
    /// After this event; with what comes where absent. `Last-Event-ID` outranks it.
    since: Option<u64>,
}

/// Everything that happens in a project
#[utoipa::path(get, path = "/projects/{p}/stream", tag = "live", params(InProject, Since,
        ("Last-Event-ID" = Option<String>, Header, description = "`<epoch>-<seq>`: after this event.")),
    responses((status = 200, content_type = "text/event-stream", body = String,
        description = "`event: event` with an event, `notice` with what passes, `resync` where the log must be read.")))]
async fn stream_project(
    State(api): State<Api>,
    At(at): At<InProject>,
    Params(since): Params<Since>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let from = match (last_event_id(&headers), since.since) {
        (Some((epoch, seq)), _) => From::Id(epoch, seq),
        (None, Some(seq)) => From::Event(seq),
        (None, None) => From::Now,
    };
    Ok(events(project::read(api.live(), &at.p, from).await?))
}

/// Everything that happens in the studio
///
/// Events of all projects; notices of those that are watched.
#[utoipa::path(get, path = "/stream", tag = "live", params(
        ("watch" = Option<Vec<String>>, Query, description = "Projects whose notices are wanted too, by id."),
        ("Last-Event-ID" = Option<String>, Header, description = "`<epoch>-<n>`: after this one.")),
    responses((status = 200, content_type = "text/event-stream", body = String,
        description = "`event: event`, `notice`, `studio` with a change of projects or settings, `resync`.")))]
async fn stream_studio(
    State(api): State<Api>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let watched = watched(query.as_deref().unwrap_or_default())?;
    for project in &watched {
        api.studio().place(&project.to_string()).await?;
    }
    Ok(events(studio::read(api.live(), watched, last_event_id(&headers))))
}

fn last_event_id(headers: &HeaderMap) -> Option<(i64, u64)> {
    last_id(headers.get("last-event-id")?.to_str().ok()?)
}

fn watched(query: &str) -> Result<BTreeSet<ProjectId>, Problem> {
    let refuse = |message: &str| {
        let hint = "watch projects by their ids, 64 at most";
        Problem::new(StatusCode::BAD_REQUEST, codes::BAD_QUERY, message, hint)
    };
    let mut watched = BTreeSet::new();
    for pair in query.split('&') {
        let Some(id) = pair.strip_prefix("watch=") else { continue };
        watched.insert(id.parse().map_err(|_| refuse("a watched project is no id"))?);
        if watched.len() > MOST_WATCHED {
            return Err(refuse("too many projects are watched"));
        }
    }
    Ok(watched)
}

fn events(frames: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(frames.map(Ok::<_, Infallible>))).into_response()
}
