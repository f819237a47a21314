//! The pure machines: what happens next in a project, decided from its state and nothing else.
//!
//! Owns: runs, gates, feedback, retries, saves, context assembly. Does not own: doing any of it. No clock, no
//! randomness, no input or output: `(state, command, now, ids) -> events`, and the effects are what the events ask for
//! (`attempt.requested` without a result).
//!
//! **Invariant**: `decide` is total and deterministic; a refusal is a value.

mod answer;
pub mod codes;
pub mod command;
pub mod compiled;
pub mod context;
mod decide;
pub mod definition;
pub mod kinds;
mod machine;
mod plan;
mod saves;
mod scope;
mod tools;
mod work;

pub use command::{Command, Decision, Rejection};
pub use compiled::{Compiled, Library};
pub use decide::decide;
pub use plan::{CallSpec, call_of, locate, merged};
pub use tools::TOOLS;
