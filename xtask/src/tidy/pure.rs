//! `domain`, `engine` and the indexes decide and never act: no tasks, storage, network, clock, randomness, environment, files.

use super::edges::manifest;
use super::finding::Finding;
use super::rust_text::{self, Kind};
use super::tree::{Tree, is_test};

const PURE: [&str; 5] =
    ["atelier-domain", "atelier-engine", "atelier-memory", "atelier-names", "atelier-canon"];

/// Not even through somebody else.
const PACKAGES: [&str; 8] = ["tokio", "rusqlite", "sqlx", "reqwest", "axum", "hyper", "candle-core", "ureq"];

/// Not by name; as a guest of a package that needs it, these are harmless.
const DIRECT: [&str; 4] = ["rand", "getrandom", "fastrand", "libc"];

const WORDS: [&str; 13] = [
    "std::time::SystemTime",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Uuid::now_v7",
    "Uuid::new_v4",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "rand::",
    "RandomState",
];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = packages(tree);
    found.extend(PURE.iter().flat_map(|name| words(tree, name)));
    found
}

fn packages(tree: &Tree) -> Vec<Finding> {
    let members = tree.workspace.members.iter().filter(|member| PURE.contains(&member.name.as_str()));
    let mut found = Vec::new();
    for member in members {
        let direct = member.edges.iter().map(|edge| edge.to.as_str());
        let direct = direct.filter(|name| DIRECT.contains(name) || PACKAGES.contains(name));
        let through = member.reach.iter().map(String::as_str).filter(|name| PACKAGES.contains(name));
        let mut names: Vec<&str> = direct.chain(through).collect();
        names.sort_unstable();
        names.dedup();
        let manifest = manifest(&member.name);
        let mend = "what acts belongs in store, models or runtime; the result comes back as a command";
        found.extend(names.iter().map(|name| Finding::new(&manifest, 1, format!("pulls in {name}"), mend)));
    }
    found
}

fn words(tree: &Tree, name: &str) -> Vec<Finding> {
    let folder = format!("crates/{name}/src/");
    let mut found = Vec::new();
    for (path, text) in tree.ending(".rs").filter(|(path, _)| path.starts_with(&folder) && !is_test(path)) {
        let pieces = rust_text::pieces(rust_text::without_tests(text));
        for piece in pieces.iter().filter(|piece| piece.kind == Kind::Code) {
            for (n, line) in piece.text.lines().enumerate() {
                let words = WORDS.iter().filter(|word| holds(line, word));
                let mend = "let it come in from outside as a value";
                found.extend(
                    words.map(|word| Finding::new(path, piece.line + n, format!("`{word}` acts"), mend)),
                );
            }
        }
    }
    found
}

/// Whether the word stands there and does not go on to the left (`operand::` is no `rand::`).
fn holds(line: &str, word: &str) -> bool {
    let ends_a_word = |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| !ends_a_word(&line[..at]))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::metadata::{Edge, EdgeKind, Member, Workspace};
    use crate::tidy::tree::Tree;

    #[test]
    fn acting_words_are_found_in_code_and_only_there() {
        let text = "//! no std::fs here\nfn a() { operand::b(); }\nfn c() {\n  std::fs::read(\"std::env\");\n}\n\
                    #[cfg(test)]\nmod tests { use std::fs; }";
        let tree = Tree::default().with("crates/atelier-domain/src/a.rs", text);
        let found = check(&tree);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].to_string().starts_with("crates/atelier-domain/src/a.rs:4: `std::fs` acts"));
        assert!(check(&Tree::default().with("crates/atelier-store/src/a.rs", text)).is_empty());
    }

    #[test]
    fn acting_packages_are_found_even_through_others() {
        let edges = vec![Edge { to: "rand".to_owned(), kind: EdgeKind::Normal }];
        let reach = ["tokio".to_owned(), "getrandom".to_owned()].into();
        let members = vec![Member { name: "atelier-engine".to_owned(), edges, reach }];
        let tree = Tree::of(Workspace { members, ..Default::default() });
        let found: Vec<String> = check(&tree).iter().map(ToString::to_string).collect();
        assert!(found.len() == 2 && found[0].contains("rand") && found[1].contains("tokio"), "{found:?}");
    }
}
