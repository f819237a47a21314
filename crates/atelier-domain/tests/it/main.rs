//! What the log means, tested from outside: golden fixtures of every event, laws of the fold.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where its assumptions do")]

mod any;
mod fold;
mod forks;
mod golden;
