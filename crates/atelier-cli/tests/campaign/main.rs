//! Killed again and again: nothing may be lost, and nothing finished paid for twice.
//!
//! `ATELIER_KILLS` says how many kills (forty-eight where it is not set); `cargo xtask campaign` makes a thousand over twenty
//! projects. The binary is the one that is shipped: it is ended from outside, by a signal at a moment that a scripted
//! model server chooses, or at a call of the system that a library loaded before its own stands at.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a broken expectation in here is a failed test, and has to say so at once"
)]

mod commands;
mod disk;
mod instants;
mod runs;
mod torn;
mod world;
