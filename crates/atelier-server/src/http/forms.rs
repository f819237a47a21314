//! Forms: what was typed into them is kept

use std::collections::BTreeMap;

use atelier_runtime::Request;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Paging};
use super::ask::{At, Body, Params};
use super::projects::InProject;
use crate::schema::{Form, Items};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_forms)).routes(routes!(show_form, put_form))
}

/// What stands in every form of a project
#[utoipa::path(get, path = "/projects/{p}/forms", tag = "forms", params(InProject, Paging),
    responses((status = 200, description = "By name.", body = Items<Form>)))]
async fn list_forms(State(api): State<Api>, At(at): At<InProject>, Params(paging): Params<Paging>) -> Answer {
    paging.page(api.ask(Request::FormsList { project: at.p }).await?, "name")
}

/// A form in the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfForm {
    /// The project, by id or name.
    p: String,
    /// The workflow or agent whose form it is.
    name: String,
}

/// What stands in a form
#[utoipa::path(get, path = "/projects/{p}/forms/{name}", tag = "forms", params(OfForm),
    responses((status = 200, description = "Its fields; none where nothing was kept.", body = Form)))]
async fn show_form(State(api): State<Api>, At(of): At<OfForm>) -> Answer {
    Ok(Json(api.ask(Request::FormShow { project: of.p, form: of.name }).await?))
}

/// What stands in a form from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Fields {
    /// All of it, by field; whole numbers only.
    fields: BTreeMap<String, Value>,
}

/// Keep what stands in a form
#[utoipa::path(put, path = "/projects/{p}/forms/{name}", tag = "forms", params(OfForm), request_body = Fields,
    responses((status = 200, description = "What is kept.", body = Form)))]
async fn put_form(State(api): State<Api>, At(of): At<OfForm>, Body(new): Body<Fields>) -> Answer {
    let fields = new.fields.into_iter().collect();
    Ok(Json(api.ask(Request::FormSet { project: of.p, form: of.name, fields }).await?))
}
