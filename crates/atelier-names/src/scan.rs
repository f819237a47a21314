//! The scan: from the words of a text to the names in it, leftmost first and the longest of those.
//!
//! Owns: borders, capitals, endings, and which entries of a name fit this place. Does not own: which of several fits best.

use crate::book::EntityId;
use crate::book::tree::{Entry, Owner, Place, Tree};
use crate::common::is_followed_as_a_verb;
use crate::words::{Joint, Word, Words, is_katakana};
use crate::{fold, inflection};

/// A name at a place of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// In bytes.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// In scalar values.
    pub(crate) start_scalar: usize,
    pub(crate) end_scalar: usize,
    pub(crate) who: Who,
    pub(crate) describes: bool,
}

/// Whose name it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    One(EntityId),
    /// In the order of their numbers.
    Several(Vec<EntityId>),
}

/// Where a name ends.
struct Hit<'t> {
    /// `None` where it is nobody's name.
    who: Option<(Who, bool)>,
    end: usize,
    end_scalar: usize,
    rest: Words<'t>,
}

/// Adds the names of a text to `found`.
pub(crate) fn scan(tree: &Tree, text: &str, found: &mut Vec<Found>) {
    let mut words = Words::new(text);
    let mut before: Option<Word> = None;
    while let Some(word) = words.next() {
        let last = text.as_bytes().get(word.end - 1).copied().unwrap_or_default();
        let may_begin =
            tree.may_begin(word.hash) || ((last | 0x20) == b's' && base_may_begin(tree, text, &word));
        let hit = if may_begin && !is_rest_of_a_word(text, &word) {
            longest(tree, text, before.as_ref(), word, &words)
        } else {
            None
        };
        before = Some(word);
        let Some(hit) = hit else { continue };
        words = hit.rest;
        // The last word of the name is not needed as a neighbour: what follows it was looked at.
        before = None;
        if let Some((who, describes)) = hit.who {
            found.push(Found {
                start: word.start,
                end: hit.end,
                start_scalar: word.start_scalar(),
                end_scalar: hit.end_scalar,
                who,
                describes,
            });
        }
    }
}

/// Whether a name may begin with what is left of a word without its ending.
fn base_may_begin(tree: &Tree, text: &str, word: &Word) -> bool {
    let written = word.text(text);
    if written.is_ascii() {
        let lengths = [written.len() - 1, written.len().saturating_sub(2)];
        return lengths.iter().any(|n| tree.may_begin(fold::hash_ascii(&written.as_bytes()[..*n])));
    }
    let mut folded = String::new();
    fold::fold(written, &mut folded);
    inflection::bases(&folded).any(|base| tree.may_begin(fold::hash(base)))
}

/// The `s` of `Mara's`, the `ll` of `she'll`.
fn is_rest_of_a_word(text: &str, word: &Word) -> bool {
    word.joint == Joint::Apostrophe
        && matches!(
            word.text(text),
            "s" | "t" | "d" | "m" | "ll" | "re" | "ve" | "S" | "T" | "LL" | "RE" | "VE"
        )
}

/// The longest name that begins with a word.
fn longest<'t>(
    tree: &Tree,
    text: &'t str,
    before: Option<&Word>,
    first: Word,
    after: &Words<'t>,
) -> Option<Hit<'t>> {
    let mut best = None;
    let mut at = Place::ROOT;
    let mut word = first;
    let mut ahead = after.clone();
    let mut capitals = 0u16;
    let mut folded = String::new();
    for nth in 0..u16::BITS {
        capitals |= u16::from(word.is_capitalised(text)) << nth;
        fold::fold(word.text(text), &mut folded);
        let next = ahead.clone().next();
        let around = Around { text, before, first: &first, last: &word, next: next.as_ref(), capitals };
        let exact = tree.child(at, word.joint, word.hash, |known| known == folded);
        let hit = exact
            .and_then(|place| around.fitting(tree, place, false))
            .map(|who| (who, word.text(text).len()));
        let hit = hit.or_else(|| {
            inflection::bases(&folded).find_map(|base| {
                let place = tree.child(at, word.joint, fold::hash(base), |known| known == base)?;
                let n = base.chars().count();
                let stem = word.text(text).char_indices().nth(n).map_or(word.end - word.start, |(i, _)| i);
                // With marks that compose the letters cannot be counted off; the whole word is shown then.
                let is_stem = folded.chars().count() == word.text(text).chars().count();
                around
                    .fitting(tree, place, true)
                    .map(|who| (who, if is_stem { stem } else { word.end - word.start }))
            })
        });
        if let Some((who, length)) = hit {
            let n_scalars = word.text(text)[..length].chars().count();
            best = Some(Hit {
                who,
                end: word.start + length,
                end_scalar: word.start_scalar() + n_scalars,
                rest: ahead.clone(),
            });
        }
        let Some(place) = exact.filter(|place| tree.goes_on(*place)) else { break };
        let Some(next) = ahead.next().filter(|next| next.joint != Joint::Break) else { break };
        (at, word) = (place, next);
    }
    best
}

