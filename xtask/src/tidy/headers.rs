//! A module of some weight says at its top what it owns and what it does not.

use super::finding::Finding;
use super::tree::{Tree, is_test};

const WEIGHT: usize = 120;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let modules = tree.ending(".rs").filter(|(path, _)| !is_test(path));
    let heavy = modules.filter(|(_, text)| text.lines().count() > WEIGHT && text.contains("fn "));
    let silent = heavy.filter(|(_, text)| !text.lines().any(|line| line.starts_with("//!")));
    let mend = "begin it with `//!`: owns, does not own, invariants";
    silent.map(|(path, _)| Finding::new(path, 1, "a module of weight without a header", mend)).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    #[test]
    fn heavy_modules_need_a_header() {
        let heavy = "fn a() {}\n".repeat(121);
        assert_eq!(check(&Tree::default().with("crates/a/src/a.rs", &heavy)).len(), 1);
        assert!(
            check(&Tree::default().with("crates/a/src/a.rs", &format!("//! Owns a.\n{heavy}"))).is_empty()
        );
        assert!(check(&Tree::default().with("crates/a/src/a.rs", "fn a() {}\n")).is_empty());
    }
}
