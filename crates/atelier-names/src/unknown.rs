//! Names that nobody has yet: capitalised words that keep coming back.
//!
//! Owns: telling a name from a word that only begins a sentence, and from the nouns of a language that writes them all
//! with capitals. Does not own: what was refused before; the caller leaves that out.

use std::collections::BTreeMap;

use crate::book::Book;
use crate::common::is_common;
use crate::fold;
use crate::words::{Joint, Word, Words};

/// A name that nobody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// As it is written the first time.
    pub text: String,
    /// How often it is there.
    pub n: usize,
    /// Where it is first, in scalar values.
    pub first: (usize, usize),
}

/// More capitals than this among a hundred words inside sentences: a language that writes its nouns so.
const NOUNS_HAVE_CAPITALS: usize = 16;
const DETERMINERS: [&str; 40] = [
    "der", "die", "das", "dem", "den", "des", "ein", "eine", "einen", "einem", "einer", "eines", "mein",
    "meine", "meinen", "meiner", "dein", "deine", "sein", "seine", "seinen", "seiner", "ihr", "ihre",
    "ihren", "ihrer", "unser", "unsere", "kein", "keine", "keinen", "dieser", "diese", "dieses", "jeder",
    "jede", "im", "am", "zum", "zur",
];
/// Titles that stand before a name and are none.
const TITLES: [&str; 12] =
    ["mr", "mrs", "ms", "dr", "miss", "sir", "lady", "lord", "herr", "frau", "prof", "madame"];
/// Words of one name at most.
const LONGEST: usize = 4;

#[derive(Debug)]
struct Seen {
    text: String,
    n: usize,
    first: (usize, usize),
    /// Whether it stands somewhere inside a sentence, as a name would.
    inside: bool,
    is_noun: bool,
}

pub(crate) fn unknown(book: &Book, text: &str, at_least: usize) -> Vec<Unknown> {
    let words: Vec<Word> = Words::new(text).collect();
    let known = book.scan(text);
    let mut taken = known.iter().map(|mention| mention.bytes.clone()).peekable();
    let nouns_have_capitals = has_capital_nouns(text, &words);
    let mut folded = String::new();
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    let mut i = 0;
    while let Some(first) = words.get(i) {
        while taken.peek().is_some_and(|range| range.end <= first.start) {
            taken.next();
        }
        let is_taken = taken.peek().is_some_and(|range| range.start < first.end);
        if is_taken || !is_candidate(text, first, &mut folded) {
            i += 1;
            continue;
        }
        let until = taken.peek().map_or(text.len(), |range| range.start);
        let mut n = 1;
        while n < LONGEST
            && let Some(next) = words.get(i + n)
            && next.end <= until
            && matches!(next.joint, Joint::Space | Joint::Hyphen)
            && next.is_capitalised(text)
            && !text[..next.start].ends_with('\n')
        {
            n += 1;
        }
        let last = words.get(i + n - 1).unwrap_or(first);
        let before = i.checked_sub(1).and_then(|i| words.get(i)).map_or("", |word| word.text(text));
        let determined = DETERMINERS.iter().any(|word| word.eq_ignore_ascii_case(before));
        let name = &text[first.start..last.end];
        let one = seen.entry(crate::key(name)).or_insert_with(|| Seen {
            text: name.to_owned(),
            n: 0,
            first: (first.start_scalar(), last.end_scalar()),
            inside: false,
            is_noun: false,
        });
        one.n += 1;
        one.inside |= !first.begins;
        // A noun that takes an article is no name, wherever else it stands.
        one.is_noun |= nouns_have_capitals && determined;
        i += n;
    }
    fold_possessives(&mut seen);
    let mut found: Vec<Unknown> = seen
        .into_values()
        .filter(|one| one.inside && !one.is_noun && one.n >= at_least.max(1))
        .map(|one| Unknown { text: one.text, n: one.n, first: one.first })
        .collect();
    found.sort_by(|a, b| b.n.cmp(&a.n).then(a.first.cmp(&b.first)));
    found
}

/// `Ilses Boot` counts for `Ilse`, where that is there too.
fn fold_possessives(seen: &mut BTreeMap<String, Seen>) {
    let forms: Vec<(String, String)> = seen
        .keys()
        .filter_map(|form| {
            let base = crate::inflection::bases(form).find(|base| seen.contains_key(*base))?;
            Some((form.clone(), base.to_owned()))
        })
        .collect();
    for (form, base) in forms {
        if let Some(gone) = seen.remove(&form)
            && let Some(one) = seen.get_mut(&base)
        {
            one.n += gone.n;
            one.inside |= gone.inside;
        }
    }
}

fn is_candidate(text: &str, word: &Word, folded: &mut String) -> bool {
    if !word.is_capitalised(text) || word.joint == Joint::Apostrophe {
        return false;
    }
    let written = word.text(text);
    fold::fold(written, folded);
    let shouted = written.chars().count() > 1 && written.chars().all(char::is_uppercase);
    written.chars().nth(1).is_some() && !shouted && !is_common(folded) && !TITLES.contains(&folded.as_str())
}

fn has_capital_nouns(text: &str, words: &[Word]) -> bool {
    let (mut inside, mut capitals) = (0, 0);
    for word in words.iter().filter(|word| !word.begins && word.end - word.start > 1).take(2_000) {
        inside += 1;
        capitals += usize::from(word.is_capitalised(text));
    }
    inside >= 20 && capitals * 100 > inside * NOUNS_HAVE_CAPITALS
}
