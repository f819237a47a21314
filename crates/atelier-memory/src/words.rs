//! Full text: which passages have the words of a question, the rare words weighing most (BM25).
//!
//! Owns: what a word is here, postings, weights. A word is compared composed, in lower case and without a plural `s`;
//! characters of scripts without spaces are words of their own. What a question says with words such as "the" and "and"
//! is not looked for, unless it says nothing else.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use crate::top::Top;
use crate::{Row, Scored};

/// How soon more of the same word stops to matter, and how much the length of a passage does.
const SATURATION: f32 = 1.2;
const LENGTH: f32 = 0.75;

/// Words that only hold others together, one a line, as [`words`] gives them; `#` begins a remark.
const FUNCTION_WORDS: &str = include_str!("function_words.txt");

/// A full-text index.
#[derive(Debug, Clone, Default)]
pub struct Words {
    postings: HashMap<Box<str>, Vec<Posting>>,
    /// The words of each passage, by row; 0 where there is none.
    lengths: Vec<u32>,
    n_passages: usize,
    n_words: u64,
}

#[derive(Debug, Clone, Copy)]
struct Posting {
    row: Row,
    n: u32,
}

impl Words {
    /// How many passages there are.
    pub fn len(&self) -> usize {
        self.n_passages
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.n_passages == 0
    }

    /// Puts a passage in; a row that is there already stays.
    pub fn insert(&mut self, row: Row, text: &str) {
        if self.lengths.len() <= row as usize {
            self.lengths.resize(row as usize + 1, 0);
        }
        if self.lengths.get(row as usize).is_some_and(|length| *length > 0) {
            return;
        }
        let mut counted: HashMap<String, u32> = HashMap::new();
        let mut length = 0u32;
        words(text, |word| {
            length += 1;
            *counted.entry(word.to_owned()).or_default() += 1;
        });
        if length == 0 {
            return;
        }
        for (word, n) in counted {
            self.postings.entry(word.into_boxed_str()).or_default().push(Posting { row, n });
        }
        if let Some(slot) = self.lengths.get_mut(row as usize) {
            *slot = length;
        }
        self.n_passages += 1;
        self.n_words += u64::from(length);
    }

    /// The `n` rows that say most of a question, of those that count; only such that have one of its words.
    pub fn find(&self, question: &str, n: usize, counts: impl Fn(Row) -> bool) -> Vec<Scored> {
        let mut asked: Vec<String> = Vec::new();
        words(question, |word| asked.push(word.to_owned()));
        asked.sort_unstable();
        asked.dedup();
        if asked.iter().any(|word| !is_function_word(word)) {
            asked.retain(|word| !is_function_word(word));
        }
        let mean = self.n_words as f32 / self.n_passages.max(1) as f32;
        let mut scores: HashMap<Row, f32> = HashMap::new();
        for word in &asked {
            let Some(postings) = self.postings.get(word.as_str()) else { continue };
            let (all, having) = (self.n_passages as f32, postings.len() as f32);
            let weight = (1.0 + (all - having + 0.5) / (having + 0.5)).ln();
            for posting in postings {
                let length = self.lengths.get(posting.row as usize).copied().unwrap_or(1) as f32;
                let n = posting.n as f32;
                let share =
                    n * (SATURATION + 1.0) / (n + SATURATION * (1.0 - LENGTH + LENGTH * length / mean));
                *scores.entry(posting.row).or_default() += weight * share;
            }
        }
        let mut top = Top::new(n);
        for (row, score) in scores {
            if counts(row) {
                top.show(row, score);
            }
        }
        top.sorted()
    }
}

/// What two passages that say the same have in common, whatever their marks, capitals and spaces.
pub(crate) fn sameness(text: &str) -> String {
    let mut same = String::new();
    words(text, |word| {
        same.push_str(word);
        same.push(' ');
    });
    same
}

fn words(text: &str, mut found: impl FnMut(&str)) {
    let mut word = String::new();
    for c in text.nfc().flat_map(char::to_lowercase) {
        if is_alone(c) {
            give(&mut word, &mut found);
            word.push(c);
            give(&mut word, &mut found);
        } else if c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c) {
            word.push(c);
        } else {
            give(&mut word, &mut found);
        }
    }
    give(&mut word, &mut found);
}

fn give(word: &mut String, found: &mut impl FnMut(&str)) {
    if word.is_empty() {
        return;
    }
    let stem = word
        .strip_suffix('s')
        .filter(|stem| stem.chars().nth(2).is_some() && !stem.ends_with(['s', 'u', 'i']));
    found(stem.unwrap_or(word));
    word.clear();
}

fn is_function_word(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let lines = FUNCTION_WORDS.lines().map(str::trim);
        lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
    });
    WORDS.contains(word)
}

fn is_alone(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3fffd}')
}
