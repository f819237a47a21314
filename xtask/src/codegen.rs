//! `cargo xtask codegen`: what is written by code and kept in the repository, so that others can read it.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::args::Args;
use crate::say::say;
use crate::{sh, workspace};

const SCHEMA: &str = "docs/schema/events.json";

pub(crate) fn main(mut args: Args) -> Result<()> {
    let only_compare = args.flag("--check");
    args.done()?;
    let root = workspace::root()?;
    if only_compare { compare(&root) } else { write(&root) }
}

/// An error where what is kept is not what the code writes today.
pub(crate) fn compare(root: &Path) -> Result<()> {
    let kept = std::fs::read_to_string(root.join(SCHEMA)).with_context(|| format!("reading {SCHEMA}"))?;
    if kept != schema(root)? {
        bail!("{SCHEMA} is not what the events are today: run `cargo xtask codegen` and commit it");
    }
    say(format!("{SCHEMA} is up to date"));
    Ok(())
}

fn write(root: &Path) -> Result<()> {
    let path = root.join(SCHEMA);
    let folder = path.parent().context("the schema has no folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    std::fs::write(&path, schema(root)?).with_context(|| format!("writing {SCHEMA}"))?;
    say(format!("{SCHEMA} written"));
    Ok(())
}

fn schema(root: &Path) -> Result<String> {
    let words = ["run", "--quiet", "--package", "atelier-domain", "--example", "schema"];
    let said = sh::output(sh::cargo(&words).current_dir(root))?;
    serde_json::from_str::<serde_json::Value>(&said).context("the schema of the events is not JSON")?;
    Ok(format!("{}\n", said.trim_end()))
}
