//! What a browser is shown.

use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;

use super::Api;

const PLAIN: &str = include_str!("plain.html");
const STYLE: &str = include_str!("plain.css");

pub(super) fn routes() -> Router<Api> {
    Router::new().route("/", get(plain)).route("/plain.css", get(style))
}

async fn plain() -> Html<&'static str> {
    Html(PLAIN)
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}
