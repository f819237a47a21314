//! What a reader asks a log for.

use atelier_domain::{BranchId, RunId};

/// Which events to read; everything absent does not restrict.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<'a> {
    /// Only events after this number.
    pub after: u64,
    /// Only events up to this number.
    pub upto: Option<u64>,
    /// At most so many.
    pub limit: Option<usize>,
    /// Only the line of this branch: its parents' events up to the forks, then its own.
    pub line: Option<BranchId>,
    /// Only events of this very branch.
    pub branch: Option<BranchId>,
    /// Only events of this run.
    pub correlation: Option<RunId>,
    /// Only events of these kinds; all when empty.
    pub kinds: &'a [&'a str],
    /// The newest first, which also decides what a limit keeps.
    pub newest_first: bool,
}

/// Whether a replay checks what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    /// Trust the disk.
    No,
    /// Check the chain of checksums and that no number is missing.
    Chain,
}
