//! `/crews` and `/inputs`

use atelier_runtime::Request;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::Answer;
use super::ask::{At, Params};
use crate::schema::{Crews, Input};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_crews)).routes(routes!(show_crew)).routes(routes!(show_inputs))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// As this project sees them.
    project: Option<String>,
}

/// Agents, workflows and types
#[utoipa::path(get, path = "/crews", tag = "crews", params(Whose),
    responses((status = 200, description = "What there is.", body = Crews)))]
async fn list_crews(State(api): State<Api>, Params(whose): Params<Whose>) -> Answer {
    Ok(Json(api.ask(Request::CrewsList { project: whose.project }).await?))
}

/// An agent or workflow in the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfCrew {
    /// Its id.
    id: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HowShown {
    /// As this project sees it.
    project: Option<String>,
    /// Each value with the place it came from.
    #[serde(default)]
    #[param(required = false)]
    resolved: bool,
}

/// A workflow or an agent
#[utoipa::path(get, path = "/crews/{id}", tag = "crews", params(OfCrew, HowShown),
    responses((status = 200, description = "As it is written; a list of values where `resolved`.", body = Value)))]
async fn show_crew(State(api): State<Api>, At(of): At<OfCrew>, Params(how): Params<HowShown>) -> Answer {
    let request = Request::CrewsShow { project: how.project, id: of.id, resolved: how.resolved };
    Ok(Json(api.ask(request).await?))
}

/// A workflow or agent in the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct Named {
    /// Its id.
    name: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WhichInputs {
    /// As this project sees it.
    project: Option<String>,
    /// Whether `name` is an agent.
    #[serde(default)]
    #[param(required = false)]
    agent: bool,
}

/// What a workflow or an agent must be given
#[utoipa::path(get, path = "/inputs/{name}", tag = "crews", params(Named, WhichInputs),
    responses((status = 200, description = "By name.", body = BTreeMap<String, Input>)))]
async fn show_inputs(
    State(api): State<Api>,
    At(named): At<Named>,
    Params(which): Params<WhichInputs>,
) -> Answer {
    let request = Request::Inputs { project: which.project, name: named.name, agent: which.agent };
    Ok(Json(api.ask(request).await?))
}
