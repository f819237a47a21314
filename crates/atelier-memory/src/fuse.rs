//! One list out of two rankings whose scores cannot be compared: by their places.

use std::collections::{HashMap, HashSet};

use crate::words::sameness;
use crate::{Row, Scored};

/// How much sooner the first places matter than the later ones.
const EASE: f32 = 60.0;
/// A place that a row has in both rankings.
const BEST: f32 = 2.0 / (EASE + 1.0);

/// A row of the fused list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The row.
    pub row: Row,
    /// 1 for the first place in both rankings, less for the rest.
    pub score: f32,
    /// Whether its meaning is among the nearest.
    pub by_meaning: bool,
    /// Whether it has words of the question.
    pub by_words: bool,
}

/// The `n` best of two rankings, each once. Of passages that say the same in the same words only the best is told.
pub fn fuse<'t>(
    meaning: &[Scored],
    words: &[Scored],
    n: usize,
    text: impl Fn(Row) -> Option<&'t str>,
) -> Vec<Hit> {
    let mut hits: HashMap<Row, Hit> = HashMap::new();
    for (ranking, is_meaning) in [(meaning, true), (words, false)] {
        for (place, scored) in ranking.iter().enumerate() {
            let hit = hits.entry(scored.row).or_insert(Hit {
                row: scored.row,
                score: 0.0,
                by_meaning: false,
                by_words: false,
            });
            hit.score += 1.0 / (EASE + 1.0 + place as f32) / BEST;
            hit.by_meaning |= is_meaning;
            hit.by_words |= !is_meaning;
        }
    }
    let mut hits: Vec<Hit> = hits.into_values().collect();
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
    let mut said = HashSet::new();
    hits.retain(|hit| text(hit.row).is_some_and(|text| said.insert(sameness(text))));
    hits.truncate(n);
    hits
}
