//! Effect workers: each does one thing the engine asked for and brings back what came of it.
//!
//! A worker owns nothing: it reads the state as it is when it begins, and its result is a command like any other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use atelier_domain::event::run::{Failure as RunFailure, Level};
use atelier_domain::state::{Run, Usage};
use atelier_domain::{Hash, RunId, State};
use atelier_engine::command::{Answered, CallFailure, Receipt};
use atelier_engine::{Command, Compiled, Library};
use atelier_models::{
    CallError, CallErrorKind, ChatMessage, ChatRequest, Delta, Gateway, ModelSpec, Role, Turn,
};
use futures::FutureExt;
use tokio_util::sync::CancellationToken;

use crate::codes;
use crate::follow::{Notice, Update};
use crate::hub::InFlight;
use crate::project::Project;
use crate::prompt::{self, Halt, Measure, Prepared};
use crate::{Failure, clock};

/// The identity of an attempt in this process.
pub(crate) type AttemptKey = (RunId, String, u32);

/// Calls under way, with what has arrived of each.
#[derive(Debug, Default)]
pub(crate) struct Live {
    calls: Mutex<BTreeMap<AttemptKey, LiveCall>>,
}

#[derive(Debug, Clone, Default)]
struct LiveCall {
    input_tokens: u64,
    agent: String,
    model: String,
    text: String,
}

impl Live {
    /// What the calls of a run may have cost if they are cut now.
    pub(crate) fn estimates(&self, run: RunId) -> BTreeMap<(String, u32), Usage> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = calls.iter().filter(|((id, _, _), _)| *id == run);
        ours.map(|((_, path, attempt), call)| {
            let output_tokens = estimate(&call.text);
            let usage = Usage { calls: 1, input_tokens: call.input_tokens, output_tokens, cost_micros: 0 };
            ((path.clone(), *attempt), usage)
        })
        .collect()
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
        let input_tokens = u64::from(input_tokens);
        let (agent, model) = (agent.to_owned(), model.to_owned());
        let call = LiveCall { input_tokens, agent, model, text: String::new() };
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), call);
    }

    /// Adds to an answer; gives its length before that, in bytes.
    fn grow(&self, key: &AttemptKey, text: &str) -> u64 {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(call) = calls.get_mut(key) else { return 0 };
        let at = call.text.len() as u64;
        call.text.push_str(text);
        at
    }

    /// Whether the call had begun.
    fn end(&self, key: &AttemptKey) -> bool {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).remove(key).is_some()
    }
}

/// Does what an attempt asks for and tells the project's actor. Whatever goes wrong ends the attempt.
pub(crate) async fn work(
    project: Project,
    gateway: Gateway,
    key: AttemptKey,
    delay_ms: u64,
    cancel: CancellationToken,
) {
    let result = guarded(&key, perform(&project, &gateway, &key, delay_ms, &cancel)).await;
    if project.live.end(&key) {
        let (run, path, attempt) = key.clone();
        project.announce(Update::Notice(Notice::Ended { run, path, attempt }));
    }
    let Some(command) = result else { return };
    let Err(failure) = project.command(command).await else { return };
    let told = matches!(failure.code.as_str(), codes::STALE | codes::CLOSING) || project.broken().is_some();
    if told {
        // The attempt ended meanwhile, or whoever drives the run next makes it again.
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
        false => call(project, gateway, key, cancel).await,
    }
}

fn gathers(project: &Project, key: &AttemptKey) -> bool {
    let state = project.state();
    let step = state.runs.get(&key.0).and_then(|run| run.steps.get(&key.1));
    step.and_then(|step| atelier_engine::kinds::find(&step.kind)).is_some_and(|kind| kind.gathers())
}

