//! The rules of the house that no compiler checks.
//!
//! Owns: reading the repository once, running every check over it, printing what was found. A check is one file with
//! one function `fn(&Tree) -> Vec<Finding>` that reads nothing but the tree. A new rule is a new file and a line here.

mod cap;
mod codes;
mod documents;
mod edges;
mod finding;
mod fixtures;
mod headers;
mod invariants;
mod length;
mod licences;
mod links;
mod metadata;
mod places;
mod prompts;
mod pure;
mod rows;
mod rust_text;
mod spdx;
mod tree;
mod unfinished;

use std::path::Path;

use anyhow::{Result, bail};

use crate::args::Args;
use crate::say::{complain, say};
use crate::workspace;

use finding::Finding;
use tree::Tree;

type Check = fn(&Tree) -> Vec<Finding>;

const CHECKS: [(&str, Check); 16] = [
    ("dependency direction", edges::check),
    ("pure crates", pure::check),
    ("prompts", prompts::check),
    ("length", length::check),
    ("headers", headers::check),
    ("machine paths and registry hosts", places::check),
    ("licences and sources", licences::check),
    ("number of packages", cap::check),
    ("event fixtures", fixtures::check),
    ("invariants", invariants::check),
    ("unfinished", unfinished::check),
    ("links", links::check),
    ("acceptance rows", rows::check),
    ("size and coverage of ARCHITECTURE.md", documents::architecture),
    ("list of decisions", documents::decisions),
    ("codes of errors", codes::check),
];

pub(crate) fn main(args: Args) -> Result<()> {
    args.done()?;
    check(&workspace::root()?)
}

/// Runs every check; an error where one of them found something.
pub(crate) fn check(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let mut n_findings = 0;
    for (name, check) in CHECKS {
        for finding in check(&tree) {
            complain(format!("{finding}  [{name}]"));
            n_findings += 1;
        }
    }
    if n_findings > 0 {
        bail!("tidy: {n_findings} findings");
    }
    say(format!("tidy: {} rules hold over {} files", CHECKS.len(), tree.len()));
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_is_tidy() {
        let findings = super::check(&crate::workspace::root().unwrap());
        assert!(findings.is_ok(), "what is to be mended stands above");
    }
}
