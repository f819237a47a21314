//! The truth of a story: what holds where, who knows it, and which sentence breaks it.
//!
//! Owns: story positions, facts as of a place, calendars, derived knowledge, the reader of sentences, the kinds of rules and their
//! incremental check; how accurate all of it is. Does not own: the
//! log these come from (`atelier-domain`), finding names in a text, anything a model says. Pure and in memory; the runtime
//! feeds it with what a branch holds and asks it.
//!
//! **Invariant**: every answer from an index is what going through everything would have given.

pub mod calendar;
pub mod check;
pub mod eval;
pub mod facts;
pub mod history;
pub mod kinds;
pub mod knowledge;
pub mod numbers;
pub mod position;
pub mod reading;
pub mod world;
