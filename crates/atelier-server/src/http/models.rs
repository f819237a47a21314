//! `/models`

use atelier_runtime::{Exit, Request};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Paging};
use super::ask::{At, Params};
use crate::schema::{Cascade, Items, ModeWord, Model, ModelTest};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_models))
        .routes(routes!(test_model))
        .routes(routes!(show_cascade))
}

/// Which models there are, and whether they can be asked
#[utoipa::path(get, path = "/models", tag = "models", params(Paging),
    responses((status = 200, description = "Those that are set, and those that were found.", body = Items<Model>)))]
async fn list_models(State(api): State<Api>, Params(paging): Params<Paging>) -> Answer {
    paging.page(api.ask(Request::ModelsList {}).await?, "model")
}

/// A model in the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfModel {
    /// `PROVIDER:MODEL[@BASE_URL]`, percent-encoded.
    m: String,
}

/// One tiny call, to see whether a model works
#[utoipa::path(post, path = "/models/{m}/test", tag = "models", params(OfModel),
    responses((status = 200, description = "What came of it; `ok` says whether the model answered.", body = ModelTest)))]
async fn test_model(State(api): State<Api>, At(of): At<OfModel>) -> Answer {
    match api.studio().handle(Request::ModelsTest { model: Some(of.m.clone()) }).await {
        Ok(report) => Ok(Json(report)),
        // That the model did not answer is what was to be found out.
        Err(failure) if matches!(failure.exit, Exit::Failed | Exit::Unavailable) => Ok(Json(json!({
            "ok": false, "model": of.m,
            "error": {"code": failure.code, "message": failure.message, "hint": failure.hint},
        }))),
        Err(failure) => Err(failure.into()),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WhichAgent {
    /// The agent.
    agent: String,
    /// In this project.
    project: Option<String>,
    /// With this mode, whatever the agent wants.
    mode: Option<ModeWord>,
}

/// Which level chooses the model of an agent, and why
#[utoipa::path(get, path = "/cascade", tag = "models", params(WhichAgent),
    responses((status = 200, description = "Every level, with the one that wins.", body = Cascade)))]
async fn show_cascade(State(api): State<Api>, Params(which): Params<WhichAgent>) -> Answer {
    let mode = which.mode.map(|mode| match mode {
        ModeWord::Fast => "fast".to_owned(),
        ModeWord::Heavy => "heavy".to_owned(),
    });
    Ok(Json(api.ask(Request::Cascade { project: which.project, agent: which.agent, mode }).await?))
}
