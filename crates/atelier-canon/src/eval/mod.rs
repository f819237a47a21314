//! Accuracy on seeded truth: sets that are generated from a seed, and what the checks make of them.
//!
//! Owns: the generators and the brute force they are compared with. Pure: the same seed gives the same set on every machine.

mod asof;
mod by_hand;
mod dice;
mod figure;
mod knowledge;
mod manuscript;
mod spot;
mod story;

pub use asof::{Size, asof};
pub use by_hand::{Outcome, by_hand, by_hand_again, by_hand_unseen, tally};
pub use figure::Figure;
pub use knowledge::knowledge;
pub use manuscript::manuscripts;

/// Contradictions and decoys in generated manuscripts: figures per family, over all, and for the decoys.
pub fn canon(seed: u64, rounds: usize) -> Vec<Figure> {
    tally(&manuscripts(seed, rounds))
}
