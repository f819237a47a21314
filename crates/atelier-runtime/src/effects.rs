//! Effect workers: each does one thing the engine asked for and brings back what came of it.
//!
//! A worker owns nothing: it reads the state as it is when it begins, and its result is a command like any other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use atelier_domain::event::run::Failure as RunFailure;
use atelier_domain::state::Usage;
use atelier_domain::{RunId, Timestamp};
use atelier_engine::Command;
use atelier_engine::command::{Answered, Asked, CallFailure, Cut, Receipt};
use atelier_models::{CallError, CallErrorKind, Delta, Gateway};
use futures::FutureExt;
use tokio_util::sync::CancellationToken;

use crate::asking::{self, Ready};
use crate::codes;
use crate::follow::{Notice, Update};
use crate::hub::InFlight;
use crate::project::Project;
use crate::prompt::{self, Measure};
use crate::{Failure, clock};

/// The identity of an attempt in this process.
pub(crate) type AttemptKey = (RunId, String, u32);

/// Calls under way, with what has arrived of each.
#[derive(Debug, Default)]
pub(crate) struct Live {
    calls: Mutex<BTreeMap<AttemptKey, LiveCall>>,
}

#[derive(Debug, Clone)]
struct LiveCall {
    input_tokens: u64,
    agent: String,
    model: String,
    text: String,
    since: Timestamp,
    first_token_ms: Option<u64>,
}

impl Live {
    /// What is known of the calls of a run, should they be cut now.
    pub(crate) fn cuts(&self, run: RunId) -> BTreeMap<(String, u32), Cut> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = calls.iter().filter(|((id, _, _), _)| *id == run);
        ours.map(|((_, path, attempt), call)| ((path.clone(), *attempt), call.cut())).collect()
    }

    /// The calls under way, with what has arrived of their answers.
    pub(crate) fn calls(&self) -> Vec<InFlight> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let told = calls.iter().map(|((run, path, attempt), call)| InFlight {
            run: *run,
            path: path.clone(),
            attempt: *attempt,
            agent: call.agent.clone(),
            model: call.model.clone(),
            text: call.text.clone(),
        });
        told.collect()
    }

    fn begin(&self, key: &AttemptKey, input_tokens: u32, agent: &str, model: &str) {
        let call = LiveCall {
            input_tokens: u64::from(input_tokens),
            agent: agent.to_owned(),
            model: model.to_owned(),
            text: String::new(),
            since: clock::now(),
            first_token_ms: None,
        };
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), call);
    }

    /// Adds to an answer; gives its length before that, in bytes.
    fn grow(&self, key: &AttemptKey, text: &str) -> u64 {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(call) = calls.get_mut(key) else { return 0 };
        call.first_token_ms.get_or_insert_with(|| clock::now().millis_since(call.since));
        let at = call.text.len() as u64;
        call.text.push_str(text);
        at
    }

    /// Whether the call had begun.
    fn end(&self, key: &AttemptKey) -> bool {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).remove(key).is_some()
    }
}

impl LiveCall {
    fn cut(&self) -> Cut {
        let output_tokens = estimate(&self.text);
        Cut {
            estimate: Usage { calls: 1, input_tokens: self.input_tokens, output_tokens, cost_micros: 0 },
            output: Some(self.text.clone()),
            first_token_ms: self.first_token_ms,
            total_ms: clock::now().millis_since(self.since),
        }
    }
}

/// Does what an attempt asks for and tells the project's actor. Whatever goes wrong ends the attempt.
pub(crate) async fn work(
    project: Project,
    gateway: Gateway,
    key: AttemptKey,
    delay_ms: u64,
    ready: Option<Ready>,
    cancel: CancellationToken,
) {
    let result = guarded(&key, perform(&project, &gateway, &key, delay_ms, ready, &cancel)).await;
    if project.live.end(&key) {
        let (run, path, attempt) = key.clone();
        project.announce(Update::Notice(Notice::Ended { run, path, attempt }));
    }
    let Some(command) = result else { return };
    let Err(failure) = project.command(command).await else { return };
    if asking::is_over(&project, &failure) {
        return;
    }
    if let Err(failure) = project.command(unasked(&key, hopeless(failure))).await {
        tracing::error!(project = %project.id, run = %key.0, step = key.1, error = %failure, "the result of an attempt is lost");
    }
}

