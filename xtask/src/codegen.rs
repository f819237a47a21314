//! `cargo xtask codegen`: what is written by code and kept in the repository, so that others can read it.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::args::Args;
use crate::say::say;
use crate::{sh, workspace};

/// A file, and the example of a package that prints it.
const WRITTEN: [(&str, &str, &str); 2] = [
    ("docs/schema/events.json", "atelier-domain", "schema"),
    ("docs/schema/openapi.json", "atelier-server", "openapi"),
];

pub(crate) fn main(mut args: Args) -> Result<()> {
    let only_compare = args.flag("--check");
    args.done()?;
    let root = workspace::root()?;
    if only_compare { compare(&root) } else { write(&root) }
}

/// An error where what is kept is not what the code writes today.
pub(crate) fn compare(root: &Path) -> Result<()> {
    for (file, package, example) in WRITTEN {
        let kept = std::fs::read_to_string(root.join(file)).with_context(|| format!("reading {file}"))?;
        if kept != printed(root, package, example)? {
            bail!("{file} is not what the code says today: run `cargo xtask codegen` and commit it");
        }
        say(format!("{file} is up to date"));
    }
    Ok(())
}

fn write(root: &Path) -> Result<()> {
    for (file, package, example) in WRITTEN {
        let path = root.join(file);
        let folder = path.parent().context("the file has no folder")?;
        std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        std::fs::write(&path, printed(root, package, example)?).with_context(|| format!("writing {file}"))?;
        say(format!("{file} written"));
    }
    Ok(())
}

fn printed(root: &Path, package: &str, example: &str) -> Result<String> {
    let words = ["run", "--quiet", "--package", package, "--example", example];
    let said = sh::output(sh::cargo(&words).current_dir(root))?;
    serde_json::from_str::<serde_json::Value>(&said)
        .with_context(|| format!("what {package} prints is not JSON"))?;
    Ok(format!("{}\n", said.trim_end()))
}
