//! The buckets of a project

use atelier_runtime::Request;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Paging};
use super::ask::{At, Params};
use super::projects::InProject;
use crate::schema::{Bucket, Items};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_buckets)).routes(routes!(show_bucket))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only buckets of this type.
    r#type: Option<String>,
    /// As they stand on this branch.
    branch: Option<String>,
}

/// The people, places, … of a project
#[utoipa::path(get, path = "/projects/{p}/buckets", tag = "buckets", params(InProject, Which, Paging),
    responses((status = 200, description = "Those that are not archived.", body = Items<Bucket>)))]
async fn list_buckets(
    State(api): State<Api>,
    At(at): At<InProject>,
    Params(which): Params<Which>,
    Params(paging): Params<Paging>,
) -> Answer {
    let request = Request::BucketList { project: at.p, branch: which.branch, r#type: which.r#type };
    paging.page(api.ask(request).await?, "id")
}

/// A bucket in the path.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OfBucket {
    /// The project, by id or name.
    p: String,
    /// The bucket, by id or title.
    b: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Where {
    /// As it stands on this branch.
    branch: Option<String>,
}

/// One bucket
#[utoipa::path(get, path = "/projects/{p}/buckets/{b}", tag = "buckets", params(OfBucket, Where),
    responses((status = 200, description = "The bucket.", body = Bucket)))]
async fn show_bucket(State(api): State<Api>, At(of): At<OfBucket>, Params(at): Params<Where>) -> Answer {
    Ok(Json(api.ask(Request::BucketShow { project: of.p, branch: at.branch, bucket: of.b }).await?))
}
