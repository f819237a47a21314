//! A tiny HTTP client that gives every byte as it came.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// The body came to its announced end.
    pub(crate) whole: bool,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("no json ({e}): {}", self.text()))
    }

    /// The data of each server-sent event, `[DONE]` as a string.
    pub(crate) fn events(&self) -> Vec<Value> {
        let text = self.text();
        let data = text.split("\n\n").filter(|e| !e.is_empty()).map(|e| e.strip_prefix("data: ").unwrap());
        data.map(|d| if d == "[DONE]" { Value::from(d) } else { serde_json::from_str(d).unwrap() }).collect()
    }

    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub(crate) fn get(url: &str) -> Answer {
    read(open("GET", url, ""))
}

pub(crate) fn post(url: &str, body: &Value) -> Answer {
    read(open("POST", url, &body.to_string()))
}

/// Sends the request and leaves the answer in the socket.
pub(crate) fn open(method: &str, url: &str, body: &str) -> TcpStream {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let n = body.len();
    write!(socket, "{method} /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {n}\r\n\r\n{body}").unwrap();
    socket
}

/// Reads until the server closes.
pub(crate) fn read(mut socket: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).unwrap();
    let split = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&bytes[..split]).to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let (body, whole) = match head.contains("transfer-encoding: chunked") {
        true => unchunked(&bytes[split + 4..]),
        false => (bytes[split + 4..].to_vec(), true),
    };
    Answer { status, head, body, whole }
}

/// Reads until this text came by, however much follows.
pub(crate) fn read_until(socket: &mut TcpStream, part: &str) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0u8; 512];
    while !String::from_utf8_lossy(&bytes).contains(part) {
        let n = socket.read(&mut buffer).unwrap();
        assert!(n > 0, "closed before {part}: {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&buffer[..n]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn unchunked(mut bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    while let Some(line) = bytes.windows(2).position(|w| w == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            return (out, true);
        }
        bytes = &bytes[line + 2..];
        out.extend_from_slice(&bytes[..size.min(bytes.len())]);
        bytes = bytes.get(size + 2..).unwrap_or_default();
    }
    (out, false)
}
