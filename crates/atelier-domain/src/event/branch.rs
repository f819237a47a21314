//! Branches: alternate timelines, kept by reference.

use super::aggregate::{aggregate, body};
use crate::BranchId;

aggregate! {
    /// What happens to the branches of a project.
    BranchEvent {
        /// A branch was forked from another.
        Forked(BranchForked) = "branch.forked",
    }
}

body! {
    /// A branch is a name, a parent and a fork point: its line is the parent's events up to there, then its own.
    BranchForked {
        /// The new branch.
        branch: BranchId,
        /// Its name, unique in the project.
        name: String,
        /// The branch it was forked from.
        parent: BranchId,
        /// The last sequence number of the parent's line that it shares.
        at_seq: u64,
    }
}
