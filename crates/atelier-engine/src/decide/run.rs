//! Commands to a run: begin, pause, go on, end; and what the world answered.

use std::collections::BTreeMap;

use atelier_domain::event::attempt::{AttemptEvent, AttemptFailed, AttemptFinished, AttemptInterrupted};
use atelier_domain::event::run::{
    Failure, Outcome, RunEvent, RunFinished, RunPaused, RunResumed, RunStarted, RunStepped,
};
use atelier_domain::state::{AttemptStatus, RunStatus, StepStatus, Usage};
use atelier_domain::{Actor, Hash, RunId};
use serde_json::Value;

use super::{advance, done, enter, receipt};
use crate::answer;
use crate::codes;
use crate::command::{Answered, Cut, Cuts, Rejection, Reply, StartRun};
use crate::compiled::Compiled;
use crate::kinds;
use crate::plan;
use crate::work::{Work, failure};

pub(super) fn start(work: &mut Work<'_>, start: &StartRun) -> Result<Reply, Rejection> {
    let compiled =
        work.library().definition(&start.definition).ok_or(Rejection::Missing(start.definition))?;
    if work.state.content(&start.branch).is_none() {
        return Err(Rejection::NotFound { what: "branch", name: start.branch.to_string() });
    }
    let inputs = plan::inputs(&compiled.definition.workflow.inputs, start.inputs.clone()).map_err(|why| {
        Rejection::invalid(codes::BAD_INPUT, why, "see the workflow's inputs with `atelier crews show`")
    })?;
    let run = RunId::new(work.ids());
    work.within(run, start.branch);
    // Short definitions are blobs too: they are named by hash, never stood in place.
    work.keep(start.definition, &start.definition_text);
    let started = RunStarted {
        workflow: start.workflow.clone(),
        definition: start.definition,
        inputs: work.put_json(&inputs),
        gates: start.gates,
        routes: start.routes.clone(),
        accept_rules: start.accept_rules,
    };
    let event = work.emit(Actor::human(), RunEvent::Started(started));
    work.because_of(event);
    advance(work, &compiled)?;
    done(run)
}

pub(super) fn pause(work: &mut Work<'_>, run: RunId, reason: &str, cut: &Cuts) -> Result<Reply, Rejection> {
    enter(work, run)?;
    match status(work) {
        Some(RunStatus::Paused) => {}
        Some(RunStatus::Running | RunStatus::Waiting) => {
            let paused = RunPaused { reason: reason.to_owned() };
            work.emit(Actor::human(), RunEvent::Paused(paused));
        }
        other => return Err(over("paused", run, other)),
    }
    interrupt(work, cut);
    done(run)
}

pub(super) fn resume(work: &mut Work<'_>, run: RunId) -> Result<Reply, Rejection> {
    let compiled = enter(work, run)?;
    match status(work) {
        Some(RunStatus::Paused) => {
            work.emit(
                Actor::human(),
                RunEvent::Resumed(RunResumed { reopened: Vec::new(), dropped: Vec::new() }),
            );
        }
        Some(RunStatus::Failed) => {
            let (reopened, dropped) = failed_steps(work);
            work.emit(Actor::human(), RunEvent::Resumed(RunResumed { reopened, dropped }));
        }
        Some(RunStatus::Running | RunStatus::Waiting) => {}
        other => return Err(over("resumed", run, other)),
    }
    advance(work, &compiled)?;
    done(run)
}

/// Failed steps that go on from where they were, and those that begin anew because they had not got anywhere.
fn failed_steps(work: &Work<'_>) -> (Vec<String>, Vec<String>) {
    let Some(run) = work.run() else { return Default::default() };
    let failed = run.steps.iter().filter(|(_, step)| step.status == StepStatus::Failed);
    let (reopened, dropped): (Vec<_>, Vec<_>) = failed.partition(|(path, step)| {
        let has_children = run.steps.keys().any(|other| {
            other
                .strip_prefix(path.as_str())
                .is_some_and(|rest| rest.starts_with('/') || rest.starts_with('['))
        });
        has_children || step.attempts.last().is_some_and(|a| a.status == AttemptStatus::Failed)
    });
    let paths = |steps: Vec<(&String, _)>| steps.into_iter().map(|(path, _)| path.clone()).collect();
    (paths(reopened), paths(dropped))
}

