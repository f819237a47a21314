//! The cases written by hand, and what an edit makes the checker ask again.

use atelier_canon::eval::{by_hand, tally};

#[test]
fn cases_written_by_hand_are_decided_as_they_were_meant() {
    let outcomes = by_hand();
    assert!(outcomes.len() >= 150, "{}", outcomes.len());
    let wrong: Vec<String> = outcomes
        .iter()
        .filter(|outcome| !outcome.is_right())
        .map(|outcome| format!("{:?}: {}", outcome.reported, outcome.line))
        .collect();
    let figures = tally(&outcomes);
    let all = figures.iter().find(|figure| figure.family == "all").unwrap();
    assert!(all.precision >= 0.95 && all.recall >= 0.90, "{all:?}\n{}", wrong.join("\n"));
    let decoys = figures.iter().find(|figure| figure.family == "decoys-silent").unwrap();
    assert!(decoys.precision >= 0.95, "{decoys:?}\n{}", wrong.join("\n"));
}
