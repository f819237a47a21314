//! Cases that were written by hand, before there was a reader: each is one world, a little changed, with a text in it.

use std::collections::BTreeMap;

use super::figure::{Count, Figure};
use super::story::{FactFile, Story};
use crate::check::Violation;

const WORLD: &str = include_str!("../../fixtures/by_hand/world.json");
const CASES: &str = include_str!("../../fixtures/by_hand/cases.txt");
const SECOND: &str = include_str!("../../fixtures/by_hand/second.txt");
const THIRD: &str = include_str!("../../fixtures/by_hand/third.txt");

/// What became of a case.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The kind it is about.
    pub family: String,
    /// Kinds that rightly speak with it.
    pub also: Vec<String>,
    /// Whether a violation was due.
    pub due: bool,
    /// The kinds that reported something.
    pub reported: Vec<String>,
    /// What was reported, with the words.
    pub found: Vec<String>,
    /// The case as it stands in the file.
    pub line: String,
}

impl Outcome {
    /// Checks a story in which at most one thing is wrong.
    pub(super) fn of(family: &str, due: bool, story: &Story, line: String) -> Self {
        let mut checker = story.build();
        checker.check();
        let found = checker.violations(None);
        let words = |found: &Violation| {
            format!("{}: {}", found.kind, found.spans.first().map_or("", |span| &span.text))
        };
        let mut reported: Vec<String> = found.iter().map(|found| found.kind.to_owned()).collect();
        reported.sort();
        reported.dedup();
        Self {
            family: family.to_owned(),
            also: Vec::new(),
            due,
            reported,
            found: found.iter().map(words).collect(),
            line,
        }
    }

    /// Whether its own kind spoke where it should, and no kind spoke where it should not.
    pub fn is_right(&self) -> bool {
        let own = self.reported.contains(&self.family);
        self.due == own && self.reported.iter().all(|kind| self.expects(kind))
    }

    fn expects(&self, kind: &str) -> bool {
        *kind == self.family || self.also.iter().any(|also| also == kind)
    }
}

/// Every case written before the reader, checked.
pub fn by_hand() -> Vec<Outcome> {
    cases(WORLD, CASES)
}

/// Every case of the second set, which was written after it.
pub fn by_hand_again() -> Vec<Outcome> {
    cases(WORLD, SECOND)
}

/// Every case of the third set, for which nothing was mended: what a reader of these sets has not seen.
pub fn by_hand_unseen() -> Vec<Outcome> {
    cases(WORLD, THIRD)
}

fn cases(world: &str, cases: &str) -> Vec<Outcome> {
    let Ok(world) = serde_json::from_str::<Story>(world) else { return Vec::new() };
    cases
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| run(&world, line))
        .collect()
}

fn run(world: &Story, line: &str) -> Outcome {
    let parts: Vec<&str> = line.splitn(4, '|').map(str::trim).collect();
    let part = |at: usize| parts.get(at).copied().unwrap_or_default();
    let mut story = world.clone();
    change(&mut story, part(2));
    place(&mut story, part(3));
    let mut families = part(0).split('+').map(str::to_owned);
    let family = families.next().unwrap_or_default();
    Outcome { also: families.collect(), ..Outcome::of(&family, part(1) == "hit", &story, line.to_owned()) }
}

/// `s6.location=Saltmarsh`, `fact=Mara Venn.hair=white@s5`, `nofact=paid`
fn change(story: &mut Story, changes: &str) {
    for change in changes.split(';').map(str::trim) {
        let Some((what, value)) = change.split_once('=') else { continue };
        let (scene, field) = what.split_once('.').unwrap_or((what, ""));
        match (what, field) {
            ("nofact", _) => story.facts.retain(|fact| fact.name != value),
            ("fact", _) => {
                let (left, from) = value.split_once('@').unwrap_or((value, ""));
                let (subject, value) = left.split_once('=').unwrap_or((left, ""));
                let (bucket, field) = subject.split_once('.').unwrap_or((subject, ""));
                let fact = FactFile {
                    bucket: bucket.to_owned(),
                    field: field.to_owned(),
                    value: value.to_owned(),
                    from: from.to_owned(),
                    ..FactFile::default()
                };
                story.facts.push(fact);
            }
            (_, "present") => {
                story
                    .present
                    .entry(scene.to_owned())
                    .or_default()
                    .extend(value.split(',').map(|name| name.trim().to_owned()));
            }
            _ => {
                for scene in story.scenes.iter_mut().filter(|file| file.title == scene) {
                    let slot = match field {
                        "when" => &mut scene.when,
                        "location" => &mut scene.location,
                        "mode" => &mut scene.mode,
                        _ => &mut scene.pov,
                    };
                    value.clone_into(slot);
                }
            }
        }
    }
}

/// The text goes into scene s5, or into the scenes that `@s2` names.
fn place(story: &mut Story, text: &str) {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    match text.strip_prefix('@') {
        None => drop(texts.insert("s5".to_owned(), text.to_owned())),
        Some(rest) => {
            for piece in rest.split(" @") {
                let (scene, text) = piece.split_once(' ').unwrap_or((piece, ""));
                texts.insert(scene.to_owned(), text.to_owned());
            }
        }
    }
    for scene in &mut story.scenes {
        if let Some(text) = texts.get(&scene.title) {
            scene.body.clone_from(text);
        }
    }
}

/// Precision, recall and F1 per family, then over all. An alarm counts against the kind that raised it.
pub fn tally(outcomes: &[Outcome]) -> Vec<Figure> {
    let mut families: BTreeMap<&str, Count> = BTreeMap::new();
    for outcome in outcomes {
        let own = families.entry(&outcome.family).or_default();
        own.n += 1;
        let reported = outcome.reported.contains(&outcome.family);
        own.hits += u64::from(outcome.due && reported);
        own.misses += u64::from(outcome.due && !reported);
        own.alarms += u64::from(!outcome.due && reported);
        for other in outcome.reported.iter().filter(|kind| !outcome.expects(kind)) {
            families.entry(other).or_default().alarms += 1;
        }
    }
    let mut figures: Vec<Figure> = families.iter().map(|(family, count)| count.figure(family)).collect();
    let all = families.values().fold(Count::default(), |sum, count| Count {
        hits: sum.hits + count.hits,
        alarms: sum.alarms + count.alarms,
        misses: sum.misses + count.misses,
        n: sum.n + count.n,
    });
    figures.push(all.figure("all"));
    let silent: Vec<&Outcome> = outcomes.iter().filter(|outcome| !outcome.due).collect();
    let loud = silent.iter().filter(|outcome| !outcome.reported.is_empty()).count() as u64;
    let quiet = Count { hits: silent.len() as u64 - loud, alarms: loud, misses: 0, n: silent.len() as u64 };
    figures.push(quiet.figure("decoys-silent"));
    figures
}
