//! What has to be on the machine besides cargo: installed where that is possible, named exactly where not.

use anyhow::{Result, bail};

use crate::say::say;
use crate::sh;

/// A C compiler: SQLite and a few others are compiled from C.
pub(crate) fn c_compiler() -> Result<()> {
    wanted("a C compiler", "gcc", || sh::works("cc", &["--version"]) || sh::works("gcc", &["--version"]))
}

/// Python with pip: the models come as Python packages.
pub(crate) fn pip() -> Result<()> {
    wanted("python3", "python3", || sh::works("python3", &["--version"]))?;
    wanted("pip for python3", "python3-pip", || sh::works("python3", &["-m", "pip", "--version"]))
}

/// Node and npm: they build the page.
pub(crate) fn node() -> Result<()> {
    wanted("node", "nodejs", || sh::works("node", &["--version"]))?;
    wanted("npm", "npm", || sh::works("npm", &["--version"]))?;
    let version = sh::output(std::process::Command::new("node").arg("--version"))?;
    if !new_enough(version.trim()) {
        bail!(
            "node is {}, and the page needs at least 20.19 to be built; install a newer one",
            version.trim()
        );
    }
    Ok(())
}

/// A Chromium: the browser that the page is tested in.
pub(crate) fn chromium() -> Result<()> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    wanted("chromium", "chromium", || names.iter().any(|name| sh::works(name, &["--version"])))
}

fn new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|n| n.parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(20), Some(19))
}

/// Whether cargo has this component (`fmt`, `clippy`); asks rustup for it where there is one.
pub(crate) fn component(command: &str, name: &str) -> bool {
    let there = || sh::works("cargo", &[command, "--version"]);
    there() || (sh::works("rustup", &["component", "add", name]) && there())
}

fn wanted(what: &str, package: &str, there: impl Fn() -> bool) -> Result<()> {
    if there() {
        return Ok(());
    }
    if is_root() && sh::works("apt-get", &["--version"]) {
        say(format!("{what} is missing: installing {package}"));
        sh::run(std::process::Command::new("apt-get").args(["update", "-q"]))?;
        let install = ["install", "-y", "-q", "--no-install-recommends", package];
        sh::run(std::process::Command::new("apt-get").args(install))?;
        if there() {
            return Ok(());
        }
    }
    bail!("{what} is missing; install it (Debian: `sudo apt-get install {package}`) and start this again")
}

fn is_root() -> bool {
    sh::output(std::process::Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::new_enough;

    #[test]
    fn node_is_old_before_20_19() {
        assert!(new_enough("v20.19.0") && new_enough("v22.1.0") && new_enough("v26.0.1"));
        assert!(!new_enough("v18.20.4") && !new_enough("v20.9.0") && !new_enough("what"));
    }
}