/// A worker that breaks off must not leave its attempt open for ever.
async fn guarded(key: &AttemptKey, work: impl Future<Output = Option<Command>>) -> Option<Command> {
    std::panic::AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        let message = format!("the work on step {} broke off", key.1);
        Some(unasked(key, hopeless(Failure::failed(codes::WORKER_BROKE, message, "please report this"))))
    })
}

async fn perform(
    project: &Project,
    gateway: &Gateway,
    key: &AttemptKey,
    delay_ms: u64,
    ready: Option<Ready>,
    cancel: &CancellationToken,
) -> Option<Command> {
    if delay_ms > 0 {
        tokio::select! {
            () = cancel.cancelled() => return None,
            () = tokio::time::sleep(Duration::from_millis(delay_ms)) => {}
        }
    }
    match gathers(project, key) {
        true => gather(project, key).await,
        false => call(project, gateway, key, ready, cancel).await,
    }
}

fn gathers(project: &Project, key: &AttemptKey) -> bool {
    let state = project.state();
    let step = state.runs.get(&key.0).and_then(|run| run.steps.get(&key.1));
    step.and_then(|step| atelier_engine::kinds::find(&step.kind)).is_some_and(|kind| kind.gathers())
}

async fn gather(project: &Project, key: &AttemptKey) -> Option<Command> {
    let (run_id, path, attempt) = key.clone();
    let now = || project.state();
    let output = asking::with_texts(project, &now, run_id, |state, compiled, run| {
        let Some(spec) = atelier_engine::locate(compiled, &path) else { return Ok(serde_json::Value::Null) };
        let count = |text: &str| atelier_models::estimate_tokens(text);
        let measure = Measure { count: &count, context_tokens: u32::MAX, exact: false };
        prompt::gathered(state, &project.shelf, compiled, run, &path, &spec.settings, &measure)
    })
    .await?;
    let output = output
        .unwrap_or_else(|failure| serde_json::json!({"text": "", "tokens": 0, "error": failure.message}));
    Some(Command::Gathered { run: run_id, path, attempt, output })
}

async fn call(
    project: &Project,
    gateway: &Gateway,
    key: &AttemptKey,
    ready: Option<Ready>,
    cancel: &CancellationToken,
) -> Option<Command> {
    let ready = match ready {
        Some(ready) => ready,
        None => match asking::in_turn(project, gateway, key, cancel).await? {
            Ok(ready) => ready,
            Err(failure) => return Some(unasked(key, failure)),
        },
    };
    let (run, path, attempt) = key.clone();
    project.live.begin(key, ready.input_tokens, &ready.asked.agent, &ready.asked.model);
    project.announce(Update::Notice(Notice::Calling {
        run,
        path: path.clone(),
        attempt,
        agent: ready.asked.agent.clone(),
        model: ready.asked.model.clone(),
    }));
    let request = asking::request(project, key, &ready);
    let Ready { spec, turn, asked, input_tokens, time_ms, .. } = ready;
    let mut sent = false;
    let mut on_delta = |delta: Delta| match delta {
        Delta::Started => sent = true,
        Delta::Text(text) => {
            let at = project.live.grow(key, &text);
            project.announce(Update::Notice(Notice::Delta { run, path: path.clone(), attempt, at, text }));
        }
        Delta::Reasoning(_) => {}
    };
    let chat = gateway.chat_in(turn, &spec, &request, &mut on_delta, cancel);
    let answer = match time_ms {
        0 => chat.await,
        limit => match tokio::time::timeout(Duration::from_millis(limit), chat).await {
            Ok(answer) => answer,
            Err(_) => Err(too_slow(limit)),
        },
    };
    match answer {
        // What was never sent leaves no receipt; one that was cut before is asked by whoever drives the run next.
        Err(error) if !sent && error.kind == CallErrorKind::Cancelled => None,
        Err(error) if !sent => Some(unasked(key, call_failure(error))),
        answer => Some(Command::Answered(Box::new(answered(key, asked, input_tokens, answer)))),
    }
}

