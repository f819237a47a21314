//! `/settings`

use atelier_runtime::Request;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Paging};
use super::ask::{At, Body, Params};
use crate::schema::{Items, Setting};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_settings)).routes(routes!(put_setting))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// As they hold for this project.
    project: Option<String>,
}

/// Every setting, with where its value came from
#[utoipa::path(get, path = "/settings", tag = "settings", params(Whose, Paging),
    responses((status = 200, description = "By key.", body = Items<Setting>)))]
async fn list_settings(
    State(api): State<Api>,
    Params(whose): Params<Whose>,
    Params(paging): Params<Paging>,
) -> Answer {
    paging.page(api.ask(Request::ConfigShow { project: whose.project }).await?, "key")
}

/// A setting in the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfSetting {
    /// Its key.
    key: String,
}

/// A new value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewValue {
    /// The value; null removes it, so that the level below holds.
    value: Option<String>,
    /// The project it is for; the whole studio where absent.
    project: Option<String>,
}

/// Set or remove a setting
#[utoipa::path(put, path = "/settings/{key}", tag = "settings", params(OfSetting), request_body = NewValue,
    responses((status = 200, description = "What holds now.", body = Setting)))]
async fn put_setting(State(api): State<Api>, At(of): At<OfSetting>, Body(new): Body<NewValue>) -> Answer {
    let request = Request::ConfigSet { project: new.project, key: of.key, value: new.value };
    Ok(Json(api.ask(request).await?))
}
