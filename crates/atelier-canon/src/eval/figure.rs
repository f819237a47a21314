//! What an evaluation measures.

use serde::Serialize;

/// How well one family was done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// What was measured.
    pub family: String,
    /// Of what was reported, how much was right.
    pub precision: f64,
    /// Of what there was, how much was reported.
    pub recall: f64,
    /// Both in one.
    pub f1: f64,
    /// How many cases.
    pub n: u64,
}

/// Counts that become a figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// Reported, and rightly.
    pub(super) hits: u64,
    /// Reported, and wrongly.
    pub(super) alarms: u64,
    /// Not reported, and wrongly.
    pub(super) misses: u64,
    /// Cases, those that must stay silent included.
    pub(super) n: u64,
}

impl Count {
    /// The figure; where nothing was reported, nothing was wrong.
    pub(super) fn figure(&self, family: &str) -> Figure {
        let share =
            |part: u64, rest: u64| if part + rest == 0 { 1.0 } else { part as f64 / (part + rest) as f64 };
        let precision = share(self.hits, self.alarms);
        let recall = share(self.hits, self.misses);
        let f1 =
            if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) };
        Figure { family: family.to_owned(), precision, recall, f1, n: self.n }
    }
}
