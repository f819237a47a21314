//! Who is meant where several have the same name.
//!
//! Owns: weighing what stands near a shared name: other names of those who share it, names of those they have to do with,
//! the words before and after. Where nothing speaks clearly for one, all stay. Does not own: finding names.
//!
//! **Invariant**: only names within [`NEAR`] names of a place say who is meant there.

use std::ops::Range;

use crate::book::{Book, EntityId, Sort};
use crate::scan::{Found, Who};
use crate::words::Words;

/// So many names before and after a shared one are looked at.
pub(crate) const NEAR: usize = 48;
/// What a name weighs that stands right beside it; less with the distance.
const BESIDE: u64 = 4_096;
/// What the words around a name weigh.
const CUE: u64 = 1_024;

const BEFORE_A_PLACE: [&str; 18] = [
    "in", "at", "to", "from", "near", "into", "toward", "towards", "outside", "inside", "leaving", "left",
    "reached", "nach", "aus", "bei", "leave", "reach",
];
const BESIDE_A_PERSON: [&str; 40] = [
    "said",
    "says",
    "asked",
    "asks",
    "whispered",
    "shouted",
    "replied",
    "answered",
    "murmured",
    "muttered",
    "cried",
    "nodded",
    "smiled",
    "laughed",
    "frowned",
    "shrugged",
    "sighed",
    "thought",
    "knew",
    "told",
    "wondered",
    "felt",
    "looked",
    "turned",
    "walked",
    "ran",
    "stood",
    "sat",
    "took",
    "gave",
    "mr",
    "mrs",
    "ms",
    "miss",
    "lady",
    "lord",
    "sir",
    "sagte",
    "fragte",
    "dachte",
];

/// How a mention came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By a name.
    Name,
    /// By what somebody is: `the captain`.
    Description,
}

/// A place where a text speaks of somebody or something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The first scalar value of the name.
    pub start: usize,
    /// One after the last.
    pub end: usize,
    /// The same in bytes.
    pub bytes: Range<usize>,
    /// Whose name it is; more than one where nothing tells them apart.
    pub entities: Vec<EntityId>,
    /// How it came to be.
    pub way: Way,
}

/// The names of a text with those who are meant.
pub(crate) fn mentions(book: &Book, text: &str, found: &[Found]) -> Vec<Mention> {
    (0..found.len()).filter_map(|i| mention(book, text, found, i)).collect()
}

/// One of the names of a text; its places are those of `found`.
pub(crate) fn mention(book: &Book, text: &str, found: &[Found], i: usize) -> Option<Mention> {
    let here = found.get(i)?;
    let entities = match &here.who {
        Who::One(one) => vec![*one],
        Who::Several(several) => decided(book, text, found, i, several),
    };
    let way = if here.describes { Way::Description } else { Way::Name };
    let (start, end) = (here.start_scalar, here.end_scalar);
    Some(Mention { start, end, bytes: here.start..here.end, entities, way })
}

/// The one for whom twice as much speaks as for any other, or all of them.
fn decided(book: &Book, text: &str, found: &[Found], i: usize, several: &[EntityId]) -> Vec<EntityId> {
    let mut weights: Vec<(u64, EntityId)> =
        several.iter().map(|id| (weight(book, text, found, i, *id), *id)).collect();
    weights.sort_unstable_by_key(|(weight, id)| (std::cmp::Reverse(*weight), *id));
    match weights.as_slice() {
        [(first, one), (second, _), ..] if *first > 0 && *first >= second.saturating_mul(2) => vec![*one],
        _ => several.to_vec(),
    }
}

fn weight(book: &Book, text: &str, found: &[Found], i: usize, id: EntityId) -> u64 {
    let (Some(entity), Some(here)) = (book.entity(&id), found.get(i)) else { return 0 };
    let mut own = 0;
    let mut near = 0;
    for (j, other) in found.iter().enumerate().take(i + NEAR + 1).skip(i.saturating_sub(NEAR)) {
        let Who::One(who) = &other.who else { continue };
        if j == i {
            continue;
        }
        let distance = if j < i {
            here.start_scalar.saturating_sub(other.end_scalar)
        } else {
            other.start_scalar.saturating_sub(here.end_scalar)
        };
        let weight = BESIDE / (1 + distance as u64 / 80);
        if *who == id {
            own = own.max(weight.max(1) * 4);
        } else if entity.near.contains(who) {
            near = near.max(weight.max(1));
        }
    }
    own + near + cue(text, here, entity.sort)
}

/// What the words before and after a name say of its sort.
fn cue(text: &str, here: &Found, sort: Sort) -> u64 {
    let is_one_of = |word: Option<&str>, list: &[&str]| {
        word.is_some_and(|word| list.iter().any(|one| one.eq_ignore_ascii_case(word)))
    };
    let mut from = here.start.saturating_sub(40);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = text.get(from..here.start).and_then(|text| Some(Words::new(text).last()?.text(text)));
    let after = text.get(here.end..).and_then(|text| Some(Words::new(text).next()?.text(text)));
    let says = match sort {
        Sort::Place => is_one_of(before, &BEFORE_A_PLACE),
        Sort::Person => is_one_of(before, &BESIDE_A_PERSON) || is_one_of(after, &BESIDE_A_PERSON),
        Sort::Thing => false,
    };
    if says { CUE } else { 0 }
}
