//! Commands of the contract that are not part of this version: known by name, refused in words.

use atelier_runtime::Failure;

use crate::codes;

/// Whole commands, and subcommands of those that exist.
const LATER: &[&str] = &[
    "graph",
    "fact",
    "task",
    "branch",
    "ask",
    "undo",
    "redo",
    "import",
    "export",
    "replay",
    "smoke",
    "knowledge",
    "context",
    "eval",
    "research",
    "router",
    "budget",
    "bus",
    "add",
    "edit",
    "search",
    "archive",
    "kinds",
    "check",
];

/// The refusal, where the word is one of them.
pub(crate) fn refusal(word: &str) -> Option<Failure> {
    LATER.contains(&word).then(|| {
        Failure::usage(
            codes::NOT_IN_THIS_VERSION,
            format!("`{word}` is not part of this version of atelier"),
            "`atelier --help` lists what is",
        )
    })
}
