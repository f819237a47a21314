//! The page in a real browser: Chromium is there, the binary carries the page as it is now, the tests drive both.
//!
//! Owns: what the browser tests need and where they find it. Does not own: the tests; those are in `web/tests`.
//! Pictures of every page land in `browser/` of cargo's target folder.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::workspace::{self, Profile};
use crate::{need, sh, web};

/// The tests, ready to be run: the page and the programs are built, the browser is there.
pub(crate) fn tests(root: &Path) -> Result<Command> {
    need::chromium()?;
    web::built(root)?;
    let binary = workspace::build(root, Profile::Dev)?;
    let model = ["build", "--locked", "--package", "atelier-testkit", "--example", "scripted_model"];
    sh::run(sh::cargo(&model).current_dir(root))?;
    let target = workspace::target_dir(root)?;
    let mut command = Command::new("npm");
    command
        .args(["run", "--silent", "browser"])
        .current_dir(root.join("web"))
        .env("ATELIER_BINARY", binary)
        .env("ATELIER_SCRIPTED_MODEL", target.join("debug/examples/scripted_model"))
        .env("ATELIER_ARTIFACTS", target.join("browser"));
    Ok(command)
}
