//! `/projects`

use atelier_runtime::Request;
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
use crate::schema::{CreatedProject, Items, Project, ProjectShown, ProjectStatus, Verified};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_projects, create_project))
        .routes(routes!(show_project, rename_project, delete_project))
        .routes(routes!(duplicate_project))
        .routes(routes!(reset_project))
        .routes(routes!(restore_project))
        .routes(routes!(verify_project))
}

/// A project in the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct InProject {
    /// The project, by id or name.
    pub(super) p: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only those that stand so.
    status: Option<ProjectStatus>,
}

/// What a project is called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Named {
    /// 1 to 200 characters, without `/`, `\` and control characters.
    name: String,
}

/// All projects
#[utoipa::path(get, path = "/projects", tag = "projects", params(Which, Paging),
    responses((status = 200, description = "Active ones first, each group by name.", body = Items<Project>)))]
async fn list_projects(
    State(api): State<Api>,
    Params(which): Params<Which>,
    Params(paging): Params<Paging>,
) -> Answer {
    let mut all = api.ask(Request::ProjectList {}).await?;
    if let (Some(all), Some(status)) = (all.as_array_mut(), which.status) {
        let status = serde_json::to_value(status).unwrap_or_default();
        all.retain(|project| project["status"] == status);
    }
    paging.page(all, "id")
}

/// Create a project
#[utoipa::path(post, path = "/projects", tag = "projects", request_body = Named,
    responses((status = 201, description = "The new project.", body = CreatedProject)))]
async fn create_project(
    State(api): State<Api>,
    Body(named): Body<Named>,
) -> Result<impl IntoResponse, Problem> {
    let project = api.ask(Request::ProjectCreate { name: named.name }).await?;
    Ok((StatusCode::CREATED, Json(project)))
}

/// What is in a project
#[utoipa::path(get, path = "/projects/{p}", tag = "projects", params(InProject),
    responses((status = 200, description = "The project.", body = ProjectShown)))]
async fn show_project(State(api): State<Api>, At(at): At<InProject>) -> Answer {
    Ok(Json(api.ask(Request::ProjectShow { project: at.p }).await?))
}

/// Give a project another name
#[utoipa::path(patch, path = "/projects/{p}", tag = "projects", params(InProject), request_body = Named,
    responses((status = 200, description = "The project.", body = CreatedProject)))]
async fn rename_project(State(api): State<Api>, At(at): At<InProject>, Body(named): Body<Named>) -> Answer {
    Ok(Json(api.ask(Request::ProjectRename { project: at.p, name: named.name }).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HowGone {
    /// Leave no file.
    #[serde(default)]
    #[param(required = false)]
    purge: bool,
}

/// Move a project to the trash
#[utoipa::path(delete, path = "/projects/{p}", tag = "projects", params(InProject, HowGone),
    responses((status = 200, description = "What became of it.", body = CreatedProject)))]
async fn delete_project(
    State(api): State<Api>,
    At(at): At<InProject>,
    Params(how): Params<HowGone>,
) -> Answer {
    Ok(Json(api.ask(Request::ProjectDelete { project: at.p, purge: how.purge }).await?))
}

/// Make a copy with history, memory and outputs
#[utoipa::path(post, path = "/projects/{p}/duplicate", tag = "projects", params(InProject), request_body = Named,
    responses((status = 201, description = "The copy.", body = CreatedProject)))]
async fn duplicate_project(
    State(api): State<Api>,
    At(at): At<InProject>,
    Body(named): Body<Named>,
) -> Result<impl IntoResponse, Problem> {
    let copy = api.ask(Request::ProjectDuplicate { project: at.p, name: named.name }).await?;
    Ok((StatusCode::CREATED, Json(copy)))
}

/// Begin a project anew; what it was is archived
#[utoipa::path(post, path = "/projects/{p}/reset", tag = "projects", params(InProject),
    responses((status = 200, description = "The project, empty.", body = CreatedProject)))]
async fn reset_project(State(api): State<Api>, At(at): At<InProject>) -> Answer {
    Ok(Json(api.ask(Request::ProjectReset { project: at.p }).await?))
}

/// Take a project out of the trash
#[utoipa::path(post, path = "/projects/{p}/restore", tag = "projects", params(InProject),
    responses((status = 200, description = "The project.", body = CreatedProject)))]
async fn restore_project(State(api): State<Api>, At(at): At<InProject>) -> Answer {
    Ok(Json(api.ask(Request::ProjectRestore { project: at.p }).await?))
}

/// What to do with what differs.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Mend {
    /// Whether what is derived is made anew.
    rebuild: bool,
}

/// Read the whole log and compare all that is derived from it
#[utoipa::path(post, path = "/projects/{p}/verify", tag = "projects", params(InProject), request_body = Mend,
    responses((status = 200, description = "What was found.", body = Verified)))]
async fn verify_project(State(api): State<Api>, At(at): At<InProject>, Body(mend): Body<Mend>) -> Answer {
    let found: Value = api.ask(Request::Verify { project: at.p, rebuild: mend.rebuild }).await?;
    Ok(Json(found))
}
