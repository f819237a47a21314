//! What the server remembers, holds back, and how it comes and goes.

use crate::http::{get, open, post, read, read_until};
use atelier_testkit::{Call, Matcher, ModelServer, Script};
use serde_json::{Value, json};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(20);

fn ask(text: &str) -> Value {
    json!({"model": "scripted", "stream": true, "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": text}]})
}

fn url(server: &ModelServer) -> String {
    format!("{}/chat/completions", server.base_url())
}

#[test]
fn every_request_is_remembered_as_it_was_sent() {
    let server = ModelServer::start();
    get(&format!("{}/models", server.base_url()));
    post(&url(&server), &ask("of the harbor"));
    let seen = server.requests();
    assert_eq!((seen.len(), server.count(), server.calls().len()), (2, 1, 1));
    assert_eq!(
        (seen[0].method.as_str(), seen[0].path.as_str(), seen[0].call),
        ("GET", "/v1/models", Call::Other)
    );
    let call = &seen[1];
    assert_eq!((call.index, call.call, call.model.as_str()), (1, Call::Chat(1), "scripted"));
    assert_eq!(call.text, "be brief\nof the harbor");
    assert_eq!(call.at("/messages/0/role"), "system");
    assert_eq!(call.messages()[1], ("user".to_owned(), "of the harbor".to_owned()));
    assert!(call.headers.contains_key("host") && call.finished && !call.abandoned);
    server.reset();
    assert_eq!((server.count(), server.requests().len()), (0, 0));
}

#[test]
fn a_held_request_gets_nothing_before_its_release_and_others_go_on() {
    let server = ModelServer::start();
    let hold = server.hold("harbor");
    let socket = open("POST", &url(&server), &ask("the harbor").to_string());
    assert!(hold.wait_held(1, LONG));
    post(&url(&server), &ask("the desert"));
    let seen = server.calls();
    assert_eq!((seen[0].finished, seen[1].finished, hold.n_held()), (false, true, 1));
    hold.release();
    assert_eq!(read(socket).status, 200);
    assert!(server.calls()[0].finished);
    post(&url(&server), &ask("the harbor again"));
}

#[test]
fn a_stream_can_be_held_in_its_middle() {
    let server = ModelServer::with(Script::new().otherwise("once upon a time"));
    let hold = server.hold_after(2, Matcher::Always);
    let mut socket = open("POST", &url(&server), &ask("x").to_string());
    assert!(!read_until(&mut socket, " upo").contains("n a "));
    assert!(hold.wait_held(1, LONG));
    hold.release();
    assert!(read_until(&mut socket, "[DONE]").contains("n a "));
}

#[test]
fn a_client_that_leaves_is_no_longer_held() {
    let server = ModelServer::start();
    let hold = server.hold(Matcher::Always);
    let socket = open("POST", &url(&server), &ask("x").to_string());
    assert!(hold.wait_held(1, LONG));
    drop(socket);
    assert!(server.wait_until(LONG, |seen| seen[0].abandoned));
    assert_eq!(hold.n_held(), 0);
}

#[test]
fn waiting_ends_at_the_number_or_at_the_deadline() {
    let server = ModelServer::start();
    assert!(!server.wait_for(1, Duration::from_millis(1)));
    post(&url(&server), &ask("x"));
    assert!(server.wait_for(1, LONG) && server.wait_finished(1, LONG));
    assert!(!server.wait_for(2, Duration::from_millis(1)));
}

#[test]
fn a_stopped_server_is_gone_and_can_come_back_at_the_same_port() {
    let server = ModelServer::start();
    let (url, mut held) = (url(&server), open("POST", &url(&server), &ask("x").to_string()));
    read_until(&mut held, "[DONE]");
    let port = server.stop();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    let again = ModelServer::at(port, Script::new().otherwise("back again"));
    assert_eq!(
        post(&url, &json!({"model": "m", "messages": []})).json()["choices"][0]["message"]["content"],
        "back again"
    );
    assert_eq!(again.count(), 1);
}

#[test]
fn stopping_cuts_what_is_under_way() {
    let server = ModelServer::start();
    let hold = server.hold_after(1, Matcher::Always);
    let socket = open("POST", &url(&server), &ask("x").to_string());
    assert!(hold.wait_held(1, LONG));
    server.stop();
    assert!(!read(socket).whole);
}
