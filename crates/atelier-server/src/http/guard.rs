//! Who may come in, and what every answer says to a browser.
//!
//! **Invariant**: a page of elsewhere cannot reach the studio: not by having its own name point at this machine (Host),
//! not by sending a request from a browser (Origin, Sec-Fetch-Site), not by a form (content type).

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::ask;
use super::problem::Problem;

use crate::codes;

const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// Turns away what does not belong here, and dresses every answer.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = match refusal(&request) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn refusal(request: &Request) -> Option<Problem> {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(host) = host.filter(|host| is_local(host)) else {
        let message = "this studio answers to names of this machine only";
        let hint = "use http://127.0.0.1 or http://localhost with the port it listens at";
        return Some(Problem::new(StatusCode::MISDIRECTED_REQUEST, codes::FOREIGN_HOST, message, hint));
    };
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !is_own(headers, host, writes || request.uri().path() != "/") {
        let message = "the request was sent by a page of another site";
        return Some(Problem::new(
            StatusCode::FORBIDDEN,
            codes::FOREIGN_ORIGIN,
            message,
            "open the studio itself",
        ));
    }
    if writes {
        return body_refusal(headers);
    }
    None
}

/// Whether a request was sent by a page of the studio itself, or by no page.
fn is_own(headers: &HeaderMap, host: &str, strict: bool) -> bool {
    if let Some(origin) = headers.get(header::ORIGIN) {
        let own = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        return own.is_some_and(|(_, name)| name.eq_ignore_ascii_case(host));
    }
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    let follows_link = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate") && !strict;
    site.is_none_or(|site| matches!(site, "same-origin" | "none")) || follows_link
}

fn body_refusal(headers: &HeaderMap) -> Option<Problem> {
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > ask::MAX_BODY as u64) {
        return Some(ask::too_long());
    }
    let has_body = length.is_some_and(|length| length > 0) || headers.contains_key(header::TRANSFER_ENCODING);
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if has_body && !kind.eq_ignore_ascii_case("application/json") {
        let message = format!("a body of type `{kind}` is not taken");
        let hint = "send JSON, with `Content-Type: application/json`";
        return Some(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, codes::NOT_JSON, message, hint));
    }
    None
}

fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |(name, _)| name),
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered_to() {
        for local in ["localhost", "LOCALHOST:1", "127.0.0.1:4400", "[::1]:4400", "127.8.8.8"] {
            assert!(is_local(local), "{local}");
        }
        for other in ["evil.example", "localhost.evil.example", "192.168.0.2:4400", "", "[::2]"] {
            assert!(!is_local(other), "{other}");
        }
    }

    #[test]
    fn a_page_of_elsewhere_is_told_from_the_own_one() {
        let sent = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            headers
        };
        let host = "127.0.0.1:4400";
        for own in [
            &[][..],
            &[("origin", "http://127.0.0.1:4400")],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
        ] {
            assert!(is_own(&sent(own), host, true), "{own:?}");
        }
        for other in [
            &[("origin", "http://evil.example")][..],
            &[("origin", "null")],
            &[("origin", "http://127.0.0.1:4401")],
            &[("origin", "http://127.0.0.1:4400.evil.example")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
        ] {
            assert!(!is_own(&sent(other), host, true), "{other:?}");
        }
        let link = sent(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]);
        assert!(is_own(&link, host, false), "a link from elsewhere opens the page");
    }
}
