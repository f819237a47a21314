//! Tests named after an acceptance row (`c04_…`) that a document speaks of exist.

use std::collections::BTreeSet;

use super::finding::Finding;
use super::tree::Tree;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let tests: BTreeSet<&str> = tree.test_names().collect();
    let mut found = Vec::new();
    for (path, n, line) in tree.lines(&[".md"]).filter(|(path, ..)| !path.starts_with("crews/")) {
        let names = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| is_row(word));
        let missing = names.filter(|name| !tests.contains(name));
        let mend = "write the test, or name the one there is";
        found.extend(missing.map(|name| Finding::new(path, n, format!("no test is called `{name}`"), mend)));
    }
    found
}

/// `c`, two digits, `_`, and something more.
fn is_row(word: &str) -> bool {
    let digits = word.strip_prefix('c').and_then(|rest| rest.split_once('_'));
    digits.is_some_and(|(n, name)| n.len() == 2 && n.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    #[test]
    fn rows_that_documents_name_are_tested() {
        let tree = Tree::default().with("a.rs", "#[test]\nfn c04_a_run_goes_on() {}");
        assert!(check(&Tree::default().with("a.md", "c4_no, c04_, `abc_d`")).is_empty());
        assert_eq!(check(&tree.with("a.md", "see `c04_a_run_goes_on` and `c05_not_there`")).len(), 1);
    }
}
