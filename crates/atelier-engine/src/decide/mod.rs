//! From a command to its events: one file per family, this one only hands over.

mod canon;
mod gate;
mod memory;
mod project;
mod receipt;
mod rewind;
mod run;

use std::sync::Arc;

use atelier_domain::id::IdSource;
use atelier_domain::{RunId, State, Timestamp};

use crate::command::{Command, Decision, Rejection, Reply};
use crate::compiled::{Compiled, Library};
use crate::machine;
use crate::work::Work;

/// Decides on a command: the events it comes to, or why it changes nothing.
///
/// # Errors
/// A [`Rejection`]; after [`Rejection::Missing`] the caller fetches the text and decides again.
pub fn decide(
    state: &State,
    library: &dyn Library,
    command: &Command,
    now: Timestamp,
    ids: &mut dyn IdSource,
) -> Result<Decision, Rejection> {
    let mut work = Work::new(state, library, now, ids);
    let reply = match command {
        Command::Create { name, epoch } => project::create(&mut work, name, *epoch)?,
        Command::KeepForm { form, fields } => project::keep_form(&mut work, form, fields)?,
        Command::Rename { name } => project::rename(&mut work, name)?,
        Command::ChangeSettings { set, removed } => project::change_settings(&mut work, set, removed)?,
        Command::Say { to, run, step, priority, text } => {
            project::say(&mut work, to.as_deref(), *run, step.as_deref(), *priority, text)?
        }
        Command::Start(start) => run::start(&mut work, start)?,
        Command::Pause { run, reason, cut } => run::pause(&mut work, *run, reason, cut)?,
        Command::Resume { run } => run::resume(&mut work, *run)?,
        Command::Step { run } => run::step(&mut work, *run)?,
        Command::Cancel { run, cut } => run::cancel(&mut work, *run, cut)?,
        Command::Rewind { run, step, before, cut } => rewind::rewind(&mut work, *run, step, before, cut)?,
        Command::Decide { gate, action, text, route, cut } => {
            gate::decide(&mut work, *gate, *action, text.as_deref(), route.as_ref(), cut)?
        }
        Command::Remember { branch, text, kind, about } => {
            memory::remember(&mut work, *branch, text, kind, about)?
        }
        Command::Forget { branch, memory } => memory::forget(&mut work, *branch, *memory)?,
        Command::ForgetAll { branch } => memory::forget_all(&mut work, *branch),
        Command::JudgeName { branch, name, bucket, refused } => {
            memory::judge_name(&mut work, *branch, name, *bucket, *refused)?
        }
        Command::AcceptRule { branch, rule } => canon::accept(&mut work, *branch, *rule)?,
        Command::RejectRule { branch, rule } => canon::reject(&mut work, *branch, *rule)?,
        Command::Ask(ask) => receipt::open(&mut work, ask)?,
        Command::Answered(answered) => run::answered(&mut work, answered)?,
        Command::Unasked { run, path, attempt, failure } => {
            run::unasked(&mut work, *run, path, *attempt, failure)?
        }
        Command::Gathered { run, path, attempt, output } => {
            run::gathered(&mut work, *run, path, *attempt, output)?
        }
        Command::Recover { run, cut } => run::recover(&mut work, *run, cut)?,
    };
    Ok(work.finish(reply))
}

/// Enters an open run: later events are its own.
fn enter(work: &mut Work<'_>, run: RunId) -> Result<Arc<Compiled>, Rejection> {
    let not_found = || Rejection::NotFound { what: "open run", name: run.to_string() };
    let (branch, definition) =
        work.state.runs.get(&run).map(|r| (r.branch, r.definition)).ok_or_else(not_found)?;
    work.within(run, branch);
    work.library().definition(&definition).ok_or(Rejection::Missing(definition))
}

fn advance(work: &mut Work<'_>, compiled: &Compiled) -> Result<(), Rejection> {
    machine::advance(work, compiled).map_err(Rejection::Missing)
}

fn done(reply: RunId) -> Result<Reply, Rejection> {
    Ok(Reply::Run(reply))
}
