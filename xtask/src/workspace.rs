//! Where things lie: the repository's root, cargo's target folder, the built binary.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::sh;

/// How the binary is built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Profile {
    /// As the tests build it.
    Dev,
    /// As a user runs it.
    Release,
}

/// The repository's root: the nearest folder upwards whose `Cargo.toml` has a workspace.
pub(crate) fn root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("asking for the current folder")?;
    for folder in here.ancestors() {
        let manifest = folder.join("Cargo.toml");
        if manifest.is_file() && std::fs::read_to_string(&manifest)?.contains("[workspace]") {
            return Ok(folder.to_owned());
        }
    }
    bail!("no workspace here: start this inside the repository")
}

/// Cargo's target folder, wherever it is set to.
pub(crate) fn target_dir(root: &Path) -> Result<PathBuf> {
    let words = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let metadata: Value = serde_json::from_str(&sh::output(sh::cargo(&words).current_dir(root))?)?;
    let folder = metadata["target_directory"].as_str().context("cargo names no target folder")?;
    Ok(PathBuf::from(folder))
}

/// Builds `atelier` and gives back where it lies.
pub(crate) fn build(root: &Path, profile: Profile) -> Result<PathBuf> {
    let mut words = vec!["build", "--locked", "--package", "atelier-cli"];
    if profile == Profile::Release {
        words.push("--release");
    }
    sh::run(sh::cargo(&words).current_dir(root))?;
    let folder = if profile == Profile::Release { "release" } else { "debug" };
    Ok(target_dir(root)?.join(folder).join(format!("atelier{}", std::env::consts::EXE_SUFFIX)))
}