pub(super) fn step(work: &mut Work<'_>, run: RunId) -> Result<Reply, Rejection> {
    let compiled = enter(work, run)?;
    if status(work) == Some(RunStatus::Failed) {
        let (reopened, dropped) = failed_steps(work);
        work.emit(Actor::human(), RunEvent::Resumed(RunResumed { reopened, dropped }));
        work.emit(Actor::human(), RunEvent::Paused(RunPaused { reason: "stepped".into() }));
    }
    if !matches!(status(work), Some(RunStatus::Paused | RunStatus::Running | RunStatus::Waiting)) {
        return Err(over("stepped", run, status(work)));
    }
    let path = half_done(work);
    work.emit(Actor::human(), RunEvent::Stepped(RunStepped { path }));
    advance(work, &compiled)?;
    done(run)
}

/// A step that was paused in the middle of its calls.
fn half_done(work: &Work<'_>) -> Option<String> {
    let run = work.run()?;
    let stalled = |path: &str| !run.in_flight().any(|(other, _)| other == path);
    let leaf = |kind: &str| kinds::find(kind).is_some_and(|kind| !kind.is_composite());
    let found =
        run.steps.iter().find(|(path, s)| s.status == StepStatus::Running && leaf(&s.kind) && stalled(path));
    found.map(|(path, _)| path.clone())
}

pub(super) fn cancel(work: &mut Work<'_>, run: RunId, cut: &Cuts) -> Result<Reply, Rejection> {
    enter(work, run)?;
    let status = status(work);
    if matches!(status, Some(RunStatus::Done | RunStatus::Cancelled) | None) {
        return Err(over("cancelled", run, status));
    }
    interrupt(work, &Some(cut.clone().unwrap_or_default()));
    let finished = RunFinished { outcome: Outcome::Cancelled, outputs: None, error: None };
    work.emit(Actor::human(), RunEvent::Finished(finished));
    done(run)
}

pub(super) fn recover(work: &mut Work<'_>, run: RunId, cut: &Cuts) -> Result<Reply, Rejection> {
    let compiled = enter(work, run)?;
    interrupt(work, &Some(cut.clone().unwrap_or_default()));
    advance(work, &compiled)?;
    done(run)
}

pub(super) fn answered(work: &mut Work<'_>, answered: &Answered) -> Result<Reply, Rejection> {
    let run = work.state.runs.get(&answered.run);
    if !run.is_some_and(|run| in_flight(run, &answered.path, answered.attempt)) {
        // It was cut meanwhile, and its receipt says so.
        return Err(Rejection::Stale);
    }
    if let Err(failed) = &answered.outcome
        && failed.error.code == codes::CANCELLED
    {
        return cut(work, answered, &failed.error);
    }
    let compiled = enter(work, answered.run)?;
    let judged = judge(work, &compiled, answered).map_err(Rejection::Missing)?;
    let error = judged.as_ref().err().map(|failed| failed.error.clone());
    let receipt = receipt::record(work, answered, error);
    work.because_of(receipt);
    let (path, attempt, usage) = (answered.path.clone(), answered.attempt, answered.usage);
    let actor = Actor::agent(&answered.receipt.asked.agent);
    match judged {
        Ok(value) => {
            let output = work.put_json(&value);
            work.emit(actor, AttemptEvent::Finished(AttemptFinished { path, attempt, output, usage }));
        }
        Err(failed) => {
            let crate::command::CallFailure { error, retryable, unreachable, retry_after_ms } = failed;
            let failed =
                AttemptFailed { path, attempt, error, retryable, unreachable, retry_after_ms, usage };
            work.emit(Actor::engine(), AttemptEvent::Failed(failed));
        }
    }
    advance(work, &compiled)?;
    done(answered.run)
}

/// A call that this process cut while it shuts down: whoever drives the run next makes it again.
fn cut(work: &mut Work<'_>, answered: &Answered, error: &Failure) -> Result<Reply, Rejection> {
    enter(work, answered.run)?;
    let cause = receipt::record(work, answered, Some(error.clone()));
    work.because_of(cause);
    let (path, attempt, estimate) = (answered.path.clone(), answered.attempt, answered.usage);
    work.emit(Actor::engine(), AttemptEvent::Interrupted(AttemptInterrupted { path, attempt, estimate }));
    done(answered.run)
}

/// The answer as a value that keeps its schema, or why it is no such thing.
fn judge(
    work: &Work<'_>,
    compiled: &Compiled,
    answered: &Answered,
) -> Result<Result<Value, crate::command::CallFailure>, Hash> {
    let text = match &answered.outcome {
        Ok(text) => text,
        Err(failed) => return Ok(Err(failed.clone())),
    };
    let Some(run) = work.run() else { return Ok(Ok(Value::Null)) };
    let spec = plan::call_of(compiled, work.library(), run, &answered.path, answered.attempt);
    let Some(spec) = spec? else { return Ok(Ok(Value::Null)) };
    let problems = match answer::read(text, &spec.call.schema) {
        Err(why) => vec![why],
        Ok(value) => {
            let problems = compiled.check_call(&spec.agent.id, spec.profile, spec.index as usize, &value);
            if problems.is_empty() {
                return Ok(Ok(value));
            }
            problems
        }
    };
    let cut = if answered.receipt.finish_reason.as_deref() == Some("length") {
        " (the answer was cut at its token limit)"
    } else {
        ""
    };
    let error = failure(
        codes::INVALID_OUTPUT,
        format!("{}{cut}", problems.join("; ")),
        "the model is asked once more, with this",
    );
    Ok(Err(crate::command::CallFailure { error, retryable: true, unreachable: false, retry_after_ms: 0 }))
}

