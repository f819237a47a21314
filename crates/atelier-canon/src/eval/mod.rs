//! Accuracy on seeded truth: sets that are generated from a seed, and what the checks make of them.
//!
//! Owns: the generators and the brute force they are compared with. Pure: the same seed gives the same set on every machine.

mod asof;
mod dice;
mod figure;
mod knowledge;

pub use asof::{Size, asof};
pub use figure::Figure;
pub use knowledge::knowledge;
