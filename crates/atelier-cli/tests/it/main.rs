//! The real binary from outside: what a user would check, and what other programs rely on.
//!
//! Rows of the acceptance list are named after their number (`cNN_…`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a broken expectation in here is a failed test, and has to say so at once"
)]

mod agents;
mod bad_input;
mod canon;
mod commands;
mod crash;
mod documents;
mod embedded;
mod feedback;
mod gates;
mod glass_box;
mod http;
mod memory;
mod models;
mod names;
mod outputs;
mod pipes;
mod screen;
mod setup;
mod support;
mod terminals;
mod unwritable;
