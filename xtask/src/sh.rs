//! Starting other programs.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::say::say;

/// `cargo` with these words.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(words);
    command
}

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

/// Runs it in the open; an error where it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    say(format!("$ {}", shown(command)));
    let status = command.status().with_context(|| format!("starting `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs it and gives back its standard output; an error with its standard error where it fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let done = command.stdin(Stdio::null()).output();
    let done = done.with_context(|| format!("starting `{}`", shown(command)))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        bail!("`{}` ended with {}: {said}", shown(command), done.status);
    }
    String::from_utf8(done.stdout).with_context(|| format!("reading what `{}` says", shown(command)))
}

/// Whether it can be started and ends well; it says nothing.
pub(crate) fn works(program: &str, words: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs it in the open and keeps what it says: whether it ended well, and both outputs together.
pub(crate) fn tee(command: &mut Command) -> Result<(bool, String)> {
    say(format!("$ {}", shown(command)));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("starting `{}`", shown(command)))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let said = std::thread::scope(|scope| {
        let talk = scope.spawn(move || echo(stderr, &mut std::io::stderr()));
        let mut said = echo(stdout, &mut std::io::stdout())?;
        match talk.join() {
            Ok(more) => said.push_str(&more?),
            Err(_) => bail!("reading the standard error of a command"),
        }
        Ok(said)
    })?;
    Ok((child.wait()?.success(), said))
}

fn echo(from: Option<impl Read>, to: &mut impl Write) -> Result<String> {
    let mut said = String::new();
    let Some(from) = from else { return Ok(said) };
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).context("reading what a command says")? > 0 {
        to.write_all(&line)?;
        said.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    to.flush()?;
    Ok(said)
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_=./:+,@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::{output, shown, tee};
    use std::process::Command;

    #[test]
    fn a_command_is_shown_so_that_it_can_be_typed() {
        let mut command = Command::new("atelier");
        command.args(["run", "it's dark", ""]);
        assert_eq!(shown(&command), r"atelier run 'it'\''s dark' ''");
    }

    #[test]
    fn both_outputs_are_kept() {
        let (well, said) = tee(Command::new("sh").args(["-c", "echo a; echo b >&2; exit 3"])).unwrap();
        assert!(!well && said.contains("a\n") && said.contains("b\n"));
    }

    #[test]
    fn a_failure_carries_what_was_said() {
        let error = output(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().contains("why"), "{error}");
    }
}
