//! The testkit tested: over raw sockets, with its own tiny client, so that no library smooths a fault away.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this is tests, and their small helpers stand beside them"
)]

mod chat;
mod faults;
mod http;
mod normalise;
mod process;
mod schema;
mod server;
