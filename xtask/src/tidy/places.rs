//! Nothing in the repository depends on one machine or names the host of a package registry.

use super::finding::Finding;
use super::tree::Tree;

/// Written in halves, so that this file does not find itself.
const MACHINE: [&str; 5] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/fa", "rm/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
];
const REGISTRIES: [&str; 5] = ["crates", "npmjs", "pypi", "pythonhosted", "debian"];
const ENDINGS: [&str; 3] = ["io", "org", "com"];
/// It names the source of each package by itself.
const EXEMPT: &str = "Cargo.lock";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, n, line) in tree.lines(&[""]).filter(|(path, ..)| *path != EXEMPT) {
        if let Some(place) = MACHINE.iter().find(|place| names_place(line, place)) {
            let mend = "take the folder from outside, or say it in words";
            found.push(Finding::new(path, n, format!("a path of one machine (`{place}`)"), mend));
        }
        if names_registry(line) {
            found.push(Finding::new(
                path,
                n,
                "the host of a package registry",
                "name the package, not the place",
            ));
        }
    }
    found
}

/// Whether an absolute path into that place stands there; `a/work/b` is none.
fn names_place(line: &str, place: &str) -> bool {
    let goes_on = |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.'));
    line.match_indices(place).any(|(at, _)| !goes_on(&line[..at]))
}

fn names_registry(line: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    REGISTRIES.iter().any(|name| {
        line.match_indices(name).any(|(at, _)| {
            let after = line[at + name.len()..].strip_prefix('.');
            let ends = |after: &str| {
                ENDINGS
                    .iter()
                    .any(|end| after.strip_prefix(end).is_some_and(|rest| !rest.starts_with(letter)))
            };
            !line[..at].ends_with(letter) && after.is_some_and(ends)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    fn n_found(line: &str) -> usize {
        check(&Tree::default().with("a.toml", line)).len()
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        assert_eq!(n_found(concat!("dir = \"/wo", "rk/main\"")), 1);
        assert_eq!(n_found(concat!("see /ho", "me/ada/x")), 1);
        assert_eq!(n_found("src/work/a and a.io/home/b"), 0);
    }

    #[test]
    fn hosts_of_registries_are_found() {
        assert_eq!(n_found(concat!("https://py", "pi.org/simple")), 1);
        assert_eq!(n_found(concat!("static.cra", "tes.io")), 1);
        assert_eq!(n_found("crates.iota, mycrates, crates/io"), 0);
    }

    #[test]
    fn the_lock_file_may_name_its_sources() {
        let tree = Tree::default().with("Cargo.lock", concat!("https://cra", "tes.io"));
        assert!(check(&tree).is_empty());
    }
}
