//! The language of a project: ids, events, the state they fold into.
//!
//! Owns: what an event is and what it means for the state. Does not own: why an event happens (`atelier-engine`),
//! where it is kept (`atelier-store`), how it reached us. Nothing here acts: no clock, no randomness, no input or output.
//!
//! **Invariant**: the same log folds to the same state, to the byte.

pub mod canonical;
pub mod event;
pub mod id;
pub mod name;
pub mod state;
pub mod text;
pub mod time;

pub use event::{Actor, ActorKind, Draft, Envelope, Event};
pub use id::*;
pub use state::{FOLD_VERSION, State};
pub use text::{Hash, Text};
pub use time::Timestamp;