async fn gather(project: &Project, key: &AttemptKey) -> Option<Command> {
    let (run_id, path, attempt) = key.clone();
    let output = with_texts(project, run_id, |state, compiled, run| {
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

/// What is known of a call before its model answers.
struct Asked {
    prepared: Prepared,
    call: u32,
    agent: String,
    model: String,
    level: Level,
    time_ms: u64,
    temperature_milli: Option<u32>,
}

async fn call(
    project: &Project,
    gateway: &Gateway,
    key: &AttemptKey,
    cancel: &CancellationToken,
) -> Option<Command> {
    let (run_id, path, attempt) = key.clone();
    // The turn comes first, so that the prompt holds what was said while this call waited.
    let (spec, turn) = match turn(project, gateway, key, cancel).await? {
        Ok(ready) => ready,
        Err(failure) => return Some(unasked(key, failure)),
    };
    let started_at = clock::now();
    let asked = with_texts(project, run_id, |state, compiled, run| {
        let asked = match atelier_engine::call_of(compiled, &*project.shelf, run, &path, attempt)? {
            Some(asked) => asked,
            None => {
                return Err(Halt::Failed(Failure::failed(
                    codes::NO_CALL,
                    format!("step {path} has no such call"),
                    "",
                )));
            }
        };
        let traits = gateway.traits_of(&spec);
        let count = |text: &str| gateway.count_tokens(&spec, text);
        let measure =
            Measure { count: &count, context_tokens: traits.context_tokens, exact: traits.exact_tokens };
        let prepared = prompt::prepare(state, &project.shelf, compiled, run, &path, &asked, &measure)?;
        Ok(Asked {
            prepared,
            call: asked.index,
            agent: asked.agent.id.clone(),
            model: asked.model.clone(),
            level: asked.route.level,
            time_ms: asked.limits.time_ms,
            temperature_milli: project.temperature_milli().or(asked.agent.temperature_milli),
        })
    })
    .await?;
    let asked = match asked {
        Ok(asked) => asked,
        Err(failure) => return Some(unasked(key, hopeless(failure))),
    };
    project.live.begin(key, asked.prepared.input_tokens, &asked.agent, &asked.model);
    project.announce(Update::Notice(Notice::Calling {
        run: run_id,
        path: path.clone(),
        attempt,
        agent: asked.agent.clone(),
        model: asked.model.clone(),
    }));
    let request = request(project, key, &asked);
    let mut sent = false;
    let mut on_delta = |delta: Delta| match delta {
        Delta::Started => sent = true,
        Delta::Text(text) => {
            let at = project.live.grow(key, &text);
            project.announce(Update::Notice(Notice::Delta {
                run: run_id,
                path: path.clone(),
                attempt,
                at,
                text,
            }));
        }
        Delta::Reasoning(_) => {}
    };
    let chat = gateway.chat_in(turn, &spec, &request, &mut on_delta, cancel);
    let answer = match asked.time_ms {
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
        answer => Some(Command::Answered(Box::new(answered(key, asked, &spec, started_at, answer)))),
    }
}

fn request(project: &Project, key: &AttemptKey, asked: &Asked) -> ChatRequest {
    let role = |role: &str| match role {
        "system" => Role::System,
        "assistant" => Role::Assistant,
        _ => Role::User,
    };
    let messages = asked
        .prepared
        .messages
        .iter()
        .map(|(name, parts)| ChatMessage { role: role(name), content: Arc::from(parts.concat()) });
    let plain = asked.prepared.schema.get("type").and_then(serde_json::Value::as_str) == Some("string");
    ChatRequest {
        lane: project.id.to_string(),
        messages: messages.collect(),
        schema: (!plain).then(|| asked.prepared.schema.clone()),
        schema_name: asked.agent.replace('-', "_"),
        max_output_tokens: asked.prepared.max_output_tokens,
        temperature_milli: asked.temperature_milli,
        seed: Some(seed(key)),
    }
}

/// The same attempt of the same run always has the same seed; another attempt another one.
fn seed(key: &AttemptKey) -> u64 {
    let hash = blake3::hash(format!("{}{}{}", key.0, key.1, key.2).as_bytes());
    let mut bytes = [0u8; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_le_bytes(bytes) >> 1
}

fn answered(
    key: &AttemptKey,
    asked: Asked,
    spec: &ModelSpec,
    started_at: atelier_domain::Timestamp,
    answer: Result<atelier_models::Answer, CallError>,
) -> Answered {
    let total_ms = clock::now().millis_since(started_at);
    let mut receipt = Receipt {
        call: asked.call,
        agent: asked.agent,
        model: asked.model,
        level: asked.level,
        provider: spec.provider.as_str().to_owned(),
        template: asked.prepared.template,
        messages: asked.prepared.messages,
        context: asked.prepared.lines,
        output: None,
        finish_reason: None,
        started_at,
        first_token_ms: None,
        total_ms,
        feedback: asked.prepared.feedback,
    };
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
                None if cut => (u64::from(asked.prepared.input_tokens), estimate(&error.partial)),
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

fn call_failure(error: CallError) -> CallFailure {
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

/// Waits for the turn of a call at its model; `None` when it was cut meanwhile.
async fn turn(
    project: &Project,
    gateway: &Gateway,
    key: &AttemptKey,
    cancel: &CancellationToken,
) -> Option<Result<(ModelSpec, Turn), CallFailure>> {
    let state = project.state();
    let step = state.runs.get(&key.0)?.steps.get(&key.1)?;
    let model = step.attempts.iter().find(|a| a.number == key.2)?.model.clone().unwrap_or_default();
    let Ok(spec) = model.parse::<ModelSpec>() else {
        let hint = "choose another model at the step";
        return Some(Err(hopeless(Failure::usage(codes::BAD_MODEL, format!("`{model}` is no model"), hint))));
    };
    match gateway.turn(&spec, &project.id.to_string(), cancel).await {
        Ok(turn) => Some(Ok((spec, turn))),
        Err(error) if error.kind == CallErrorKind::Cancelled => None,
        Err(error) => Some(Err(call_failure(error))),
    }
}

/// A call that could not even be asked: the attempt fails with the reason, and no receipt claims a request was sent.
fn unasked(key: &AttemptKey, failure: CallFailure) -> Command {
    let (run, path, attempt) = key.clone();
    Command::Unasked { run, path, attempt, failure }
}

/// A failure that asking again cannot help.
fn hopeless(failure: Failure) -> CallFailure {
    let error = RunFailure { code: failure.code, message: failure.message, hint: failure.hint };
    CallFailure { error, retryable: false, unreachable: false, retry_after_ms: 0 }
}

/// Works on the state as it is now, fetching long texts as they are found missing; `None` when the run is gone.
async fn with_texts<T>(
    project: &Project,
    run_id: RunId,
    work: impl Fn(&State, &Compiled, &Run) -> Result<T, Halt>,
) -> Option<Result<T, Failure>> {
    let mut held = None;
    loop {
        let state = project.state();
        let run = state.runs.get(&run_id)?.clone();
        let result = match project.shelf.definition(&run.definition) {
            Some(compiled) => work(&state, &compiled, &run),
            None => Err(Halt::Missing(run.definition)),
        };
        match result {
            Ok(value) => return Some(Ok(value)),
            Err(Halt::Failed(failure)) => return Some(Err(failure)),
            Err(Halt::Missing(hash)) => {
                held.get_or_insert_with(|| project.shelf.hold());
                if let Err(failure) = fetch(project, hash).await {
                    return Some(Err(failure));
                }
            }
        }
    }
}

async fn fetch(project: &Project, hash: Hash) -> Result<(), Failure> {
    let (log, shelf, state) = (project.log.clone(), project.shelf.clone(), project.state());
    crate::actor::blocking(move || shelf.fetch(&*log, &hash, &state)).await
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
