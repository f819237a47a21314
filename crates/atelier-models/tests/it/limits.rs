//! The four time limits. Each is set so low that it is over at once, and every other so high that it never is.

use crate::ask::{chat, request, spec, with_limits};
use atelier_models::{CallErrorKind, Limits};
use atelier_testkit::{Fault, ModelServer, Reply, Script};

const NEVER: u64 = 600_000;
const SOON: u64 = 60;

fn limits() -> Limits {
    Limits { connect_ms: 5_000, first_token_ms: NEVER, between_tokens_ms: NEVER, whole_ms: NEVER }
}

fn check(limits: Limits, fault: Fault, kind: CallErrorKind, partial: &str) {
    let server = ModelServer::with(Script::new().otherwise(Reply::text("once upon a time").failing(fault)));
    for model in [server.spec(), server.ollama_spec()] {
        let error = chat(&with_limits(limits.clone()), &spec(&model), &request("a")).error();
        assert_eq!((error.kind, error.partial.as_str()), (kind, partial), "{error}");
        assert!(error.message.contains(&format!("{SOON} ms")), "{error}");
    }
    let gone = |seen: &[atelier_testkit::Seen]| seen.iter().filter(|seen| seen.abandoned).count() == 2;
    assert!(server.wait_until(crate::ask::DEADLINE, gone), "both connections are dropped");
}

#[test]
fn a_server_that_never_begins_breaks_the_limit_of_the_first_token() {
    let limits = Limits { first_token_ms: SOON, ..limits() };
    check(limits, Fault::Hang, CallErrorKind::FirstTokenTimeout, "");
}

#[test]
fn a_server_that_stops_half_way_breaks_the_limit_between_tokens() {
    let limits = Limits { between_tokens_ms: SOON, ..limits() };
    check(limits, Fault::HangAfter(2), CallErrorKind::StallTimeout, "once upo");
}

#[test]
fn a_server_that_never_ends_breaks_the_limit_of_the_whole() {
    check(Limits { whole_ms: SOON, ..limits() }, Fault::Hang, CallErrorKind::WholeTimeout, "");
}

#[test]
fn an_address_that_swallows_connections_breaks_the_limit_of_connecting() {
    // A listener whose queue is full takes no more connections and refuses none.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    let full = std::time::Duration::from_millis(200);
    while let Ok(socket) = std::net::TcpStream::connect_timeout(&address, full) {
        waiting.push(socket);
    }
    let gateway = with_limits(Limits { connect_ms: SOON, ..limits() });
    let error = chat(&gateway, &spec(&format!("openai:m@http://{address}/v1")), &request("a")).error();
    assert_eq!(error.kind, CallErrorKind::ConnectTimeout, "{error}");
    assert!(error.kind.is_unreachable());
}