fn answered(
    key: &AttemptKey,
    asked: Arc<Asked>,
    input_tokens: u32,
    answer: Result<atelier_models::Answer, CallError>,
) -> Answered {
    let total_ms = clock::now().millis_since(asked.started_at);
    let mut receipt = Receipt { asked, output: None, finish_reason: None, first_token_ms: None, total_ms };
    let (outcome, usage) = match answer {
        Ok(answer) => {
            receipt.output = Some(answer.text.clone());
            receipt.finish_reason = Some(answer.finish.as_str().to_owned());
            receipt.first_token_ms = answer.first_token_ms;
            let usage = Usage {
                calls: 1,
                input_tokens: answer.usage.input_tokens,
                output_tokens: answer.usage.output_tokens,
                cost_micros: answer.cost_micros,
            };
            (Ok(answer.text), usage)
        }
        Err(error) => {
            if !error.partial.is_empty() {
                receipt.output = Some(error.partial.clone());
            }
            // A call that is cut was paid for up to there; nobody says how much it was.
            let cut = error.kind == CallErrorKind::Cancelled;
            let (input, output) = match &error.usage {
                Some(usage) => (usage.input_tokens, usage.output_tokens),
                None if cut => (u64::from(input_tokens), estimate(&error.partial)),
                None => (0, 0),
            };
            let usage = Usage { calls: 1, input_tokens: input, output_tokens: output, cost_micros: 0 };
            (Err(call_failure(error)), usage)
        }
    };
    let (run, path, attempt) = key.clone();
    Answered { run, path, attempt, receipt, outcome, usage }
}

fn estimate(text: &str) -> u64 {
    u64::from(atelier_models::estimate_tokens(text))
}

pub(crate) fn call_failure(error: CallError) -> CallFailure {
    CallFailure {
        retryable: error.kind.is_retryable(),
        unreachable: error.kind.is_unreachable(),
        retry_after_ms: error.retry_after_ms.unwrap_or(0),
        error: RunFailure { code: error.kind.code().to_owned(), message: error.message, hint: error.hint },
    }
}

fn too_slow(limit: u64) -> CallError {
    CallError {
        kind: CallErrorKind::WholeTimeout,
        message: format!("the call took longer than the step's limit of {limit} ms"),
        hint: "raise the step's limits.time_ms, or choose a faster model".into(),
        retry_after_ms: None,
        usage: None,
        partial: String::new(),
    }
}

/// A call that could not even be asked: the attempt fails with the reason, and no receipt claims a request was sent.
fn unasked(key: &AttemptKey, failure: CallFailure) -> Command {
    let (run, path, attempt) = key.clone();
    Command::Unasked { run, path, attempt, failure }
}

/// A failure that asking again cannot help.
pub(crate) fn hopeless(failure: Failure) -> CallFailure {
    let error = RunFailure { code: failure.code, message: failure.message, hint: failure.hint };
    CallFailure { error, retryable: false, unreachable: false, retry_after_ms: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atelier_domain::id::IdSource;

    #[tokio::test]
    async fn a_worker_that_breaks_off_ends_its_attempt_as_failed() {
        let key = (RunId::from_uuid(clock::FreshIds.next_id()), "plot".to_owned(), 3);
        let broken = async { panic!("a worker broke") };
        let Some(Command::Unasked { path, attempt, failure, .. }) = guarded(&key, broken).await else {
            panic!("the attempt stays open");
        };
        assert_eq!((path.as_str(), attempt), ("plot", 3));
        assert_eq!(failure.error.code, "worker_broke");
        assert!(!failure.retryable);
    }
}
