//! The routes, and the document made from them.

use axum::http::{StatusCode, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder,
    ServerBuilder,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use super::problem::Problem;
use super::{
    Api, buckets, control, crews, events, forms, gates, guard, health, models, outputs, overview, page,
    projects, runs, settings, stream,
};
use crate::codes;
use crate::schema;

/// The document that describes the API.
pub fn document() -> OpenApi {
    described(api().split_for_parts().1)
}

/// All routes, behind the guard.
pub(super) fn router(state: Api) -> Router {
    let (routes, document) = api().split_for_parts();
    // Made once: it does not change while the studio runs.
    let document = described(document);
    routes
        .route("/api/v1/openapi.json", get(move || std::future::ready(Json(document.clone()))))
        .merge(page::routes())
        .fallback(get(page::file_or_page))
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn(guard::guard))
        .with_state(state)
}

fn api() -> OpenApiRouter<Api> {
    let v1 = OpenApiRouter::new()
        .merge(overview::routes())
        .merge(projects::routes())
        .merge(runs::routes())
        .merge(gates::routes())
        .merge(events::routes())
        .merge(buckets::routes())
        .merge(outputs::routes())
        .merge(crews::routes())
        .merge(models::routes())
        .merge(settings::routes())
        .merge(forms::routes())
        .merge(control::routes())
        .merge(stream::routes())
        .merge(health::routes());
    OpenApiRouter::new().nest("/api/v1", v1).merge(health::outside())
}

/// Any answer that is no success is a problem; said once for all routes.
fn described(routes: OpenApi) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Atelier")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The studio: projects, runs, gates, events. The same requests as the command line.",
        ))
        .build();
    let problem = ResponseBuilder::new()
        .description("What went wrong, and what to do.")
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(Ref::from_schema_name(schema::Problem::name()))).build(),
        )
        .build();
    let mut components = routes.components.unwrap_or_else(|| ComponentsBuilder::new().build());
    components.schemas.insert(schema::Problem::name().into_owned(), schema::Problem::schema());
    let mut paths = routes.paths;
    for item in paths.paths.values_mut() {
        let each = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        for operation in each.into_iter().flatten() {
            operation.responses.responses.insert("default".into(), RefOr::T(problem.clone()));
        }
    }
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new().url("/").build()]))
        .paths(paths)
        .components(Some(components))
        .build()
}

async fn wrong_method(uri: Uri) -> Response {
    let message = format!("this cannot be done with `{}`", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, codes::WRONG_METHOD, message, "see /api/v1/openapi.json")
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_in_the_repository_is_what_the_handlers_say() {
        let kept = include_str!("../../../../docs/schema/openapi.json");
        let now = serde_json::to_string_pretty(&document()).unwrap();
        assert!(kept.trim_end() == now, "run `cargo xtask codegen` and commit docs/schema/openapi.json");
    }

    #[test]
    fn every_route_is_described_with_a_name_of_its_own() {
        let document = serde_json::to_value(document()).unwrap();
        let mut names = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap_or_default();
                assert!(!name.is_empty() && operation["summary"].is_string(), "{method} {path}");
                names.push(name.to_owned());
            }
        }
        let n = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), n, "two operations have the same name");
    }
}
