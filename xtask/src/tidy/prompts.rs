//! Text for models stands in files under `crews/`, never in Rust.

use super::finding::Finding;
use super::rust_text::{self, Kind};
use super::tree::{Tree, is_test};

/// From this length on, one of `PROMPT_WORDS` is enough.
const LONG: usize = 400;
const PROMPT_WORDS: [&str; 4] = ["You are", "Your task", "Respond", "Write"];

/// From this length on, an instruction to somebody is.
const MIDDLE: usize = 200;
const INSTRUCTIONS: [&str; 11] = [
    "you are ",
    "your task",
    "you must ",
    "your answer",
    "respond with",
    "reply with",
    "answer with",
    "answer only",
    "return only",
    "write a ",
    "in json",
];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.ending(".rs").filter(|(path, _)| !is_test(path)) {
        let pieces = rust_text::pieces(rust_text::without_tests(text));
        let prompts = pieces.iter().filter(|piece| piece.kind == Kind::Literal && is_prompt(piece.text));
        let mend = "move it into a file of the crew and render it from there";
        found.extend(prompts.map(|piece| Finding::new(path, piece.line, "text for a model in Rust", mend)));
    }
    found
}

fn is_prompt(text: &str) -> bool {
    let length = text.chars().count();
    let lower = text.to_lowercase();
    (length >= LONG && PROMPT_WORDS.iter().any(|word| has_word(text, word)))
        || (length >= MIDDLE && INSTRUCTIONS.iter().any(|words| lower.contains(words)))
}

fn has_word(text: &str, word: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(letter) && !text[at + word.len()..].starts_with(letter))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    fn n_found(path: &str, literal: &str) -> usize {
        check(&Tree::default().with(path, &format!("const A: &str = r#\"{literal}\"#;"))).len()
    }

    #[test]
    fn long_instructions_are_found() {
        let filler = "the sea is salt and cold ".repeat(8);
        assert_eq!(n_found("crates/a/src/a.rs", &format!("Write well. {filler}{filler}")), 1);
        assert_eq!(n_found("crates/a/src/a.rs", &format!("You are a poet. {filler}")), 1);
        assert_eq!(n_found("crates/a/src/a.rs", &format!("Writers rest. {filler}{filler}")), 0);
    }

    #[test]
    fn short_texts_and_tests_are_left_alone() {
        assert_eq!(n_found("crates/a/src/a.rs", "You are not the owner of this data folder"), 0);
        let filler = "the sea is salt and cold ".repeat(20);
        assert_eq!(n_found("crates/a/tests/a.rs", &format!("You are a poet. {filler}")), 0);
    }
}
