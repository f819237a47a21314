//! `/gates`, and what a person says to a crew

use atelier_domain::event::gate::GateAction;
use atelier_domain::event::message::Priority;
use atelier_runtime::{GateDecision, Request};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Paging};
use super::ask::{At, Body, Params};
use super::problem::Problem;
use super::projects::InProject;
use crate::schema::{GateActionWord, Items, Message, OpenGate, PriorityWord, Run};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_gates))
        .routes(routes!(decide_gate))
        .routes(routes!(say))
        .routes(routes!(list_messages))
}

/// A gate in the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct AtGate {
    /// The gate's id.
    gate: String,
}

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Decision {
    /// What to do.
    #[schema(value_type = GateActionWord)]
    action: GateAction,
    /// The text that goes with it: wanted by edit, chat, paste and pin.
    text: Option<String>,
    /// The model to change to: wanted by change-model.
    model: Option<String>,
}

/// The gates that wait for a person, in all projects
#[utoipa::path(get, path = "/gates", tag = "gates", params(Paging),
    responses((status = 200, description = "The open gates.", body = Items<OpenGate>)))]
async fn list_gates(State(api): State<Api>, Params(paging): Params<Paging>) -> Answer {
    paging.page(api.ask(Request::Gates {}).await?, "id")
}

/// Decide at a gate
#[utoipa::path(post, path = "/gates/{gate}", tag = "gates", params(AtGate), request_body = Decision,
    responses((status = 200, description = "The run.", body = Run)))]
async fn decide_gate(State(api): State<Api>, At(at): At<AtGate>, Body(decision): Body<Decision>) -> Answer {
    let Decision { action, text, model } = decision;
    Ok(Json(api.ask(Request::Gate(GateDecision { gate: at.gate, action, text, model })).await?))
}

/// What is said to a crew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Saying {
    /// The words; 64 KiB at most.
    text: String,
    /// The agent they are for; all where absent.
    to: Option<String>,
    /// The run they are about.
    run: Option<String>,
    /// The step they are about.
    step: Option<String>,
    /// How much they matter; urgent is read first.
    #[serde(default)]
    #[schema(value_type = Option<PriorityWord>)]
    priority: Option<Priority>,
}

/// What was said.
#[derive(Debug, Serialize, ToSchema)]
struct Said {
    /// The id of the event, which receipts name.
    id: String,
    /// Its number.
    seq: u64,
}

/// Tell the crew something; it is in the next model call of those it concerns
#[utoipa::path(post, path = "/projects/{p}/feedback", tag = "messages", params(InProject), request_body = Saying,
    responses((status = 201, description = "Kept.", body = Said)))]
async fn say(
    State(api): State<Api>,
    At(at): At<InProject>,
    Body(saying): Body<Saying>,
) -> Result<impl IntoResponse, Problem> {
    let Saying { text, to, run, step, priority } = saying;
    let request = Request::Say { project: at.p, to, run, step, priority: priority.unwrap_or_default(), text };
    Ok((StatusCode::CREATED, Json(api.ask(request).await?)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WhichMessages {
    /// Only messages for this agent, and for all.
    r#for: Option<String>,
    /// Only messages of this kind.
    kind: Option<String>,
    /// Only messages after this number.
    #[serde(default)]
    #[param(required = false)]
    since: u64,
}

/// What people and agents said to each other
#[utoipa::path(get, path = "/projects/{p}/messages", tag = "messages", params(InProject, WhichMessages, Paging),
    responses((status = 200, description = "In their order.", body = Items<Message>)))]
async fn list_messages(
    State(api): State<Api>,
    At(at): At<InProject>,
    Params(which): Params<WhichMessages>,
    Params(paging): Params<Paging>,
) -> Answer {
    let WhichMessages { r#for, kind, since } = which;
    paging.page(api.ask(Request::MessagesList { project: at.p, r#for, kind, since }).await?, "n")
}
