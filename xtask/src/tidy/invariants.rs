//! Every invariant of ARCHITECTURE.md names, behind "held by", the tests that hold it; and they exist.

use std::collections::BTreeSet;

use super::finding::Finding;
use super::tree::Tree;

const FILE: &str = "ARCHITECTURE.md";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.text(FILE) else {
        return vec![Finding::new(FILE, 1, "missing", "the house needs its map")];
    };
    let tests: BTreeSet<&str> = tree.test_names().collect();
    let mut found = Vec::new();
    for (line, paragraph) in invariants(text) {
        let names = held_by(&paragraph);
        if names.is_empty() {
            let mend = "end it with: held by `name_of_a_test`";
            found.push(Finding::new(FILE, line, "an invariant that nothing holds", mend));
        }
        for name in names.iter().filter(|name| !tests.contains(name.as_str())) {
            let mend = "write that test, or name the one that holds this";
            found.push(Finding::new(FILE, line, format!("no test is called `{name}`"), mend));
        }
    }
    found
}

/// Paragraphs that begin with **Invariant**, joined to one line, with the line on which they begin.
fn invariants(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (n, line) in text.lines().enumerate() {
        let begins = line.trim_start_matches(['-', '*', ' ']).starts_with("Invariant**");
        let ends = line.trim().is_empty() || line.starts_with(['-', '#', '|']);
        if begins {
            found.push((n + 1, line.to_owned()));
            open = true;
        } else if ends {
            open = false;
        } else if let Some((_, paragraph)) = found.last_mut().filter(|_| open) {
            paragraph.push(' ');
            paragraph.push_str(line.trim());
        }
    }
    found
}

/// What stands in backticks behind the last "held by"; of a path, its last name.
fn held_by(paragraph: &str) -> Vec<String> {
    let Some((_, after)) = paragraph.rsplit_once("held by") else { return Vec::new() };
    let quoted = after.split('`').skip(1).step_by(2);
    quoted.map(|name| name.rsplit("::").next().unwrap_or(name).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    fn found(text: &str) -> Vec<String> {
        let tree = Tree::default().with("a.rs", "#[test]\nfn it_holds() {}\n#[test]\nfn so_does_this() {}");
        check(&tree.with("ARCHITECTURE.md", text)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_invariant_names_tests_that_exist() {
        assert!(found("**Invariant** `a` is b; held by `x::it_holds`,\n`so_does_this`.").is_empty());
        assert!(found("- **Invariant** a is b; held by `it_holds`.\n- `other`").is_empty());
    }

    #[test]
    fn an_invariant_without_a_test_is_found() {
        assert_eq!(found("x\n\n**Invariant** a is b.").len(), 1);
        let found = found("x\n\n**Invariant** a is b; held by\n`gone`.");
        assert!(found[0].starts_with("ARCHITECTURE.md:3: no test is called `gone`"), "{found:?}");
    }
}
