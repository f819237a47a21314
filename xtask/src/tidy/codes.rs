//! Codes of errors: written once in a crate's `codes.rs`, in `snake_case`, each with its page in `docs/errors`.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Finding;
use super::tree::{Tree, is_test};

const PAGES: &str = "docs/errors/";
const TABLE: &str = "/src/codes.rs";
/// What makes a failure from a code, and where among its arguments the code stands.
const MAKERS: [(&str, usize); 7] = [
    ("Failure::new(", 1),
    ("Failure::usage(", 0),
    ("Failure::refused(", 0),
    ("Failure::failed(", 0),
    ("Rejection::refused(", 0),
    ("Rejection::invalid(", 0),
    (" failure(", 0),
];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found: Vec<Finding> = sources(tree).flat_map(|(path, text)| loose(path, text)).collect();
    let codes = codes(tree);
    let pages: BTreeSet<&str> = tree.ending(".md").filter_map(|(path, _)| page(path)).collect();
    for (code, (path, line)) in &codes {
        if !is_snake(code) {
            found.push(Finding::new(path, *line, format!("the code `{code}`"), "write it in snake_case"));
        }
        if !pages.contains(code) {
            let mend = "say there what it means, why it happens, what to do";
            found.push(Finding::new(path, *line, format!("`{PAGES}{code}.md` is missing"), mend));
        }
    }
    let unknown = pages.iter().filter(|page| !codes.contains_key(*page));
    found.extend(unknown.map(|page| {
        Finding::new(&format!("{PAGES}{page}.md"), 1, "a page of no code", "remove it, or name the code")
    }));
    found
}

fn sources(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.ending(".rs").filter(|(path, _)| path.starts_with("crates/") && !is_test(path))
}

/// Every code with the first place where it is written.
fn codes(tree: &Tree) -> BTreeMap<&str, (&str, usize)> {
    let mut codes = BTreeMap::new();
    for (path, text) in sources(tree).filter(|(path, _)| path.ends_with(TABLE)) {
        for (n, line) in text.lines().enumerate().filter(|(_, line)| line.contains("const ")) {
            if let Some(code) = line.split('"').nth(1) {
                codes.entry(code).or_insert((path, n + 1));
            }
        }
    }
    codes
}

/// Codes that are written where they are used.
fn loose<'a>(path: &'a str, text: &'a str) -> impl Iterator<Item = Finding> + 'a {
    let made = MAKERS.iter().flat_map(move |(maker, nth)| {
        text.match_indices(maker).map(move |(at, _)| (at, argument(&text[at + maker.len()..], *nth)))
    });
    made.filter_map(move |(at, argument)| {
        let code = argument?.strip_prefix('"')?.split('"').next()?;
        let line = text[..at].lines().count().max(1);
        Some(Finding::new(path, line, format!("the code `{code}` in a string"), "name it in `codes.rs`"))
    })
}

/// What stands where the argument of that number begins; codes come after simple arguments only.
fn argument(text: &str, nth: usize) -> Option<&str> {
    let mut rest = text;
    for _ in 0..nth {
        rest = rest.split_once(',')?.1;
    }
    Some(rest.trim_start())
}

fn page(path: &str) -> Option<&str> {
    path.strip_prefix(PAGES)?.strip_suffix(".md").filter(|name| *name != "README")
}

fn is_snake(code: &str) -> bool {
    code.starts_with(|c: char| c.is_ascii_lowercase())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    fn found(tree: Tree) -> Vec<String> {
        check(&tree).iter().map(ToString::to_string).collect()
    }

    fn table(code: &str) -> Tree {
        Tree::default()
            .with("crates/a/src/codes.rs", &format!("/// Gone.\npub const GONE: &str = \"{code}\";"))
    }

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        assert_eq!(found(table("gone")).len(), 1);
        assert!(
            found(table("gone").with("docs/errors/gone.md", "").with("docs/errors/README.md", "")).is_empty()
        );
        let two = table("gone").with("docs/errors/gone.md", "").with("docs/errors/lost.md", "");
        assert!(found(two)[0].starts_with("docs/errors/lost.md:1: a page of no code"));
    }

    #[test]
    fn a_code_has_one_spelling() {
        assert!(found(table("is-gone").with("docs/errors/is-gone.md", ""))[0].contains("snake_case"));
    }

    #[test]
    fn a_code_is_not_written_where_it_is_used() {
        let source = "fn a() {\n    Failure::new(\n        Exit::Ok,\n        \"gone\",\n    );\n}\nx = failure(\"b\", y)";
        let found = found(Tree::default().with("crates/a/src/b.rs", source));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("crates/a/src/b.rs:2: the code `gone`"), "{found:?}");
        let tests = Tree::default().with("crates/a/tests/b.rs", source);
        assert!(check(&tests).is_empty());
    }
}
