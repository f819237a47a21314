//! The files of a project that a person can read

use atelier_runtime::Request;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Paging};
use super::ask::{At, Params};
use super::problem::Problem;
use super::projects::InProject;
use crate::schema::{Items, Output};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_outputs)).routes(routes!(show_output))
}

/// The files of a project
#[utoipa::path(get, path = "/projects/{p}/outputs", tag = "outputs", params(InProject, Paging),
    responses((status = 200, description = "By path.", body = Items<Output>)))]
async fn list_outputs(
    State(api): State<Api>,
    At(at): At<InProject>,
    Params(paging): Params<Paging>,
) -> Answer {
    paging.page(api.ask(Request::OutputsList { project: at.p }).await?, "path")
}

/// A file in the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfOutput {
    /// The project, by id or name.
    p: String,
    /// The file's path in `outputs/`, such as `bible/bible.md`.
    path: String,
}

/// One file
#[utoipa::path(get, path = "/projects/{p}/outputs/{*path}", tag = "outputs", params(OfOutput),
    responses(
        (status = 200, description = "The file; never as a page.", content(
            (String = "text/markdown"), (serde_json::Value = "application/json"), (String = "text/plain"),
        )),
    ))]
async fn show_output(State(api): State<Api>, At(of): At<OfOutput>) -> Result<impl IntoResponse, Problem> {
    let file = api.ask(Request::OutputShow { project: of.p, path: of.path.clone() }).await?;
    // Only what cannot do anything in a browser: what a model wrote is text.
    let kind = match of.path.rsplit_once('.') {
        Some((_, "md")) => "text/markdown; charset=utf-8",
        Some((_, "json")) => "application/json",
        _ => "text/plain; charset=utf-8",
    };
    Ok(([(header::CONTENT_TYPE, kind)], file["text"].as_str().unwrap_or_default().to_owned()))
}
