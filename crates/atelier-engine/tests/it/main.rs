//! The engine from outside: given a project, when a command comes, then these events.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where its assumptions do")]

mod attempts;
mod crew;
mod feedback;
mod flows;
mod gates;
mod harness;
mod laws;
mod nested;
mod refusals;
mod rewinds;
mod saves;
mod steering;
mod view;
