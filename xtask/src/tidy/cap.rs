//! A dependency is a guest who stays: the lock file may not grow unseen.

use super::finding::Finding;
use super::tree::Tree;

/// What the lock file held when this was last looked at, and a tenth.
const MOST: usize = 500;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let n_packages =
        tree.text("Cargo.lock").unwrap_or_default().lines().filter(|line| *line == "[[package]]").count();
    if n_packages <= MOST {
        return Vec::new();
    }
    let what = format!("{n_packages} locked packages, at most {MOST}");
    let mend = "do without one, or raise MOST in xtask/src/tidy/cap.rs and say in the commit what for";
    vec![Finding::new("Cargo.lock", 1, what, mend)]
}

#[cfg(test)]
mod tests {
    use super::{MOST, check};
    use crate::tidy::tree::Tree;

    #[test]
    fn the_lock_file_may_not_grow_beyond_its_cap() {
        let lock = |n: usize| Tree::default().with("Cargo.lock", &"[[package]]\nname = \"a\"\n\n".repeat(n));
        assert!(check(&lock(MOST)).is_empty());
        assert_eq!(check(&lock(MOST + 1)).len(), 1);
    }
}
