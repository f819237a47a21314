//! The only place that writes to the terminal: data on stdout, talk on stderr.

use std::io::{self, IsTerminal, Write};

use atelier_runtime::{Exit, Failure};
use serde_json::Value;

use crate::codes;

/// How answers are given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// One JSON value instead of text.
    pub(crate) json: bool,
    /// Whether colours are unwanted.
    pub(crate) plain: bool,
}

impl Output {
    /// The answer of a command: the value, or what `human` makes of it.
    pub(crate) fn answer(&self, value: &Value, human: impl FnOnce(&Value) -> String) -> Result<(), Failure> {
        if self.json {
            return data(&format!("{value}\n"));
        }
        let mut text = human(value);
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        data(&text)
    }
}

/// Data, as it is.
pub(crate) fn data(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Ok, codes::OUTPUT_CLOSED, "", ""))
        }
        Err(error) => Err(Failure::failed(
            codes::OUTPUT_UNWRITABLE,
            format!("cannot write to the standard output: {error}"),
            "look at where the output goes",
        )),
    }
}

/// A line of talk. Where nobody listens, nobody needs to be told that.
pub(crate) fn talk(text: &str) {
    talk_raw(&format!("{text}\n"));
}

/// Talk without an end of line.
pub(crate) fn talk_raw(text: &str) {
    let mut out = io::stderr().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Whether talk is read by a person at a terminal.
pub(crate) fn talks_to_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Whether a person types.
pub(crate) fn hears_terminal() -> bool {
    io::stdin().is_terminal()
}
