//! Words that are words before they are names. A name made of such words alone is looked for as it is written: `Hope`
//! is a person, `hope` is not.
//!
//! The list is the words that two English classics use in lower case at least twice, and by hand those that people are
//! called by today.

use std::sync::LazyLock;

use hashbrown::HashSet;

static WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../data/common_words.txt").lines().collect());

/// Words after which a capitalised word at the beginning of a sentence was no name: `Will you come?`, `May I?`
const AFTER_A_VERB: [&str; 26] = [
    "you", "he", "she", "it", "they", "we", "i", "the", "a", "an", "that", "this", "these", "those", "there",
    "not", "me", "him", "them", "us", "my", "your", "for", "nobody", "someone", "anyone",
];

/// Whether a word, in lower case, is one of the language before it is anybody's name.
pub fn is_common(word: &str) -> bool {
    WORDS.contains(word)
}

/// Whether a common word at the beginning of a sentence is no name, going by the word after it.
pub(crate) fn is_followed_as_a_verb(next: &str) -> bool {
    AFTER_A_VERB.iter().any(|word| word.eq_ignore_ascii_case(next))
}
