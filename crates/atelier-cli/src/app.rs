//! From arguments to an exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use atelier_runtime::{Exit, Failure};
use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::args::Cli;
use crate::codes;
use crate::command::Context;
use crate::environment::Environment;
use crate::output::{self, Output};
use crate::{door, later, report};

/// Threads that wait for the disk. More of them would not make it faster, and each keeps memory of its own.
const BLOCKING_THREADS: usize = 8;
/// How often a command is begun anew because the owner of the folder left before it heard it.
const TRIES: usize = 20;

pub(crate) fn main(arguments: Vec<OsString>) -> ExitCode {
    ExitCode::from(u8::from(start(&arguments)))
}

fn start(arguments: &[OsString]) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error, arguments),
    };
    let doing = cli.doing();
    let json = cli.global.json;
    match prepared(&cli).and_then(|context| work(&cli, &context)) {
        Ok(exit) => exit,
        Err(failure) => report::failure(&doing, &failure, json),
    }
}

fn prepared(cli: &Cli) -> Result<Context, Failure> {
    let environment = Environment::of(std::env::vars_os())?;
    let data = match &cli.global.data {
        Some(folder) if folder.as_os_str().is_empty() => {
            return Err(Failure::usage(
                codes::NO_DATA_FOLDER,
                "the data folder is named by an empty text",
                "name one with --data",
            ));
        }
        Some(folder) => folder.clone(),
        None => environment.data_folder()?,
    };
    let data = std::path::absolute(&data).map_err(|error| {
        Failure::usage(
            codes::NO_DATA_FOLDER,
            format!("{} is no folder: {error}", data.display()),
            "name one with --data",
        )
    })?;
    speak_up(cli.global.verbose);
    let output = Output { json: cli.global.json, plain: environment.is_plain() };
    Ok(Context { data, environment, output })
}

fn work(cli: &Cli, context: &Context) -> Result<Exit, Failure> {
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    threads.worker_threads(2).max_blocking_threads(BLOCKING_THREADS).enable_all();
    let runtime = threads.build().map_err(|error| {
        Failure::failed(
            codes::THREADS_UNUSABLE,
            format!("cannot start threads: {error}"),
            "look at the limits of this user",
        )
    })?;
    let ended = runtime.block_on(async {
        for _ in 1..TRIES {
            match Box::pin(cli.execute(context)).await {
                Err(failure) if door::is_undone(&failure) => {}
                ended => return ended,
            }
        }
        Box::pin(cli.execute(context)).await
    });
    // Whoever still reads the terminal would be waited for in vain.
    runtime.shutdown_background();
    ended
}

/// More on stderr for people who want to know.
fn speak_up(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).init();
}

/// Help and version go to stdout; what cannot be understood is told like any other failure.
fn misunderstood(error: &clap::Error, arguments: &[OsString]) -> Exit {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return match output::data(&error.render().to_string()) {
            Ok(()) => Exit::Ok,
            Err(failure) => report::failure("show the help", &failure, false),
        };
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        output::talk_raw(&error.render().to_string());
        return Exit::Usage;
    }
    let json = arguments.iter().any(|argument| argument == "--json");
    let failure = unknown_word(error).unwrap_or_else(|| explained(error, arguments));
    report::failure("understand the command line", &failure, json)
}

/// A word that is none of the commands of this version, but will be one.
fn unknown_word(error: &clap::Error) -> Option<Failure> {
    match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) if error.kind() == ErrorKind::InvalidSubcommand => {
            later::refusal(word)
        }
        _ => None,
    }
}

fn explained(error: &clap::Error, arguments: &[OsString]) -> Failure {
    if error.kind() == ErrorKind::InvalidUtf8 {
        let place = arguments.iter().position(|argument| argument.to_str().is_none()).unwrap_or(0);
        let message = format!("argument {place} is not UTF-8");
        return Failure::usage(codes::NOT_UTF8, message, "give it as UTF-8");
    }
    let text = error.render().to_string();
    let (why, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    let why = why.trim().trim_start_matches("error: ").lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let tip = rest
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("tip:"))
        .map(|line| line.trim_start_matches("tip:").trim());
    let usage = rest.lines().map(str::trim).find(|line| line.starts_with("Usage:"));
    let hint = match (tip, usage) {
        (Some(tip), _) => tip.to_owned(),
        (None, Some(usage)) => usage.to_owned(),
        (None, None) => "`atelier --help` tells what can be asked".to_owned(),
    };
    Failure::usage(codes::USAGE, why, hint)
}
