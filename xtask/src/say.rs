//! The only place of this tool that prints.

use std::fmt::Display;

/// A line of what was asked for.
#[expect(clippy::print_stdout, reason = "this is the output of a command line tool")]
pub(crate) fn say(line: impl Display) {
    println!("{line}");
}

/// A line about what goes wrong or on.
#[expect(clippy::print_stderr, reason = "this is the talk of a command line tool")]
pub(crate) fn complain(line: impl Display) {
    eprintln!("{line}");
}

/// The heading of a stage.
pub(crate) fn heading(title: impl Display) {
    say(format!("\n== {title}"));
}
