//! The gateway against servers that speak the real protocols and fail in the real ways.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this is tests, and their small helpers stand beside them"
)]

mod ask;
mod calls;
mod embedded;
mod faults;
mod limits;
mod ollama;
mod raw;
mod schema;
mod scripted;
mod speed;
