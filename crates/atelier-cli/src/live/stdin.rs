//! What is typed, or piped in, while the crew works.
//!
//! Owns: the one thread that reads stdin. Does not own: what a line means. A file on stdin is not listened to: nobody
//! is behind it.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;

use atelier_runtime::Failure;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Hears;
use super::keys::Keys;
use super::terminal::{self, Typing};
use crate::codes;
use crate::output;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A whole line.
    Line(String),
    /// More of one.
    Typing,
    /// Nobody types any more.
    End,
}

/// A line longer than this is not typed by a person.
const MAX_LINE: usize = 256 << 10;

#[derive(Debug)]
pub(crate) struct Stdin {
    keys: Keys,
    ready: std::collections::VecDeque<String>,
    bytes: Option<Receiver<Vec<u8>>>,
    /// Where it is a terminal: keys come one by one while this lives.
    typing: Option<Typing>,
    ended: bool,
}

impl Stdin {
    pub(crate) fn listen(hears: Hears) -> Result<Self, Failure> {
        let typed = hears != Hears::Nobody && output::hears_terminal() && terminal::is_in_front();
        let piped = hears == Hears::Stdin && !output::hears_terminal() && is_piped();
        let typing = if typed && output::talks_to_terminal() { Typing::begin() } else { None };
        let bytes = if typed || piped { Some(reader()?) } else { None };
        Ok(Self { keys: Keys::default(), ready: Default::default(), bytes, typing, ended: false })
    }

    /// Whether a person is there to be asked.
    pub(crate) fn is_typed(&self) -> bool {
        self.typing.is_some()
    }

    /// What is typed so far.
    pub(crate) fn line(&self) -> &str {
        self.keys.line()
    }

    /// The next thing heard; never comes where nobody is listened to.
    pub(crate) async fn next(&mut self) -> Heard {
        if let Some(line) = self.ready.pop_front() {
            return Heard::Line(line);
        }
        let Some(bytes) = self.bytes.as_mut().filter(|_| !self.ended) else {
            return std::future::pending().await;
        };
        match bytes.recv().await {
            Some(bytes) => {
                self.ready.extend(self.keys.press(&bytes));
                if self.keys.line().len() > MAX_LINE {
                    self.ready.extend(self.keys.press(b"\n"));
                }
                self.ready.pop_front().map_or(Heard::Typing, Heard::Line)
            }
            None => {
                self.ended = true;
                let rest = self.keys.press(b"\n").pop().unwrap_or_default();
                if rest.trim().is_empty() { Heard::End } else { Heard::Line(rest) }
            }
        }
    }
}

/// A thread that reads until the end. It cannot be stopped while it waits for a key, and ends with the process.
fn reader() -> Result<Receiver<Vec<u8>>, Failure> {
    let (sender, receiver) = channel(16);
    std::thread::Builder::new().name("stdin".to_owned()).spawn(move || read(&sender)).map_err(|error| {
        Failure::failed(
            codes::THREADS_UNUSABLE,
            format!("cannot start a thread: {error}"),
            "look at the limits of this user",
        )
    })?;
    Ok(receiver)
}

fn read(to: &Sender<Vec<u8>>) {
    let mut buffer = [0u8; 4096];
    // An end and an error are the same to whoever listens: nothing more comes.
    while let Ok(n @ 1..) = std::io::stdin().lock().read(&mut buffer) {
        if to.blocking_send(buffer[..n].to_vec()).is_err() {
            return;
        }
    }
}

/// Whether a program is at the other end.
fn is_piped() -> bool {
    let kind = std::io::stdin().as_fd().try_clone_to_owned().and_then(|fd| File::from(fd).metadata());
    kind.is_ok_and(|metadata| metadata.file_type().is_fifo() || metadata.file_type().is_socket())
}
