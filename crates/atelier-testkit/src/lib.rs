//! Dev-only: what a test of Atelier needs from outside of it.
//!
//! Owns: a scripted model server that speaks real protocols and counts what it is asked (`ModelServer`), a driver of
//! the real binary (`Atelier`), ending it at a chosen call of the system (`Borders`), comparing states of two runs (`normalise`), waiting with a deadline (`eventually`).
//! Does not own: any code of the product. It depends on no other crate of the workspace, so that no test can share a
//! mistake with what it tests.
//! Invariants: everything listens on loopback and on a port the system chose; the same request gets the same answer
//! in any order of arrival; nothing here sleeps to be safe, it waits for something and gives up at a deadline.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken expectation in here is a failed test, and has to say so at once"
)]

pub use borders::{Border, Borders, End};
pub use dead_port::DeadPort;
pub use from_schema::instance_of;
pub use model_server::{Call, Fault, HoldHandle, Matcher, ModelServer, Reply, Script, Seen};
pub use mutate::{corpus_and_mutations, mutations};
pub use normalise::{Normaliser, normalise};
pub use process::{Atelier, Child, Output, Picture, Terminal};
pub use wait::eventually;

mod borders;
mod dead_port;
mod from_schema;
mod model_server;
mod mutate;
mod normalise;
mod process;
mod wait;
mod words;
