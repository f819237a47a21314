//! `cargo xtask check AREA`: the short round for one crate.

use anyhow::{Context, Result, bail};

use crate::args::Args;
use crate::workspace;
use crate::{need, sh};

pub(crate) fn main(mut args: Args) -> Result<()> {
    let area = args.word().context("which area? such as domain, engine, store, cli, xtask")?;
    args.done()?;
    let root = workspace::root()?;
    let package = if root.join("crates").join(format!("atelier-{area}")).is_dir() {
        format!("atelier-{area}")
    } else if area == "xtask" || root.join("crates").join(&area).is_dir() {
        area
    } else {
        bail!("there is no crate `{area}`; the folders in crates/ are the areas, with or without `atelier-`");
    };
    if need::component("fmt", "rustfmt") {
        sh::run(sh::cargo(&["fmt", "--check", "--package", &package]).current_dir(&root))?;
    }
    if need::component("clippy", "clippy") {
        let words = ["clippy", "--quiet", "--package", &package, "--all-targets", "--", "-D", "warnings"];
        sh::run(sh::cargo(&words).current_dir(&root))?;
    }
    sh::run(sh::cargo(&["test", "--quiet", "--package", &package]).current_dir(&root))
}
