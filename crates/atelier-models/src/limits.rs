//! The four time limits of a call, and watching them while something is awaited.
//!
//! Invariants: what is awaited is dropped at once when the call is cancelled or out of time, and with it its
//! connection. A token is text or reasoning; what a server says besides (comments, empty pieces) buys it no time.

use crate::error::CallErrorKind;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub connect_ms: u64,
    pub first_token_ms: u64,
    pub between_tokens_ms: u64,
    pub whole_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect_ms: 5_000, first_token_ms: 300_000, between_tokens_ms: 60_000, whole_ms: 900_000 }
    }
}

pub(crate) struct Watch<'a> {
    limits: &'a Limits,
    cancel: &'a CancellationToken,
    started: Instant,
    first_token: Option<Instant>,
    last_token: Instant,
}

impl<'a> Watch<'a> {
    pub(crate) fn start(limits: &'a Limits, cancel: &'a CancellationToken) -> Self {
        let started = Instant::now();
        Self { limits, cancel, started, first_token: None, last_token: started }
    }

    /// Awaits within the limits; the error is one of the timeouts or `Cancelled`.
    pub(crate) async fn over<T>(&self, work: impl Future<Output = T>) -> Result<T, CallErrorKind> {
        let (deadline, kind) = self.next_deadline();
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(CallErrorKind::Cancelled),
            done = tokio::time::timeout_at(deadline, work) => done.map_err(|_| kind),
        }
    }

    pub(crate) fn token(&mut self) {
        self.last_token = Instant::now();
        self.first_token.get_or_insert(self.last_token);
    }

    pub(crate) fn first_token_ms(&self) -> Option<u64> {
        self.first_token.map(|at| millis(at - self.started))
    }

    pub(crate) fn total_ms(&self) -> u64 {
        millis(self.started.elapsed())
    }

    /// How long the limit is that a timeout of this kind broke, for its message.
    pub(crate) fn limit_ms(&self, kind: CallErrorKind) -> u64 {
        match kind {
            CallErrorKind::FirstTokenTimeout => self.limits.first_token_ms,
            CallErrorKind::StallTimeout => self.limits.between_tokens_ms,
            CallErrorKind::ConnectTimeout => self.limits.connect_ms,
            _ => self.limits.whole_ms,
        }
    }

    fn next_deadline(&self) -> (Instant, CallErrorKind) {
        let whole = self.started + Duration::from_millis(self.limits.whole_ms);
        let (stage, kind) = match self.first_token {
            None => (
                self.started + Duration::from_millis(self.limits.first_token_ms),
                CallErrorKind::FirstTokenTimeout,
            ),
            Some(_) => (
                self.last_token + Duration::from_millis(self.limits.between_tokens_ms),
                CallErrorKind::StallTimeout,
            ),
        };
        if whole <= stage { (whole, CallErrorKind::WholeTimeout) } else { (stage, kind) }
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