/// A possible name in its sentence.
struct Around<'a> {
    text: &'a str,
    before: Option<&'a Word>,
    first: &'a Word,
    last: &'a Word,
    next: Option<&'a Word>,
    capitals: u16,
}

impl Around<'_> {
    /// Whose name it is here, and whether it describes; the inner `None` where it is nobody's.
    fn fitting(&self, tree: &Tree, place: Place, inflected: bool) -> Option<Option<(Who, bool)>> {
        let mut fits = tree.entries(place).filter(|entry| self.fits(entry, inflected));
        let first = fits.next()?;
        let Some((one, describes)) = owner(first) else { return Some(None) };
        let mut all = vec![(one, describes)];
        for entry in fits {
            match owner(entry) {
                None => return Some(None),
                Some(owned) => all.push(owned),
            }
        }
        // A name outranks a description.
        let describes = all.iter().all(|(_, describes)| *describes);
        let mut ids: Vec<EntityId> =
            all.into_iter().filter(|(_, d)| *d == describes).map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids.dedup();
        let who = match ids.as_slice() {
            [one] => Who::One(*one),
            _ => Who::Several(ids),
        };
        Some(Some((who, describes)))
    }

    fn fits(&self, entry: &Entry, inflected: bool) -> bool {
        entry.capitals & !self.capitals == 0
            && !self.is_inside_a_foreign_word()
            && !(entry.is_common_word && self.first.begins && (inflected || self.is_followed_as_a_verb()))
            && !(matches!(entry.owner, Owner::Person(_)) && self.is_part_of_another_name())
    }

    fn is_followed_as_a_verb(&self) -> bool {
        self.next
            .is_some_and(|next| next.joint == Joint::Space && is_followed_as_a_verb(next.text(self.text)))
    }

    /// `Lena` in `Anna-Lena`, `Brien` in `O'Brien`.
    fn is_part_of_another_name(&self) -> bool {
        let capital = |word: &Word| word.is_capitalised(self.text);
        let after = self.next.is_some_and(|next| next.joint == Joint::Hyphen && capital(next));
        let before = self.before.is_some_and(|before| match self.first.joint {
            Joint::Hyphen => capital(before),
            Joint::Apostrophe => matches!(before.text(self.text), "O" | "o"),
            _ => false,
        });
        capital(self.first) && (after || before)
    }

    fn is_inside_a_foreign_word(&self) -> bool {
        let before = self.text[..self.first.start].chars().next_back().is_some_and(is_katakana);
        let after = self.text[self.last.end..].chars().next().is_some_and(is_katakana);
        (before && self.text[self.first.start..].chars().next().is_some_and(is_katakana))
            || (after && self.text[..self.last.end].chars().next_back().is_some_and(is_katakana))
    }
}

fn owner(entry: &Entry) -> Option<(EntityId, bool)> {
    match entry.owner {
        Owner::Person(id) | Owner::Entity(id) => Some((id, entry.describes)),
        Owner::Nobody => None,
    }
}

impl Found {
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.who, Who::Several(_))
    }

    /// The same, in a text that has so much before it.
    pub(crate) fn moved(&self, bytes: usize, scalars: usize) -> Self {
        Self {
            start: self.start + bytes,
            end: self.end + bytes,
            start_scalar: self.start_scalar + scalars,
            end_scalar: self.end_scalar + scalars,
            ..self.clone()
        }
    }
}
