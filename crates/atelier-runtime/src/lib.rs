//! The shell around the pure machines: it owns data folders, runs projects, calls models, writes files.
//!
//! Owns: one actor per open project, effect workers, cancellation, recovery, mirrors, configuration, the application's
//! requests. Does not own: what is decided (`atelier-engine`), how requests reach it (`atelier-server`, `atelier-cli`).
//!
//! **Invariant**: nothing changes a project except through its actor, and nothing is announced before it is durable.

mod actor;
pub mod api;
mod asking;
pub mod clock;
pub mod codes;
pub mod config;
mod crews;
mod doctor;
mod effects;
pub mod failure;
pub mod follow;
mod hub;
mod keys;
mod library;
mod load;
mod memory;
mod mirror;
mod names;
mod project;
mod projects;
mod prompt;
mod routes;
mod studio;
pub mod tasks;
mod verify;
mod view;

pub use api::{GateDecision, LogRequest, Request, RunRequest};
pub use config::Config;
pub use failure::{Exit, Failure};
pub use follow::{Notice, Update};
pub use hub::{Change, Happening, InFlight};
pub use studio::{Open, Place, Recovery, Studio};
