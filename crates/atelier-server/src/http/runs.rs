//! `/runs`, and the runs of a project

use std::collections::BTreeMap;

use atelier_domain::event::run::GatePolicy;
use atelier_runtime::{Failure, Request, RunRequest};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Paging};
use super::ask::{At, Body, Params};
use super::problem::Problem;
use super::projects::InProject;
use crate::codes;
use crate::schema::{GatePolicyWord, Items, ModeWord, Receipt, Run, RunLine};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_runs, start_run))
        .routes(routes!(show_run))
        .routes(routes!(show_receipt))
        .routes(routes!(pause_run))
        .routes(routes!(resume_run))
        .routes(routes!(step_run))
        .routes(routes!(cancel_run))
        .routes(routes!(rewind_run))
}

/// A run in the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfRun {
    /// The run's id.
    run: String,
}

/// What a run is started with: a workflow, or an agent alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StartRun {
    /// The workflow.
    workflow: Option<String>,
    /// The agent.
    agent: Option<String>,
    /// Its inputs; see `/inputs/{name}`.
    #[serde(default)]
    #[schema(required = false)]
    inputs: BTreeMap<String, Value>,
    /// The model that outranks all, as `PROVIDER:MODEL[@BASE_URL]`.
    model: Option<String>,
    /// Which of the configured models, whatever the agents want.
    mode: Option<ModeWord>,
    /// When gates open; as the workflow says where absent.
    #[schema(value_type = Option<GatePolicyWord>)]
    gates: Option<GatePolicy>,
}

/// The runs of a project
#[utoipa::path(get, path = "/projects/{p}/runs", tag = "runs", params(InProject, Paging),
    responses((status = 200, description = "The newest last.", body = Items<RunLine>)))]
async fn list_runs(State(api): State<Api>, At(at): At<InProject>, Params(paging): Params<Paging>) -> Answer {
    paging.page(api.ask(Request::RunsList { project: Some(at.p) }).await?, "id")
}

/// Let a crew work: start a workflow, or one agent alone
#[utoipa::path(post, path = "/projects/{p}/runs", tag = "runs", params(InProject), request_body = StartRun,
    responses((status = 202, description = "The run, which goes on by itself.", body = Run)))]
async fn start_run(
    State(api): State<Api>,
    At(at): At<InProject>,
    Body(start): Body<StartRun>,
) -> Result<impl IntoResponse, Problem> {
    let (name, agent) = match (start.workflow, start.agent) {
        (Some(workflow), None) => (workflow, false),
        (None, Some(agent)) => (agent, true),
        _ => {
            let hint = "give `workflow` or `agent`";
            return Err(Failure::usage(codes::WORKFLOW_OR_AGENT, "one of two must be named", hint).into());
        }
    };
    let mode = start.mode.map(|mode| match mode {
        ModeWord::Fast => "fast".to_owned(),
        ModeWord::Heavy => "heavy".to_owned(),
    });
    let request = RunRequest {
        project: at.p,
        name,
        agent,
        inputs: start.inputs.into_iter().collect(),
        model: start.model,
        mode,
        gates: start.gates,
        ..RunRequest::default()
    };
    let started = api.ask(Request::Run(request)).await?;
    let run = started["id"].as_str().unwrap_or_default().to_owned();
    Ok((StatusCode::ACCEPTED, Json(api.ask(Request::RunShow { run }).await?)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HowMuch {
    /// Whether receipts are given with their messages, context and output.
    #[serde(default = "yes")]
    #[param(required = false, default = true)]
    receipts: bool,
}

fn yes() -> bool {
    true
}

/// A run with everything in it
#[utoipa::path(get, path = "/runs/{run}", tag = "runs", params(OfRun, HowMuch),
    responses((status = 200, description = "The run.", body = Run)))]
async fn show_run(State(api): State<Api>, At(of): At<OfRun>, Params(how): Params<HowMuch>) -> Answer {
    let run = of.run;
    let request = if how.receipts { Request::RunShow { run } } else { Request::RunOutline { run } };
    Ok(Json(api.ask(request).await?))
}

/// A receipt in the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfReceipt {
    /// The run's id.
    run: String,
    /// The receipt's id.
    rcp: String,
}

/// One receipt, whole
#[utoipa::path(get, path = "/runs/{run}/receipts/{rcp}", tag = "runs", params(OfReceipt),
    responses((status = 200, description = "The receipt.", body = Receipt)))]
async fn show_receipt(State(api): State<Api>, At(of): At<OfReceipt>) -> Answer {
    Ok(Json(api.ask(Request::Receipt { run: of.run, receipt: of.rcp }).await?))
}

/// Start no further step until it is resumed; calls under way come to their end
#[utoipa::path(post, path = "/runs/{run}/pause", tag = "runs", params(OfRun),
    responses((status = 200, description = "The run.", body = Run)))]
async fn pause_run(State(api): State<Api>, At(of): At<OfRun>) -> Answer {
    Ok(Json(api.ask(Request::RunPause { run: of.run, cut: false, reason: "asked".into() }).await?))
}

/// Go on with a run that was paused, or failed
#[utoipa::path(post, path = "/runs/{run}/resume", tag = "runs", params(OfRun),
    responses((status = 200, description = "The run.", body = Run)))]
async fn resume_run(State(api): State<Api>, At(of): At<OfRun>) -> Answer {
    Ok(Json(api.ask(Request::RunResume { run: of.run }).await?))
}

/// Let exactly one step be done
#[utoipa::path(post, path = "/runs/{run}/step", tag = "runs", params(OfRun),
    responses((status = 200, description = "The run.", body = Run)))]
async fn step_run(State(api): State<Api>, At(of): At<OfRun>) -> Answer {
    Ok(Json(api.ask(Request::RunStep { run: of.run }).await?))
}

/// End a run; what it made is kept
#[utoipa::path(post, path = "/runs/{run}/cancel", tag = "runs", params(OfRun),
    responses((status = 200, description = "The run.", body = Run)))]
async fn cancel_run(State(api): State<Api>, At(of): At<OfRun>) -> Answer {
    Ok(Json(api.ask(Request::RunCancel { run: of.run }).await?))
}

/// Where a run is rewound to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rewind {
    /// The path or id of the step.
    step: String,
}

/// Open an earlier step again; what came after it is kept on a branch
#[utoipa::path(post, path = "/runs/{run}/rewind", tag = "runs", params(OfRun), request_body = Rewind,
    responses((status = 200, description = "The run.", body = Run)))]
async fn rewind_run(State(api): State<Api>, At(of): At<OfRun>, Body(to): Body<Rewind>) -> Answer {
    Ok(Json(api.ask(Request::RunRewind { run: of.run, step: to.step }).await?))
}
