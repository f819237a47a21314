//! `cargo xtask dist`: a stripped release binary with its licences, as one archive.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::args::Args;
use crate::say::say;
use crate::workspace::{self, Profile};
use crate::{need, sh, web};

const BESIDE: [&str; 4] = ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"];

pub(crate) fn main(args: Args) -> Result<()> {
    args.done()?;
    let root = workspace::root()?;
    need::c_compiler()?;
    web::built(&root)?;
    let binary = workspace::build(&root, Profile::Release)?;
    let name = format!("atelier-{}-{}", env!("CARGO_PKG_VERSION"), host()?);
    let dist = workspace::target_dir(&root)?.join("dist");
    let folder = dist.join(&name);
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let file = binary.file_name().context("the binary has no name")?;
    copy(&binary, &folder.join(file))?;
    for document in BESIDE {
        copy(&root.join(document), &folder.join(document))?;
    }
    if sh::works("strip", &["--version"]) {
        sh::run(Command::new("strip").arg(folder.join(file)))?;
    } else {
        say("not stripped: there is no `strip` here (Debian: binutils)");
    }
    let archive = dist.join(format!("{name}.tar.gz"));
    sh::run(Command::new("tar").arg("-czf").arg(&archive).arg("-C").arg(&dist).arg(&name))?;
    say(format!("{} ({} bytes)", archive.display(), std::fs::metadata(&archive)?.len()));
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    Ok(())
}

fn host() -> Result<String> {
    let said = sh::output(Command::new("rustc").arg("-vV"))?;
    let line = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("`rustc -vV` names no host")?.to_owned())
}
