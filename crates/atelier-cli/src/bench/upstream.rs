//! A model server that answers at once: the other side of what is measured, in a process of its own.
//!
//! Owns: OpenAI chat completions over kept-alive HTTP/1.1, streamed or whole, and counting them. Does not own: any part
//! of the product's path; nothing but a measurement starts it. A model called `mock-f1000-t64` answers after
//! 1,000 ms with 64 words.
//!
//! **Invariant**: a call counts as answered only when its client was still there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use atelier_runtime::tasks::{OnCancel, Tasks};
use atelier_runtime::{Exit, Failure};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Bench, broken};
use crate::output;

const WORDS: &str = include_str!("crew/words.txt");
/// Words of an answer whose model does not say.
const LENGTH: u64 = 64;

/// What was asked so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Counts {
    /// Requests that arrived.
    pub(super) asked: u64,
    /// Those answered in full.
    pub(super) answered: u64,
    /// Those whose client went away first.
    pub(super) cut: u64,
    /// Requests by the `[[mark]]` in their text.
    pub(super) tags: BTreeMap<String, u64>,
}

type Shared = Arc<Mutex<Counts>>;

/// Serves until the process is ended; tells its port on stdout.
pub(super) async fn serve(_: &Bench<'_>) -> Result<Exit, Failure> {
    let listener =
        TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| broken("listen on this machine", error))?;
    let address = listener.local_addr().map_err(|error| broken("find the port", error))?;
    output::data(&format!("{}\n", address.port()))?;
    let (tasks, counts) = (Tasks::default(), Shared::default());
    loop {
        let (stream, _) = listener.accept().await.map_err(|error| broken("take a connection", error))?;
        let counts = counts.clone();
        tasks.spawn("upstream connection", None, OnCancel::Drop, async move {
            // A client that goes away ends its connection, and nothing else.
            converse(stream, counts).await.ok();
        });
    }
}

async fn converse(mut stream: TcpStream, counts: Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(8_192);
    loop {
        let Some(request) = request(&mut stream, &mut buffer).await? else { return Ok(()) };
        if request.starts_with("GET /stats") {
            let told = serde_json::to_string(&*lock(&counts))?;
            stream.write_all(&response("application/json", &told)).await?;
            continue;
        }
        let number = count(&counts, &request);
        let delay = pace(&request, 'f').unwrap_or(0);
        if delay > 0 && is_gone(&stream, Duration::from_millis(delay)).await {
            lock(&counts).cut += 1;
            return Ok(());
        }
        stream.write_all(&answer(&request, number)).await?;
        lock(&counts).answered += 1;
    }
}

/// One request, head and body; none when the client is done.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<Option<String>> {
    buffer.clear();
    let mut needed = None;
    loop {
        if needed.is_none()
            && let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n")
        {
            needed = Some(head + 4 + content_length(&buffer[..head]));
        }
        if needed.is_some_and(|needed| buffer.len() >= needed) {
            return Ok(Some(String::from_utf8_lossy(buffer).into_owned()));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let value = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(0)
}

fn count(counts: &Shared, request: &str) -> u64 {
    let mut counts = lock(counts);
    counts.asked += 1;
    let tag = request.split_once("[[").and_then(|(_, rest)| rest.split_once("]]"));
    if let Some((tag, _)) = tag {
        *counts.tags.entry(tag.to_owned()).or_default() += 1;
    }
    counts.asked
}

/// What the model's name says behind a letter: `f` how many milliseconds it takes, `t` how many words it says.
fn pace(request: &str, letter: char) -> Option<u64> {
    let model = request.split_once("\"model\":\"").and_then(|(_, rest)| rest.split_once('"'));
    model.and_then(|(model, _)| model.split('-').find_map(|part| part.strip_prefix(letter)?.parse().ok()))
}

/// Waits so long; whether the client went away meanwhile.
async fn is_gone(stream: &TcpStream, delay: Duration) -> bool {
    let mut next = [0];
    tokio::select! {
        () = tokio::time::sleep(delay) => false,
        peeked = stream.peek(&mut next) => !matches!(peeked, Ok(1..)),
    }
}

fn answer(request: &str, number: u64) -> Vec<u8> {
    let length = pace(request, 't').unwrap_or(LENGTH);
    let text = text(number, length);
    let usage = format!(r#"{{"prompt_tokens":{},"completion_tokens":{length}}}"#, request.len() / 4);
    if !request.contains(r#""stream":true"#) {
        let message = format!(r#"{{"role":"assistant","content":"{text}"}}"#);
        let choice = format!(r#"{{"index":0,"message":{message},"finish_reason":"stop"}}"#);
        let body = format!(r#"{{"object":"chat.completion","choices":[{choice}],"usage":{usage}}}"#);
        return response("application/json", &body);
    }
    let delta =
        format!(r#"{{"index":0,"delta":{{"role":"assistant","content":"{text}"}},"finish_reason":null}}"#);
    let end = r#"{"index":0,"delta":{},"finish_reason":"stop"}"#;
    let mut body = String::with_capacity(1_024);
    for choice in [delta.as_str(), end] {
        // Writing to a text cannot fail.
        write!(body, "data: {{\"object\":\"chat.completion.chunk\",\"choices\":[{choice}]}}\n\n").ok();
    }
    write!(body, "data: {{\"choices\":[],\"usage\":{usage}}}\n\ndata: [DONE]\n\n").ok();
    response("text/event-stream", &body)
}

fn response(kind: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// Words in an order that depends on the number: no two answers are alike.
fn text(number: u64, length: u64) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut x = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        words.get((x % words.len().max(1) as u64) as usize).copied().unwrap_or_default()
    };
    (0..length).map(|_| next()).collect::<Vec<_>>().join(" ")
}

fn lock(counts: &Shared) -> std::sync::MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_model_says_how_long_it_takes() {
        let request = r#"{"model":"mock-f250-t64","stream":true}"#;
        assert_eq!((pace(request, 'f'), pace(request, 't')), (Some(250), Some(64)));
        assert_eq!(pace(r#"{"model":"mock-t64"}"#, 'f'), None);
    }

    #[test]
    fn answers_differ_and_are_as_long_as_told() {
        assert_ne!(text(1, 64), text(2, 64));
        assert_eq!(text(7, 400).split(' ').count(), 400);
    }

    #[test]
    fn calls_are_counted_by_their_mark() {
        let counts = Shared::default();
        count(&counts, "a [[plot]] b");
        count(&counts, "no mark");
        let counts = lock(&counts);
        assert_eq!((counts.asked, counts.tags["plot"]), (2, 1));
    }
}
