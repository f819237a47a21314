//! The repository as the checks see it: texts of all files that git knows or would add, and what cargo knows.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::metadata::Workspace;
use crate::sh;

/// Everything a check may look at.
#[derive(Default)]
pub(crate) struct Tree {
    /// By path from the root with `/`; nothing for files that are not UTF-8.
    files: BTreeMap<String, Option<String>>,
    /// What cargo knows.
    pub(crate) workspace: Workspace,
}

impl Tree {
    /// Reads the repository.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut git = Command::new("git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
        let mut files = BTreeMap::new();
        for path in sh::output(&mut git)?.split('\0').filter(|path| !path.is_empty()) {
            let full = root.join(path);
            if full.is_file() {
                let bytes = std::fs::read(&full).with_context(|| format!("reading {path}"))?;
                files.insert(path.to_owned(), String::from_utf8(bytes).ok());
            }
        }
        Ok(Self { files, workspace: Workspace::read(root)? })
    }

    /// How many files there are.
    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is a file or a folder at this path.
    pub(crate) fn has(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self.files.keys().any(|file| file.starts_with(&folder))
    }

    /// The text of one file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// All texts with their paths.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// All texts whose names end in this, such as `.rs`.
    pub(crate) fn ending(&self, end: &str) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(move |(path, _)| path.ends_with(end))
    }

    /// All texts with lines numbered from 1, for files whose names end in one of these.
    pub(crate) fn lines(&self, ends: &[&str]) -> impl Iterator<Item = (&str, usize, &str)> {
        let wanted = self.texts().filter(move |(path, _)| ends.iter().any(|end| path.ends_with(end)));
        wanted.flat_map(|(path, text)| text.lines().enumerate().map(move |(n, line)| (path, n + 1, line)))
    }

    /// All names of test functions.
    pub(crate) fn test_names(&self) -> impl Iterator<Item = &str> {
        self.ending(".rs").flat_map(|(_, text)| test_names(text))
    }
}

/// Whether a file is only there for tests.
pub(crate) fn is_test(path: &str) -> bool {
    let folder = |name: &str| path.starts_with(&format!("{name}/")) || path.contains(&format!("/{name}/"));
    ["tests", "test", "benches", "fixtures", "atelier-testkit"].into_iter().any(folder)
        || path.ends_with("/tests.rs")
        || path.ends_with("_tests.rs")
}

fn test_names(text: &str) -> impl Iterator<Item = &str> {
    let mut marked = false;
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if line.starts_with("#[test") || (line.starts_with("#[") && line.contains("::test")) {
            marked = true;
        }
        let (_, after) = line.split_once("fn ").filter(|(before, _)| is_fn_prefix(before))?;
        let name = after.split(|c: char| !c.is_alphanumeric() && c != '_').next();
        std::mem::take(&mut marked).then_some(name).flatten()
    })
}

fn is_fn_prefix(before: &str) -> bool {
    let before = before.trim();
    before.is_empty() || before.ends_with(']') || before.ends_with("async") || before.starts_with("pub")
}

#[cfg(test)]
impl Tree {
    /// A tree without files.
    pub(crate) fn of(workspace: Workspace) -> Self {
        Self { workspace, ..Self::default() }
    }

    /// The tree with one file more.
    pub(crate) fn with(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), Some(text.to_owned()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{Tree, is_test};

    #[test]
    fn test_functions_are_found_by_their_attribute() {
        let text = "#[test]\nfn a_b() {}\nfn helper() {}\n#[tokio::test(flavor = \"x\")]\n#[ignore]\nasync fn c1() {}";
        let tree = Tree::default().with("a.rs", text).with("b.txt", "#[test]\nfn no() {}");
        assert_eq!(tree.test_names().collect::<Vec<_>>(), ["a_b", "c1"]);
    }

    #[test]
    fn folders_exist_when_something_is_in_them() {
        let tree = Tree::default().with("docs/a.md", "");
        assert!(tree.has("docs") && tree.has("docs/a.md") && !tree.has("doc") && !tree.has("docs/a"));
    }

    #[test]
    fn test_files_are_known_by_their_place() {
        assert!(is_test("crates/a/tests/it/main.rs") && is_test("crates/a/src/tests.rs"));
        assert!(!is_test("crates/a/src/attest.rs"));
    }
}
