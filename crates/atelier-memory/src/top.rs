//! The best few of many.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::{Row, Scored};

/// Keeps the `n` best of what it is shown; of equals the smaller row.
pub(crate) struct Top {
    n: usize,
    /// The worst of them on top.
    kept: BinaryHeap<Kept>,
}

#[derive(PartialEq)]
struct Kept(Scored);

impl Eq for Kept {}

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.score.total_cmp(&self.0.score).then(self.0.row.cmp(&other.0.row))
    }
}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Top {
    pub(crate) fn new(n: usize) -> Self {
        Self { n, kept: BinaryHeap::new() }
    }

    /// Whether something with this score would be kept.
    #[inline]
    pub(crate) fn wants(&self, score: f32) -> bool {
        self.kept.len() < self.n || self.kept.peek().is_some_and(|worst| score > worst.0.score)
    }

    pub(crate) fn show(&mut self, row: Row, score: f32) {
        let kept = Kept(Scored { row, score });
        if self.kept.len() < self.n {
            self.kept.push(kept);
        } else if let Some(mut worst) = self.kept.peek_mut()
            && kept < *worst
        {
            *worst = kept;
        }
    }

    /// The best first.
    pub(crate) fn sorted(self) -> Vec<Scored> {
        self.kept.into_sorted_vec().into_iter().map(|kept| kept.0).collect()
    }
}
