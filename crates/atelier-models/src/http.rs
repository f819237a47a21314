//! Talking HTTP to model servers: clients, TLS, and what a failed connection means.
//!
//! Owns: which client an address gets. Does not own: protocols. Invariants: redirects are never followed, so that
//! neither prompts nor keys go where nobody asked; addresses of this machine are never reached through a proxy;
//! clients are built when first needed and then kept, so that a call pays for no connection it can share.

use crate::error::{CallError, CallErrorKind};
use reqwest::{Client, ClientBuilder, Url};
use std::error::Error as _;
use std::sync::OnceLock;
use std::time::Duration;

const IDLE_KEPT: Duration = Duration::from_secs(90);

/// Makes ring the process's one provider of cryptography, unless one is there already. Safe to call again.
pub fn install_tls() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // The error is that another thread was first, and then there is one.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}

#[derive(Debug)]
pub(crate) struct Clients {
    connect: Duration,
    /// Plain HTTP on this machine: no certificates to load.
    near_plain: OnceLock<Client>,
    near: OnceLock<Client>,
    far: OnceLock<Client>,
}

impl Clients {
    pub(crate) fn new(connect_ms: u64) -> Self {
        let connect = Duration::from_millis(connect_ms);
        Self { connect, near_plain: OnceLock::new(), near: OnceLock::new(), far: OnceLock::new() }
    }

    pub(crate) fn of(&self, url: &Url) -> Result<&Client, CallError> {
        let builder = || base(self.connect);
        match (is_this_machine(url), url.scheme()) {
            (true, "http") => kept(&self.near_plain, || builder().no_proxy().tls_certs_only([])),
            (true, _) => kept(&self.near, || builder().no_proxy()),
            (false, _) => kept(&self.far, builder),
        }
    }
}

pub(crate) fn is_this_machine(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let by_name = bare == "localhost" || bare.ends_with(".localhost");
    by_name || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified())
}

/// This machine or one of the same house: its models are not paid by the token.
pub(crate) fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let private = host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_private() || ip.is_link_local());
    is_this_machine(url) || private || host.ends_with(".local") || !host.contains(['.', ':'])
}

/// What it means that a request could not be sent or its body not be read.
pub(crate) fn failure(error: &reqwest::Error, place: &str, limit_ms: u64) -> CallError {
    let cause = deepest_cause(error);
    if error.is_connect() && error.is_timeout() {
        let message = format!("connecting to {place} took longer than {limit_ms} ms");
        return CallError::new(CallErrorKind::ConnectTimeout, message, START_HINT);
    }
    if error.is_connect() {
        let message = format!("nobody could be reached at {place}: {cause}");
        return CallError::new(CallErrorKind::Unreachable, message, START_HINT);
    }
    if error.is_builder() {
        let message = format!("no request to {place} could be made: {cause}");
        return CallError::config(message, "check the model's base URL");
    }
    let message = format!("the connection to {place} broke off: {cause}");
    CallError::new(CallErrorKind::Cut, message, "try again; if it happens again, read the server's own log")
}

const START_HINT: &str = "start the server or correct the base URL; `atelier doctor` shows what is running";

fn base(connect: Duration) -> ClientBuilder {
    install_tls();
    Client::builder()
        .connect_timeout(connect)
        .tcp_nodelay(true)
        .pool_idle_timeout(IDLE_KEPT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .user_agent(concat!("atelier/", env!("CARGO_PKG_VERSION")))
}

fn kept(place: &OnceLock<Client>, builder: impl FnOnce() -> ClientBuilder) -> Result<&Client, CallError> {
    if let Some(client) = place.get() {
        return Ok(client);
    }
    let built = builder().build().map_err(|error| {
        let message = format!("no HTTP client could be set up: {}", deepest_cause(&error));
        CallError::config(message, "check the proxy settings and the system's certificates")
    })?;
    Ok(place.get_or_init(|| built))
}

fn deepest_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if error.source().is_none() { "no cause given".to_owned() } else { cause.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_are_known_in_every_spelling() {
        let near = |url: &str| is_this_machine(&Url::parse(url).unwrap());
        for url in ["http://localhost:1", "http://127.0.0.1", "http://127.9.9.9", "http://[::1]:8000/v1"] {
            assert!(near(url), "{url}");
        }
        for url in ["http://localhost.evil.com", "http://10.0.0.1", "https://api.openai.com/v1"] {
            assert!(!near(url), "{url}");
        }
        assert!(is_local(&Url::parse("http://192.168.1.7:8000").unwrap()));
        assert!(!is_local(&Url::parse("https://api.openai.com/v1").unwrap()));
    }
}
