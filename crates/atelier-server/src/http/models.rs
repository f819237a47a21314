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
use crate::schema::{Items, Model, ModelTest};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_models)).routes(routes!(test_model))
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
