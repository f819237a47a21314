//! Ctrl-C, and what asks a process to end: both ask for the same.

use atelier_runtime::Failure;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::codes;

/// Requests to stop, as they come. While one of these exists, they no longer end the process by themselves.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    pub(crate) fn new() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|error| {
                Failure::failed(
                    codes::SIGNALS_UNUSABLE,
                    format!("cannot listen to signals: {error}"),
                    "look at the limits of this user",
                )
            })
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    /// The next request to stop.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
