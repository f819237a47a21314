//! The page: what it needs is installed, it is checked, and built into `web/dist`, where the server's build finds it.
//!
//! Owns: when something has to be done again. Does not own: how; that is `web/package.json`. Invariant: what is built is
//! what the lock and the sources say; nothing is installed that the lock does not name.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::args::Args;
use crate::say::say;
use crate::{need, sh, workspace};

/// What the built page is made of, beside the folders `src` and `public`.
const FILES: [&str; 5] =
    ["index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"];
/// The API's description, from which the types of its answers are made.
const API: &str = "docs/schema/openapi.json";

pub(crate) fn main(mut args: Args) -> Result<()> {
    let tests = args.flag("--test");
    args.done()?;
    let root = workspace::root()?;
    installed(&root)?;
    checked(&root)?;
    if tests {
        sh::run(&mut unit_tests(&root))?;
    }
    build(&root)
}

/// Sees to it that `web/dist` is the page as its sources are now. Does nothing where it is that already.
pub(crate) fn built(root: &Path) -> Result<()> {
    let stamp = stamp(root)?;
    if root.join("web/dist/index.html").is_file() && kept(&built_stamp(root)) == Some(stamp.clone()) {
        say("the page: built already");
        return Ok(());
    }
    installed(root)?;
    build(root)
}

/// Types of the API, types of the page, lints.
pub(crate) fn checked(root: &Path) -> Result<()> {
    generated(root)?;
    npm(root, &["run", "--silent", "types"])?;
    npm(root, &["run", "--silent", "lint"])
}

/// Installs exactly what the lock says, where that is not there yet.
pub(crate) fn installed(root: &Path) -> Result<()> {
    need::node()?;
    let stamp = hash_of(&[root.join("web/package-lock.json"), root.join("web/package.json")])?;
    let place = root.join("web/node_modules/.atelier-lock");
    if kept(&place).as_ref() != Some(&stamp) {
        npm(root, &["ci", "--no-audit", "--no-fund"])?;
        keep(&place, &stamp)?;
    }
    Ok(())
}

fn build(root: &Path) -> Result<()> {
    generated(root)?;
    let stamp = stamp(root)?;
    npm(root, &["run", "--silent", "build"])?;
    keep(&built_stamp(root), &stamp)
}

/// The types of the API's answers, from its description.
fn generated(root: &Path) -> Result<()> {
    if root.join(API).is_file() {
        npm(root, &["run", "--silent", "generate"])?;
    }
    Ok(())
}

/// The unit tests; they measure the built page too, where there is one.
pub(crate) fn unit_tests(root: &Path) -> Command {
    let mut command = Command::new("npm");
    command.args(["run", "--silent", "test"]).current_dir(root.join("web"));
    command
}

fn npm(root: &Path, words: &[&str]) -> Result<()> {
    sh::run(Command::new("npm").args(words).current_dir(root.join("web")))
}

fn built_stamp(root: &Path) -> PathBuf {
    root.join("web/node_modules/.atelier-built")
}

fn stamp(root: &Path) -> Result<String> {
    let web = root.join("web");
    let mut files: Vec<PathBuf> = FILES.iter().map(|file| web.join(file)).collect();
    files.push(root.join(API));
    for folder in ["src", "public"] {
        files_below(&web.join(folder), &mut files)?;
    }
    files.retain(|file| file.is_file());
    files.sort();
    hash_of(&files)
}

fn files_below(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files_below(&path, into)?;
        } else if !path.file_name().is_some_and(|name| name.to_string_lossy().contains(".gen.")) {
            into.push(path);
        }
    }
    Ok(())
}

/// Tells changed files from unchanged ones; nothing more is asked of it.
fn hash_of(files: &[PathBuf]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        std::fs::read(file).with_context(|| format!("reading {}", file.display()))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn kept(place: &Path) -> Option<String> {
    std::fs::read_to_string(place).ok()
}

fn keep(place: &Path, stamp: &str) -> Result<()> {
    std::fs::write(place, stamp).with_context(|| format!("writing {}", place.display()))
}

#[cfg(test)]
mod tests {
    use super::{FILES, stamp};

    #[test]
    fn the_stamp_follows_every_source_and_nothing_generated() {
        let root = std::env::temp_dir().join(format!("xtask-web-{}", std::process::id()));
        let src = root.join("web/src/kit");
        std::fs::create_dir_all(&src).unwrap();
        std::fs::create_dir_all(root.join("web/public")).unwrap();
        for file in FILES {
            std::fs::write(root.join("web").join(file), "1").unwrap();
        }
        let first = stamp(&root).unwrap();
        assert_eq!(stamp(&root).unwrap(), first);
        std::fs::write(src.join("api.gen.ts"), "types").unwrap();
        assert_eq!(stamp(&root).unwrap(), first);
        std::fs::write(src.join("Button.tsx"), "a").unwrap();
        let second = stamp(&root).unwrap();
        assert_ne!(second, first);
        std::fs::write(src.join("Button.tsx"), "b").unwrap();
        assert_ne!(stamp(&root).unwrap(), second);
        std::fs::remove_dir_all(&root).unwrap();
    }
}
