//! Every package of the lock file has a licence we can pass on, and comes from the default registry.

use super::finding::Finding;
use super::metadata::Locked;
use super::spdx;
use super::tree::Tree;

const ALLOWED: [&str; 16] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "Unlicense",
    "CC0-1.0",
    "BSL-1.0",
    "MPL-2.0",
    "MPL-2.0+",
    "CDLA-Permissive-2.0",
];

/// Cargo's name for its default registry.
const REGISTRY: &str = concat!("registry+https://github.com/rust-lang/crates", ".io-index");

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found: Vec<Finding> = tree.workspace.locked.iter().flat_map(check_package).collect();
    if let Some(trouble) = &tree.workspace.trouble {
        let what = format!("the locked packages could not be read ({trouble})");
        found.push(Finding::new(
            "Cargo.lock",
            1,
            what,
            "run `cargo fetch --locked`, or commit the lock file",
        ));
    }
    found
}

fn check_package(package: &Locked) -> Vec<Finding> {
    let name = format!("{} {}", package.name, package.version);
    let mut found = Vec::new();
    let licence = package.licence.as_deref().unwrap_or("none");
    if !spdx::is_met(licence, &ALLOWED) {
        let mend = "do without it, or allow it in xtask/src/tidy/licences.rs with the reason in the commit";
        found.push(Finding::new("Cargo.lock", 1, format!("licence of {name}: {licence}"), mend));
    }
    if let Some(source) = package.source.as_deref().filter(|source| *source != REGISTRY) {
        let mend = "take a released version of it";
        found.push(Finding::new("Cargo.lock", 1, format!("{name} comes from {source}"), mend));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{REGISTRY, check};
    use crate::tidy::metadata::{Locked, Workspace};
    use crate::tidy::tree::Tree;

    fn n_found(licence: Option<&str>, source: Option<&str>) -> usize {
        let (licence, source) = (licence.map(str::to_owned), source.map(str::to_owned));
        let locked = vec![Locked { name: "a".to_owned(), version: "1".to_owned(), licence, source }];
        check(&Tree::of(Workspace { locked, ..Default::default() })).len()
    }

    #[test]
    fn licences_and_sources_are_checked() {
        assert_eq!(n_found(Some("MIT OR GPL-3.0"), Some(REGISTRY)), 0);
        assert_eq!(n_found(Some("GPL-3.0"), Some(REGISTRY)), 1);
        assert_eq!(n_found(None, Some(REGISTRY)), 1);
        assert_eq!(n_found(Some("MIT"), Some("git+https://example.test/a")), 1);
        assert_eq!(n_found(Some("MIT"), None), 0);
    }

    #[test]
    fn a_lock_file_that_cannot_be_read_is_no_silent_pass() {
        let workspace = Workspace { trouble: Some("stale".to_owned()), ..Default::default() };
        assert_eq!(check(&Tree::of(workspace)).len(), 1);
    }
}
