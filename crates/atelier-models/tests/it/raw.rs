//! Answers byte by byte, for what no well-made server would send.

use crate::ask::{chat, gateway, request, spec};
use atelier_models::{CallErrorKind, Delta, FinishReason};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Answers each request by `answer(path)`: a body and its type, in pieces, over a fresh connection.
pub(crate) struct Raw {
    address: SocketAddr,
    bodies: Arc<Mutex<Vec<Value>>>,
}

pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) pieces: Vec<Vec<u8>>,
}

impl Raw {
    pub(crate) fn start(answer: impl Fn(&str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let book = Arc::clone(&bodies);
        // Ends with the process: it waits for connections and holds nothing.
        let serve = move || {
            for socket in listener.incoming().flatten() {
                // A client that leaves in the middle is what some tests are about.
                let _ = exchange(socket, &answer, &book);
            }
        };
        std::thread::Builder::new().name("raw server".to_owned()).spawn(serve).unwrap();
        Self { address, bodies }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn n_requests(&self) -> usize {
        self.bodies.lock().unwrap().len()
    }

    pub(crate) fn last_body(&self) -> Value {
        self.bodies.lock().unwrap().last().cloned().unwrap()
    }
}

pub(crate) fn sse(pieces: &[&[u8]]) -> Raw {
    let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
    Raw::start(move |_| Answer { head: ok("text/event-stream"), pieces: pieces.clone() })
}

/// An Ollama that says this of its model, and answers with these lines or with one that says `ok`.
pub(crate) fn ollama(show: Value, lines: &[Value]) -> Raw {
    let said = json!({"model": "m", "message": {"role": "assistant", "content": "ok"}, "done": true,
        "done_reason": "stop", "prompt_eval_count": 9, "eval_count": 1});
    let lines = if lines.is_empty() { vec![said] } else { lines.to_vec() };
    Raw::start(move |path| {
        let body = if path == "/api/show" {
            show.to_string()
        } else {
            lines.iter().map(|l| format!("{l}\n")).collect()
        };
        Answer { head: ok("application/x-ndjson"), pieces: vec![body.into_bytes()] }
    })
}

fn ok(kind: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n")
}

fn exchange(
    socket: TcpStream,
    answer: &impl Fn(&str) -> Answer,
    book: &Mutex<Vec<Value>>,
) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let mut reader = BufReader::new(socket.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        length = line.strip_prefix("content-length:").map_or(length, |n| n.trim().parse().unwrap());
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    book.lock().unwrap().push(serde_json::from_slice(&body).unwrap_or_default());
    let path = first.split_whitespace().nth(1).unwrap_or_default();
    let answer = answer(path);
    let mut socket = socket;
    socket.write_all(answer.head.as_bytes())?;
    for piece in &answer.pieces {
        socket.write_all(piece)?;
        socket.flush()?;
    }
    Ok(())
}

fn said(raw: &Raw) -> crate::ask::Heard {
    chat(&gateway(), &spec(&format!("openai:m@{}/v1", raw.url())), &request("a"))
}

#[test]
fn the_recorded_stream_of_llama_cpp_is_understood() {
    let raw = sse(&[
        b"data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null}}],\"model\":\"m.gguf\"}\n\n",
        b"data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"content\":\"One\"}}],\"mod",
        b"el\":\"m.gguf\"}\n\ndata: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"content\":\" colo\\u0075r\"}}]}\n\n",
        b"data: {\"choices\":[{\"finish_reason\":\"stop\",\"index\":0,\"delta\":{}}],\"timings\":{\"cache_n\":33}}\n\n",
        b"data: {\"choices\":[],\"usage\":{\"completion_tokens\":7,\"prompt_tokens\":34,\"total_tokens\":41,\"prompt_tokens_details\":{\"cached_tokens\":33}}}\n\n",
        b"data: [DONE]\n\n",
    ]);
    let answer = said(&raw).answer();
    assert_eq!((answer.text.as_str(), answer.model.as_str()), ("One colour", "m.gguf"));
    let usage = answer.usage;
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.cached_input_tokens), (34, 7, 33));
    assert!(!usage.estimated && answer.finish == FinishReason::Stop);
}

#[test]
fn a_finished_answer_needs_no_done_and_no_usage() {
    let raw = sse(&[b": hello\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"hi\",\"reasoning_content\":\"hm\"},\"finish_reason\":\"stop\"}]}\r\n\r\n"]);
    let heard = said(&raw);
    assert!(heard.deltas.contains(&Delta::Reasoning("hm".to_owned())));
    let answer = heard.answer();
    assert!(answer.text == "hi" && answer.usage.estimated);
}

#[test]
fn a_flat_error_and_an_error_finish_are_errors() {
    let flat =
        sse(&[b"data: {\"object\":\"error\",\"message\":\"engine died\",\"code\":500}\n\ndata: [DONE]\n\n"]);
    let error = said(&flat).error();
    assert!(error.kind == CallErrorKind::ServerError && error.message.contains("engine died"), "{error}");
    let finish =
        sse(&[b"data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"error\"}]}\n\n"]);
    let error = said(&finish).error();
    assert_eq!((error.kind, error.partial.as_str()), (CallErrorKind::ServerError, "a"));
}

#[test]
fn a_server_that_does_not_stream_is_understood() {
    let body = json!({"model": "m", "choices": [{"index": 0, "message": {"role": "assistant", "content": "whole"},
        "finish_reason": "length"}], "usage": {"prompt_tokens": 3, "completion_tokens": 1}});
    let raw = Raw::start(move |_| Answer {
        head: ok("application/json"),
        pieces: vec![body.to_string().into_bytes()],
    });
    let answer = said(&raw).answer();
    assert_eq!(
        (answer.text.as_str(), answer.finish, answer.usage.input_tokens),
        ("whole", FinishReason::Length, 3)
    );
}

#[test]
fn a_server_that_goes_on_for_ever_is_stopped() {
    let piece =
        format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", "x".repeat(50_000));
    let raw = Raw::start(move |_| Answer {
        head: ok("text/event-stream"),
        pieces: vec![piece.clone().into_bytes(); 200],
    });
    let error = said(&raw).error();
    assert_eq!(error.kind, CallErrorKind::Garbage);
    assert!(error.partial.len() < 400_000);
    let endless = sse(&[b"data: ", &vec![b'x'; 3 * 1024 * 1024]]);
    assert_eq!(said(&endless).error().kind, CallErrorKind::Garbage);
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = sse(&[b"data: [DONE]\n\n"]);
    let head = format!(
        "HTTP/1.1 307 Moved\r\nlocation: {}/v1/chat/completions\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        elsewhere.url()
    );
    let raw = Raw::start(move |_| Answer { head: head.clone(), pieces: Vec::new() });
    let error = said(&raw).error();
    assert!(error.kind == CallErrorKind::BadRequest && error.message.contains(&elsewhere.url()), "{error}");
    assert_eq!((raw.n_requests(), elsewhere.n_requests()), (1, 0));
}