pub(super) fn unasked(
    work: &mut Work<'_>,
    run: RunId,
    path: &str,
    attempt: u32,
    failure: &crate::command::CallFailure,
) -> Result<Reply, Rejection> {
    let in_time = work.state.runs.get(&run).is_some_and(|run| in_flight(run, path, attempt));
    if !in_time {
        return Err(Rejection::Stale);
    }
    let compiled = enter(work, run)?;
    let failed = AttemptFailed {
        path: path.to_owned(),
        attempt,
        error: failure.error.clone(),
        retryable: failure.retryable,
        unreachable: failure.unreachable,
        retry_after_ms: failure.retry_after_ms,
        usage: Usage::default(),
    };
    work.emit(Actor::engine(), AttemptEvent::Failed(failed));
    advance(work, &compiled)?;
    done(run)
}

pub(super) fn gathered(
    work: &mut Work<'_>,
    run: RunId,
    path: &str,
    attempt: u32,
    output: &Value,
) -> Result<Reply, Rejection> {
    let in_time = work.state.runs.get(&run).is_some_and(|run| in_flight(run, path, attempt));
    if !in_time {
        return Err(Rejection::Stale);
    }
    let compiled = enter(work, run)?;
    let output = work.put_json(output);
    let finished = AttemptFinished { path: path.to_owned(), attempt, output, usage: Usage::default() };
    work.emit(Actor::engine(), AttemptEvent::Finished(finished));
    advance(work, &compiled)?;
    done(run)
}

/// Ends the attempts of one step that are in flight: what they were asked for is no longer wanted.
pub(super) fn interrupt_at(work: &mut Work<'_>, path: &str, cuts: &BTreeMap<(String, u32), Cut>) {
    let Some(run) = work.run() else { return };
    let here: Vec<u32> = run.in_flight().filter(|(at, _)| *at == path).map(|(_, a)| a.number).collect();
    for attempt in here {
        interrupt_one(work, path.to_owned(), attempt, cuts);
    }
}

/// Ends every attempt in flight as interrupted, when calls are to be cut at all.
pub(super) fn interrupt(work: &mut Work<'_>, cuts: &Cuts) {
    let Some(cuts) = cuts else { return };
    let Some(run) = work.run() else { return };
    let in_flight: Vec<(String, u32)> =
        run.in_flight().map(|(path, a)| (path.to_owned(), a.number)).collect();
    for (path, attempt) in in_flight {
        interrupt_one(work, path, attempt, cuts);
    }
}

/// A call that is cut is over here and now: what may still come of it is not waited for, so its receipt is closed with it.
fn interrupt_one(work: &mut Work<'_>, path: String, attempt: u32, cuts: &BTreeMap<(String, u32), Cut>) {
    let unknown = || Cut { estimate: Usage { calls: 1, ..Usage::default() }, ..Cut::default() };
    let cut = cuts.get(&(path.clone(), attempt)).cloned().unwrap_or_else(unknown);
    let estimate = cut.estimate;
    receipt::close(work, &path, attempt, cut);
    let cut = AttemptInterrupted { path, attempt, estimate };
    work.emit(Actor::engine(), AttemptEvent::Interrupted(cut));
}

pub(super) fn in_flight(run: &atelier_domain::state::Run, path: &str, attempt: u32) -> bool {
    let step = run.steps.get(path);
    step.is_some_and(|s| {
        s.attempts.iter().any(|a| a.number == attempt && a.status == AttemptStatus::Requested)
    })
}

fn status(work: &Work<'_>) -> Option<RunStatus> {
    work.run().map(atelier_domain::state::Run::status)
}

fn over(what: &str, run: RunId, status: Option<RunStatus>) -> Rejection {
    let how = status.map_or_else(|| "gone".to_owned(), |s| format!("{s:?}").to_lowercase());
    Rejection::refused(
        codes::RUN_IS_OVER,
        format!("{run} is {how}: it cannot be {what}"),
        "see `atelier runs list`",
    )
}
