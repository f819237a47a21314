//! What a browser is shown: the page that was built into this binary, or a plain one that says how to build it.
//!
//! **Invariant**: a page path gets the page, a missing file and everything under `/api` gets 404.

use std::io::Read;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use super::Api;
use super::problem::Problem;
use crate::codes;

const PLAIN: &str = include_str!("plain.html");
const STYLE: &str = include_str!("plain.css");

/// A file of the built page, packed.
struct Asset {
    path: &'static str,
    etag: &'static str,
    gzip: &'static [u8],
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));
static ERRORS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/errors.rs"));

pub(super) fn routes() -> Router<Api> {
    Router::new().route("/plain.css", get(style)).route("/errors/{code}", get(explain))
}

/// Whatever no route answers: a file of the page, the page itself, or nothing.
pub(super) async fn file_or_page(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if let Some(asset) = find(path) {
        return send(asset, &headers);
    }
    if !is_page(path) {
        return nothing(&format!("there is nothing at `/{path}`"));
    }
    match find("index.html") {
        Some(index) => send(index, &headers),
        None => Html(PLAIN).into_response(),
    }
}

async fn explain(Path(code): Path<String>) -> Response {
    match ERRORS.binary_search_by(|(known, _)| (*known).cmp(code.as_str())) {
        Ok(at) => ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], ERRORS[at].1).into_response(),
        Err(_) => nothing(&format!("there is no error code `{code}`")),
    }
}

fn nothing(message: &str) -> Response {
    Problem::new(StatusCode::NOT_FOUND, codes::NOT_FOUND, message, "see /api/v1/openapi.json").into_response()
}

/// Paths of the page have no dot in their last part and are none of the API's.
fn is_page(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    !matches!(first, "api" | "v1" | "assets" | "errors" | "mcp") && !last.contains('.')
}

fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok().map(|at| &ASSETS[at])
}

fn send(asset: &'static Asset, headers: &HeaderMap) -> Response {
    // Names in `assets/` hold a hash of what is in them.
    let keep = match asset.path.starts_with("assets/") {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == asset.etag);
    let mut response = match (known, takes_gzip(headers)) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (false, true) => {
            let packed = [(header::CONTENT_ENCODING, "gzip"), (header::CONTENT_TYPE, kind(asset.path))];
            (packed, Bytes::from_static(asset.gzip)).into_response()
        }
        (false, false) => unpacked(asset),
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_static(asset.etag));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn unpacked(asset: &'static Asset) -> Response {
    let mut whole = Vec::new();
    match flate2::read::GzDecoder::new(asset.gzip).read_to_end(&mut whole) {
        Ok(_) => ([(header::CONTENT_TYPE, kind(asset.path))], whole).into_response(),
        Err(error) => {
            tracing::error!(path = asset.path, %error, "a file of the page cannot be unpacked");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let taken = headers.get(header::ACCEPT_ENCODING).and_then(|taken| taken.to_str().ok());
    taken.unwrap_or_default().split(',').any(|one| {
        let (name, quality) = one.split_once(';').unwrap_or((one, ""));
        name.trim() == "gzip" && !matches!(quality.trim(), "q=0" | "q=0.0")
    })
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_page_get_the_page() {
        for page in ["", "projects/prj_x", "runs/run_1", "settings"] {
            assert!(is_page(page), "{page}");
        }
        for other in ["api/v2", "api", "assets/x", "favicon.ico", "a/b.js", "v1/chat", "errors/x"] {
            assert!(!is_page(other), "{other}");
        }
    }

    #[test]
    fn tables_are_in_order_so_that_everything_in_them_is_found() {
        assert!(ASSETS.is_sorted_by_key(|asset| asset.path));
        assert!(ERRORS.is_sorted_by_key(|(code, _)| *code));
        assert!(ERRORS.iter().any(|(code, _)| *code == codes::FOREIGN_HOST));
    }
}
