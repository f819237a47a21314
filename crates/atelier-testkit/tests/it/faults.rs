//! Each fault does what it says, in both protocols where they differ.

use crate::http::{Answer, get, open, post, read_until};
use atelier_testkit::{DeadPort, Fault, Matcher, ModelServer, Reply, Script};
use serde_json::{Value, json};
use std::io::Read;
use std::net::TcpStream;
use std::time::Duration;

const TEXT: &str = "once upon a time there was";

fn with(fault: Fault) -> ModelServer {
    ModelServer::with(Script::new().otherwise(Reply::text(TEXT).failing(fault)))
}

fn ask(stream: bool) -> Value {
    json!({"model": "scripted", "stream": stream, "messages": [{"role": "user", "content": "go on"}]})
}

fn openai(server: &ModelServer, stream: bool) -> Answer {
    post(&format!("{}/chat/completions", server.base_url()), &ask(stream))
}

fn ollama(server: &ModelServer, stream: bool) -> Answer {
    post(&format!("{}/api/chat", server.ollama_url()), &ask(stream))
}

/// The text of the pieces that came, whether or not the stream came to its end.
fn heard(answer: &Answer) -> String {
    answer.events().iter().filter_map(|e| e["choices"][0]["delta"]["content"].as_str()).collect()
}

#[test]
fn a_status_comes_with_its_body_and_headers_or_the_protocols_own_error() {
    let server = with(Fault::status_with(429, "slow down", &[("retry-after", "7")]));
    let answer = openai(&server, true);
    assert_eq!((answer.status, answer.text().as_str()), (429, "slow down"));
    assert!(answer.head.contains("retry-after: 7"));
    let server = with(Fault::status(503));
    assert_eq!(openai(&server, true).json()["error"]["code"], 503);
    assert!(ollama(&server, true).json()["error"].is_string());
}

#[test]
fn a_cut_stream_gives_its_first_chunks_and_no_end() {
    let server = with(Fault::CutAfter(3));
    let answer = openai(&server, true);
    assert_eq!((answer.status, answer.whole), (200, false));
    assert_eq!(heard(&answer), "once upon a ");
    let native = ollama(&server, true);
    assert!(!native.whole && native.lines().len() == 3);
    assert!(!openai(&server, false).whole);
    let short = with(Fault::CutAfter(99));
    let answer = openai(&short, true);
    assert!(!answer.whole && heard(&answer) == TEXT && !answer.text().contains("DONE"));
}

#[test]
fn a_hanging_server_says_nothing_until_the_client_leaves() {
    let server = with(Fault::Hang);
    let socket = open("POST", &format!("{}/chat/completions", server.base_url()), &ask(true).to_string());
    assert!(server.wait_for(1, Duration::from_secs(10)));
    assert_eq!(bytes_waiting(&socket), 0);
    assert!(!server.calls()[0].finished);
    drop(socket);
    assert!(server.wait_until(Duration::from_secs(10), |seen| seen[0].abandoned));
}

#[test]
fn a_stream_can_hang_in_its_middle() {
    let server = with(Fault::HangAfter(2));
    let mut socket = open("POST", &format!("{}/chat/completions", server.base_url()), &ask(true).to_string());
    let text = read_until(&mut socket, " upo");
    assert!(!text.contains("n a "));
    drop(socket);
    assert!(server.wait_until(Duration::from_secs(10), |seen| seen[0].abandoned && !seen[0].finished));
}

#[test]
fn an_error_inside_a_200_follows_the_first_chunks() {
    let server = with(Fault::error_in_200(1, "out of memory"));
    let events = openai(&server, true).events();
    assert_eq!(events.len(), 2);
    assert_eq!(events[1]["error"]["message"], "out of memory");
    let lines = ollama(&server, true).lines();
    assert_eq!(lines[1], json!({"error": "out of memory"}));
    let whole = openai(&server, false);
    assert_eq!((whole.status, &whole.json()["error"]["message"]), (200, &json!("out of memory")));
}

#[test]
fn an_answer_can_be_empty_cut_by_length_never_finished_or_garbage() {
    let empty = openai(&with(Fault::EmptyAnswer), true);
    assert_eq!((heard(&empty).as_str(), empty.whole), ("", true));
    assert_eq!(empty.events()[0]["choices"][0]["finish_reason"], "stop");

    let length = openai(&with(Fault::LengthStop), false).json();
    assert_eq!(length["choices"][0]["message"]["content"], TEXT[..13]);
    assert_eq!(length["choices"][0]["finish_reason"], "length");

    let endless = openai(&with(Fault::NoFinish), true);
    assert!(endless.whole && heard(&endless) == TEXT);
    assert!(endless.events().iter().all(|e| e["choices"][0]["finish_reason"].is_null()));
    assert!(ollama(&with(Fault::NoFinish), true).lines().iter().all(|line| line["done"] == false));

    let garbage = openai(&with(Fault::Garbage), true);
    assert_eq!(garbage.status, 200);
    assert!(std::str::from_utf8(&garbage.body).is_err());
}

#[test]
fn bad_json_is_bad_and_wrong_usage_is_wrong() {
    let bad = openai(&with(Fault::BadJson), false).json();
    assert!(
        serde_json::from_str::<Value>(bad["choices"][0]["message"]["content"].as_str().unwrap()).is_err()
    );
    let server =
        ModelServer::with(Script::new().times(1, Matcher::Always, Reply::auto().wrong_usage(0, 999)));
    assert_eq!(openai(&server, false).json()["usage"]["completion_tokens"], 999);
    server.when(Matcher::Always, Reply::auto().no_usage());
    assert!(openai(&server, false).json().get("usage").is_none());
    assert!(ollama(&server, false).json().get("eval_count").is_none());
}

#[test]
fn embeddings_and_probes_fail_too() {
    let server = with(Fault::status(500));
    let body = json!({"model": "scripted-embed", "input": "x"});
    assert_eq!(post(&format!("{}/embeddings", server.base_url()), &body).status, 500);
    assert_eq!(get(&format!("{}/models", server.base_url())).status, 200);
    server.when(Matcher::path("/v1/models"), Fault::status(401));
    assert_eq!(get(&format!("{}/models", server.base_url())).status, 401);
    let cut = with(Fault::CutAfter(0));
    assert!(!post(&format!("{}/api/embed", cut.ollama_url()), &body).whole);
}

#[test]
fn nobody_answers_at_a_dead_port() {
    let port = DeadPort::new();
    let address = port.root_url().replace("http://", "");
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
}

/// How much can be read at this moment.
fn bytes_waiting(mut socket: &TcpStream) -> usize {
    socket.set_nonblocking(true).unwrap();
    let mut buffer = [0u8; 64];
    socket.read(&mut buffer).unwrap_or(0)
}
