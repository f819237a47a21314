//! `cargo xtask run`: from a fresh clone to the studio in the browser, `atelier serve --open`. With `--terminal` or
//! `--idea` it stays in the terminal: asks for one sentence, then does what a user would do, `atelier project create`
//! and `atelier run story-bible`.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::args::Args;
use crate::say::say;
use crate::setup::{self, Installed};
use crate::workspace::{self, Profile};
use crate::{need, sh, web};

/// Exit code of `atelier` for something that is there already.
const CONFLICT: i32 = 4;

pub(crate) fn main(mut args: Args) -> Result<()> {
    let idea = args.option("--idea")?;
    let terminal = args.flag("--terminal") || idea.is_some();
    let profile = if args.flag("--dev") { Profile::Dev } else { Profile::Release };
    let more = args.rest();
    args.done()?;
    if terminal { in_terminal(idea, profile, more) } else { in_browser(profile, more) }
}

fn in_browser(profile: Profile, more: Vec<String>) -> Result<()> {
    let root = workspace::root()?;
    need::c_compiler()?;
    web::built(&root)?;
    let binary = workspace::build(&root, profile)?;
    setup::models(&root, &binary, Installed::Keep)?;
    let mut serve = Command::new(&binary);
    serve.args(["serve", "--open"]).args(more);
    say(format!("$ {}", sh::shown(&serve)));
    become_it(serve)
}

fn in_terminal(idea: Option<String>, profile: Profile, more: Vec<String>) -> Result<()> {
    let idea = match idea {
        Some(idea) => idea.trim().to_owned(),
        None => ask()?,
    };
    if idea.is_empty() {
        bail!("the idea is empty; one sentence is enough: cargo xtask run --idea \"…\"");
    }
    let root = workspace::root()?;
    need::c_compiler()?;
    let binary = workspace::build(&root, profile)?;
    setup::models(&root, &binary, Installed::Keep)?;
    let (project, folder) = create(&binary, &name_from(&idea))?;
    let mut run = Command::new(&binary);
    run.args(["run", "story-bible", "--project", &project, &format!("--idea={idea}")]).args(more);
    say(format!("$ {}", sh::shown(&run)));
    hand_over(&run, &folder.join("outputs/bible"))
}

fn ask() -> Result<String> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody to ask: this is not a terminal; give the sentence with --idea \"…\"");
    }
    let mut out = std::io::stdout();
    write!(out, "What is the story about, in one sentence?\n> ")?;
    out.flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("reading the sentence")?;
    Ok(line.trim().to_owned())
}

/// Creates a project of that name, or of the next free one; gives back its id and folder.
fn create(binary: &Path, name: &str) -> Result<(String, PathBuf)> {
    for n in 1..1000 {
        let name = if n == 1 { name.to_owned() } else { format!("{name} {n}") };
        let mut command = Command::new(binary);
        command.args(["project", "create", &name, "--json"]);
        let done = command.output().with_context(|| format!("starting `{}`", sh::shown(&command)))?;
        if done.status.success() {
            let made: Value =
                serde_json::from_slice(&done.stdout).context("reading `project create --json`")?;
            let id = made["id"].as_str().context("`project create --json` names no id")?;
            let path = made["path"].as_str().context("`project create --json` names no path")?;
            return Ok((id.to_owned(), PathBuf::from(path)));
        }
        if done.status.code() != Some(CONFLICT) {
            bail!("`{}` failed: {}", sh::shown(&command), String::from_utf8_lossy(&done.stderr).trim());
        }
    }
    bail!("a thousand projects are called `{name}`")
}

/// The first words of the idea, without what a name must not have.
fn name_from(idea: &str) -> String {
    let plain = |c: char| !c.is_control() && !matches!(c, '/' | '\\');
    let clean: String = idea.chars().map(|c| if plain(c) { c } else { ' ' }).collect();
    let words: Vec<&str> = clean.split_whitespace().take(6).collect();
    let name: String = words.join(" ").trim_start_matches('-').trim_start().chars().take(60).collect();
    let name = name.trim_end_matches(|c: char| c.is_ascii_punctuation() || c.is_whitespace());
    if name.is_empty() { "Story".to_owned() } else { name.to_owned() }
}

/// Becomes the command, so that a Ctrl-C is its own.
#[cfg(unix)]
fn become_it(mut command: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("starting atelier")
}

/// Runs the command.
#[cfg(not(unix))]
fn become_it(mut command: Command) -> Result<()> {
    sh::run(&mut command)
}

/// Becomes a shell that runs the command and then says where the bible lies. A shell, because it waits through a
/// Ctrl-C that the command answers by pausing.
#[cfg(unix)]
fn hand_over(run: &Command, bible: &Path) -> Result<()> {
    use std::os::unix::process::CommandExt;
    const SCRIPT: &str = r#"trap : INT; bible=$1; shift; "$@"; code=$?
        if [ -d "$bible" ]; then printf '\nthe bible lies in %s\n' "$bible"; fi; exit $code"#;
    let mut shell = Command::new("sh");
    shell.args(["-c", SCRIPT, "run"]).arg(bible).arg(run.get_program()).args(run.get_args());
    Err(shell.exec()).context("starting sh")
}

/// Runs the command and then says where the bible lies.
#[cfg(not(unix))]
fn hand_over(run: &Command, bible: &Path) -> Result<()> {
    let status = Command::new(run.get_program()).args(run.get_args()).status().context("starting atelier")?;
    say(format!("\nthe bible lies in {}", bible.display()));
    if !status.success() {
        bail!("the run ended with {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::name_from;

    #[test]
    fn a_name_is_the_first_words_without_what_names_must_not_have() {
        assert_eq!(
            name_from("A lighthouse keeper hears the sea speak."),
            "A lighthouse keeper hears the sea"
        );
        assert_eq!(name_from("../etc\\x\u{7}y"), ".. etc x y");
        assert_eq!(name_from("Salt!"), "Salt");
        assert_eq!(name_from("…/"), "…");
        assert_eq!(name_from("../"), "Story");
        assert_eq!(name_from("--help me"), "help me");
        assert_eq!(name_from(&"é".repeat(300)).chars().count(), 60);
    }
}
