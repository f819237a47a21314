//! What `serve --listen` answers over HTTP today: whether the studio is well, and where to go instead.
//!
//! Only on this machine, and only to pages that know it by a name of this machine: there is no key to the door yet.

use std::net::SocketAddr;

use atelier_runtime::{Failure, Studio};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::get;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::codes;

const PAGE: &str = include_str!("page.html");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A listening door on this machine.
#[derive(Debug)]
pub struct HttpServer {
    listener: TcpListener,
    address: SocketAddr,
}

/// An address on this machine, as `127.0.0.1:4400` or `localhost:4400`.
pub fn loopback(text: &str) -> Result<SocketAddr, Failure> {
    let spelled = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    let hint = "give an address of this machine, such as 127.0.0.1:4400";
    let address: SocketAddr = spelled.parse().map_err(|_| {
        Failure::usage(codes::BAD_ADDRESS, format!("`{text}` is no address with a port"), hint)
    })?;
    if !address.ip().is_loopback() {
        let message =
            format!("`{text}` can be reached from other machines, and there is no key to the door yet");
        return Err(Failure::usage(codes::NOT_LOOPBACK, message, hint));
    }
    Ok(address)
}

impl HttpServer {
    /// Takes the address.
    pub async fn bind(address: SocketAddr) -> Result<Self, Failure> {
        let taken = |error: std::io::Error| {
            Failure::refused(
                codes::ADDRESS_UNUSABLE,
                format!("cannot listen on {address}: {error}"),
                "choose another port",
            )
        };
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self { listener, address })
    }

    /// Where it listens: the port that was found when port 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown`.
    pub async fn serve(self, studio: Studio, shutdown: CancellationToken) {
        let app = Router::new()
            .route("/", get(page))
            .route("/health", get(health))
            .with_state(studio)
            .layer(middleware::from_fn(guard));
        let served = axum::serve(self.listener, app).with_graceful_shutdown(shutdown.cancelled_owned());
        if let Err(error) = served.await {
            tracing::warn!(%error, "the HTTP door closed");
        }
    }
}

async fn page() -> Html<&'static str> {
    Html(PAGE)
}

async fn health(State(studio): State<Studio>) -> Json<serde_json::Value> {
    let detail = format!("{} runs at work", studio.driven().await);
    Json(json!({
        "ok": true,
        "version": env!("CARGO_PKG_VERSION"),
        "checks": [{"name": "studio", "status": "ok", "detail": detail}],
    }))
}

/// A page of elsewhere that has its name point at this machine is turned away: it would come with its own name.
async fn guard(request: Request, next: Next) -> Response {
    let mut response = if is_local(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "this studio answers to names of this machine only\n")
            .into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn is_local(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
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
        let host =
            |name: &'static str| HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(name))]);
        for local in ["localhost", "LOCALHOST:1", "127.0.0.1:4400", "[::1]:4400", "127.8.8.8"] {
            assert!(is_local(&host(local)), "{local}");
        }
        for other in ["evil.example", "localhost.evil.example", "192.168.0.2:4400", "", "[::2]"] {
            assert!(!is_local(&host(other)), "{other}");
        }
        assert!(!is_local(&HeaderMap::new()));
    }

    #[test]
    fn addresses_that_others_can_reach_are_refused() {
        assert_eq!(loopback("localhost:0").unwrap().to_string(), "127.0.0.1:0");
        assert_eq!(loopback("[::1]:80").unwrap().to_string(), "[::1]:80");
        for bad in ["0.0.0.0:80", "192.168.0.2:80", "4400", "localhost", "example.org:80"] {
            assert!(loopback(bad).is_err(), "{bad}");
        }
    }
}
