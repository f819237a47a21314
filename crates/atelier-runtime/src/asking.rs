//! From an attempt to a call that is ready to be sent: its turn at the model, its prompt, and the prompt's place in the
//! log.
//!
//! **Invariant**: what a call is sent is durable before it is sent. Where the model can be asked at once, the prompt is
//! in the same append as what led to the call; a call that had to wait, for its turn or its time, is put together and
//! kept when that has come, so that it holds what was said meanwhile.

use std::sync::Arc;

use atelier_domain::state::Run;
use atelier_domain::{Hash, RunId, State};
use atelier_engine::command::{Ask, Asked, CallFailure};
use atelier_engine::{Command, Compiled, Library};
use atelier_models::{CallErrorKind, ChatMessage, ChatRequest, Gateway, ModelSpec, Role, Turn};
use tokio_util::sync::CancellationToken;

use crate::effects::{AttemptKey, call_failure, hopeless};
use crate::project::Project;
use crate::prompt::{self, Halt, Measure};
use crate::{Failure, clock, codes};

/// A call whose turn has come and whose prompt stands.
pub(crate) struct Ready {
    pub(crate) spec: ModelSpec,
    pub(crate) turn: Turn,
    pub(crate) asked: Arc<Asked>,
    pub(crate) input_tokens: u32,
    pub(crate) time_ms: u64,
    schema: Arc<serde_json::Value>,
    max_output_tokens: u32,
    temperature_milli: Option<u32>,
}

impl Ready {
    /// What keeps the prompt.
    pub(crate) fn ask(&self, key: &AttemptKey) -> Command {
        let (run, path, attempt) = key.clone();
        Command::Ask(Box::new(Ask { run, path, attempt, asked: self.asked.clone() }))
    }
}

/// The call of an attempt, if its model can be asked at once; whatever stands in the way is met again in its turn.
pub(crate) async fn at_once(
    project: &Project,
    gateway: &Gateway,
    state: &Arc<State>,
    key: &AttemptKey,
) -> Option<Ready> {
    let spec = model_of(state, key)?.parse().ok()?;
    let turn = gateway.turn_now(&spec)?;
    let then = || state.clone();
    prepare(project, gateway, &then, key, spec, turn).await?.ok()
}

/// Waits for the turn of a call at its model and keeps its prompt; `None` when it was cut meanwhile.
pub(crate) async fn in_turn(
    project: &Project,
    gateway: &Gateway,
    key: &AttemptKey,
    cancel: &CancellationToken,
) -> Option<Result<Ready, CallFailure>> {
    let model = model_of(&project.state(), key)?;
    let Ok(spec) = model.parse::<ModelSpec>() else {
        let hint = "choose another model at the step";
        return Some(Err(hopeless(Failure::usage(codes::BAD_MODEL, format!("`{model}` is no model"), hint))));
    };
    let turn = match gateway.turn(&spec, &project.id.to_string(), cancel).await {
        Ok(turn) => turn,
        Err(error) if error.kind == CallErrorKind::Cancelled => return None,
        Err(error) => return Some(Err(call_failure(error))),
    };
    let now = || project.state();
    let ready = match prepare(project, gateway, &now, key, spec, turn).await? {
        Ok(ready) => ready,
        Err(failure) => return Some(Err(hopeless(failure))),
    };
    match project.command(ready.ask(key)).await {
        Ok(_) => Some(Ok(ready)),
        Err(failure) if is_over(project, &failure) => None,
        Err(failure) => Some(Err(hopeless(failure))),
    }
}

/// Whether the attempt ended meanwhile, or whoever drives the run next makes it again.
pub(crate) fn is_over(project: &Project, failure: &Failure) -> bool {
    matches!(failure.code.as_str(), codes::STALE | codes::CLOSING) || project.broken().is_some()
}

async fn prepare(
    project: &Project,
    gateway: &Gateway,
    state: &(dyn Fn() -> Arc<State> + Sync),
    key: &AttemptKey,
    spec: ModelSpec,
    turn: Turn,
) -> Option<Result<Ready, Failure>> {
    let (run_id, path, attempt) = key;
    let started_at = clock::now();
    let put_together = |state: &State, compiled: &Compiled, run: &Run| {
        let Some(call) = atelier_engine::call_of(compiled, &*project.shelf, run, path, *attempt)? else {
            return Err(Halt::Failed(Failure::failed(
                codes::NO_CALL,
                format!("step {path} has no such call"),
                "",
            )));
        };
        let traits = gateway.traits_of(&spec);
        let count = |text: &str| gateway.count_tokens(&spec, text);
        let measure =
            Measure { count: &count, context_tokens: traits.context_tokens, exact: traits.exact_tokens };
        let prepared = prompt::prepare(state, &project.shelf, compiled, run, path, &call, &measure)?;
        let asked = Asked {
            call: call.index,
            agent: call.agent.id.clone(),
            model: call.model.clone(),
            level: call.route.level,
            provider: spec.provider.as_str().to_owned(),
            template: prepared.template,
            messages: prepared.messages,
            context: prepared.lines,
            started_at,
            feedback: prepared.feedback,
        };
        let temperature_milli = project.temperature_milli().or(call.agent.temperature_milli);
        Ok((
            asked,
            prepared.input_tokens,
            call.limits.time_ms,
            prepared.schema,
            prepared.max_output_tokens,
            temperature_milli,
        ))
    };
    let made = with_texts(project, state, *run_id, put_together).await?;
    Some(made.map(|(asked, input_tokens, time_ms, schema, max_output_tokens, temperature_milli)| Ready {
        spec,
        turn,
        asked: Arc::new(asked),
        input_tokens,
        time_ms,
        schema,
        max_output_tokens,
        temperature_milli,
    }))
}

/// The request of a call that is ready.
pub(crate) fn request(project: &Project, key: &AttemptKey, ready: &Ready) -> ChatRequest {
    let role = |role: &str| match role {
        "system" => Role::System,
        "assistant" => Role::Assistant,
        _ => Role::User,
    };
    let messages = ready
        .asked
        .messages
        .iter()
        .map(|(name, parts)| ChatMessage { role: role(name), content: Arc::from(parts.concat()) });
    let plain = ready.schema.get("type").and_then(serde_json::Value::as_str) == Some("string");
    ChatRequest {
        lane: project.id.to_string(),
        messages: messages.collect(),
        schema: (!plain).then(|| ready.schema.clone()),
        schema_name: ready.asked.agent.replace('-', "_"),
        max_output_tokens: ready.max_output_tokens,
        temperature_milli: ready.temperature_milli,
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

fn model_of(state: &State, key: &AttemptKey) -> Option<String> {
    let step = state.runs.get(&key.0)?.steps.get(&key.1)?;
    Some(step.attempts.iter().find(|a| a.number == key.2)?.model.clone().unwrap_or_default())
}

/// Works on a state, fetching long texts as they are found missing; `None` when the run is gone.
pub(crate) async fn with_texts<T>(
    project: &Project,
    state: &(dyn Fn() -> Arc<State> + Sync),
    run_id: RunId,
    work: impl Fn(&State, &Compiled, &Run) -> Result<T, Halt>,
) -> Option<Result<T, Failure>> {
    let mut held = None;
    loop {
        let state = state();
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
                if let Err(failure) = fetch(project, hash, state).await {
                    return Some(Err(failure));
                }
            }
        }
    }
}

async fn fetch(project: &Project, hash: Hash, state: Arc<State>) -> Result<(), Failure> {
    let (log, shelf) = (project.log.clone(), project.shelf.clone());
    crate::actor::blocking(move || shelf.fetch(&*log, &hash, &state)).await
}
