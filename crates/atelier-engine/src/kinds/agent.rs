//! `agent`: one agent works: its calls, one after the other, then a checked output that is kept.
//!
//! Every try is an attempt: a retry, a fallback, a re-ask. An answer that breaks its schema is asked for once more with
//! what was wrong; a failing model is tried `retry.attempts` times, then the next of the fallback chain; when none is
//! left the step fails and nothing is kept.

use atelier_domain::Actor;
use atelier_domain::event::attempt::{AttemptEvent, AttemptRequested};
use atelier_domain::event::gate::{GateAction, GateEvent, GateReopened, GateTurned};
use atelier_domain::event::run::{Failure, GatePolicy, Route};
use atelier_domain::state::{Attempt, AttemptStatus, Step, StepStatus};
use serde_json::Value;

use super::{Form, Prepared, Setting, StepKind, Stop, setting};
use crate::codes;
use crate::machine::Place;
use crate::work::failure;
use crate::{plan, saves};

/// The longest wait between two tries.
const MAX_BACKOFF_MS: u64 = 60_000;

pub(super) struct Agent;

/// The key of a step's own route among the routes of a run; agents' routes stand under the agent's id.
pub fn route_key(step: &str) -> String {
    format!("#{step}")
}

impl StepKind for Agent {
    fn name(&self) -> &'static str {
        "agent"
    }

    fn settings(&self) -> &'static [Setting] {
        const { &[setting("agent", true, Form::Agent), setting("with", false, Form::Tree)] }
    }

    /// The agent's inputs: from `with`, else the workflow's inputs of the same names.
    fn prepare(&self, place: &mut Place<'_, '_>) -> Result<Prepared, Stop> {
        let agent = agent(place)?;
        let given = match place.spec.settings.contains_key("with") {
            true => place.fill_setting("with")?,
            false => plan::same_names(&agent.inputs, place.scope.inputs()),
        };
        let inputs = plan::inputs(&agent.inputs, given).map_err(|why| {
            Stop::Fail(failure(
                codes::BAD_INPUT,
                format!("{} at step {}: {why}", agent.id, place.path),
                "correct `with` of the step",
            ))
        })?;
        Ok(Prepared { input: Some(place.work.put_json(&inputs)), arm: None })
    }

    /// What was asked for at a gate and failed leads back to the gate: what waits there is not lost with it.
    fn advance(&self, place: &mut Place<'_, '_>) -> Result<(), Stop> {
        match (work(place), place.gate_behind()) {
            (Err(Stop::Fail(error)), Some(gate)) => {
                place.work.emit(Actor::engine(), GateEvent::Reopened(GateReopened { gate, error }));
                Ok(())
            }
            (worked, _) => worked,
        }
    }
}

fn work(place: &mut Place<'_, '_>) -> Result<(), Stop> {
    let Some(step) = place.step().cloned() else { return Ok(()) };
    let in_flight = step.attempts.iter().any(|a| a.status == AttemptStatus::Requested);
    if in_flight || step.status == StepStatus::Waiting {
        return Ok(());
    }
    let agent = agent(place)?;
    let route = route(place, &step)?;
    let calls = &agent.plan(route.profile).calls;
    match calls.get(step.results.len()) {
        Some(_) if place.may_request() => request(place, &step, &route),
        Some(_) => Ok(()),
        None => conclude(place, &step, &route),
    }
}

fn agent<'p>(place: &Place<'p, '_>) -> Result<&'p crate::definition::Agent, Stop> {
    let id = place.spec.agent().unwrap_or_default();
    place
        .compiled
        .agent(id)
        .ok_or_else(|| Stop::Fail(failure(codes::UNKNOWN_AGENT, format!("there is no agent `{id}`"), "")))
}

/// A person's choice at the gate, else the step's own model, else the agent's.
pub(crate) fn route_of(
    run: &atelier_domain::state::Run,
    step: &Step,
    spec: &crate::definition::StepSpec,
) -> Option<Route> {
    let own = step.route.as_ref();
    own.or_else(|| run.routes.get(&route_key(&spec.id))).or_else(|| run.routes.get(spec.agent()?)).cloned()
}

fn route(place: &Place<'_, '_>, step: &Step) -> Result<Route, Stop> {
    let route = place.run().and_then(|run| route_of(run, step, place.spec));
    route.ok_or_else(|| {
        let message = format!("no model was chosen for step {}", place.path);
        Stop::Fail(failure(codes::NO_MODEL, message, "set models.default, or give --model"))
    })
}

fn request(place: &mut Place<'_, '_>, step: &Step, route: &Route) -> Result<(), Stop> {
    within_limits(place, step)?;
    let call = step.results.len() as u32;
    let tries: Vec<&Attempt> = step
        .attempts
        .iter()
        .skip(step.window as usize)
        .filter(|a| a.call == call && a.status == AttemptStatus::Failed)
        .collect();
    let chain = std::iter::once(&route.model).chain(&route.fallback);
    for model in chain {
        let failed: Vec<&Attempt> =
            tries.iter().copied().filter(|a| a.model.as_ref() == Some(model)).collect();
        if exhausted(&failed, place.spec.retry.attempts) {
            continue;
        }
        let delay_ms = delay(place, &failed);
        let refused =
            failed.last().and_then(|a| a.error.as_ref()).filter(|e| e.code == codes::INVALID_OUTPUT);
        let because = refused.map(|error| place.work.put(&error.message.clone()));
        let requested = AttemptRequested {
            path: place.path.to_owned(),
            attempt: place.run().map_or(1, |run| run.next_attempt(place.path)),
            call,
            model: Some(model.clone()),
            level: Some(route.level),
            delay_ms,
            because,
        };
        place.work.emit(Actor::engine(), AttemptEvent::Requested(requested));
        return Ok(());
    }
    Err(Stop::Fail(given_up(&tries)))
}

/// Whether a model has had its chances: what cannot be retried, a second wrong answer, or the limit of tries.
fn exhausted(failed: &[&Attempt], limit: u32) -> bool {
    let code = |a: &Attempt, code: &str| a.error.as_ref().is_some_and(|e| e.code == code);
    let wrong = failed.iter().filter(|a| code(a, codes::INVALID_OUTPUT)).count();
    let adapting = failed.iter().filter(|a| code(a, codes::SCHEMA_REFUSED)).count();
    let final_failure = failed.iter().any(|a| !a.retryable);
    final_failure || wrong >= 2 || adapting >= 3 || failed.len() - wrong - adapting >= limit.max(1) as usize
}

fn delay(place: &Place<'_, '_>, failed: &[&Attempt]) -> u64 {
    let Some(last) = failed.last() else { return 0 };
    let code = last.error.as_ref().map_or("", |e| e.code.as_str());
    if code == codes::INVALID_OUTPUT || code == codes::SCHEMA_REFUSED {
        return 0;
    }
    let doubled = place.spec.retry.backoff_ms.saturating_mul(1 << failed.len().saturating_sub(1).min(16));
    let spread = spread(place, last.number);
    (doubled + doubled * spread / 400).max(last.retry_after_ms).min(MAX_BACKOFF_MS)
}

/// A number below 100 that differs from step to step, so that many runs do not knock at once.
fn spread(place: &Place<'_, '_>, attempt: u32) -> u64 {
    let run = place.run().map(|run| run.id.to_string()).unwrap_or_default();
    let hash = blake3::hash(format!("{run}{}{attempt}", place.path).as_bytes());
    u64::from(hash.as_bytes()[0]) * 100 / 256
}

fn given_up(tries: &[&Attempt]) -> Failure {
    let Some(error) = tries.last().and_then(|a| a.error.clone()) else {
        return failure(codes::NO_MODEL, "there is no model to ask", "set models.default, or give --model");
    };
    match tries.iter().all(|a| a.unreachable) {
        true => Failure { code: codes::NO_MODEL_REACHABLE.into(), ..error },
        false => error,
    }
}

fn within_limits(place: &Place<'_, '_>, step: &Step) -> Result<(), Stop> {
    let limits = place.spec.limits;
    let tokens = step.usage.input_tokens + step.usage.output_tokens;
    let over = match () {
        () if limits.tokens > 0 && tokens >= limits.tokens => format!("{tokens} of {} tokens", limits.tokens),
        () if limits.cost_micros > 0 && step.usage.cost_micros >= limits.cost_micros => {
            format!("{} of {} millionths of a dollar", step.usage.cost_micros, limits.cost_micros)
        }
        () => return Ok(()),
    };
    let message = format!("step {} has used {over}", place.path);
    Err(Stop::Fail(failure(codes::LIMIT_REACHED, message, "raise the step's limits, then resume the run")))
}

fn conclude(place: &mut Place<'_, '_>, step: &Step, route: &Route) -> Result<(), Stop> {
    let agent = agent(place)?;
    let results = step.results.iter().map(|text| place.work.json(text)).collect::<Result<Vec<_>, _>>()?;
    let output = plan::merged(agent.plan(route.profile), &results);
    let problems = place.compiled.check_output(&agent.id, &output);
    if !problems.is_empty() {
        let message = format!("what {} gave is wrong: {}", agent.name, problems.join("; "));
        return Err(Stop::Fail(failure(
            codes::INVALID_OUTPUT,
            message,
            "run the step again, or choose a larger model",
        )));
    }
    let inputs = place.input()?.unwrap_or(Value::Null);
    let findings = saves::findings(place, agent, &output, &inputs)?;
    if let Some(gate) = place.open_gate().map(|gate| gate.id) {
        let text = place.work.put_json(&output);
        let turned = GateTurned { gate, turn: "answer".into(), text };
        place.work.emit(place.actor(), GateEvent::Turned(turned));
        return Ok(());
    }
    let opens = match place.gate_policy() {
        Some(GatePolicy::Always) => true,
        Some(GatePolicy::OnViolation) => !findings.is_empty(),
        Some(GatePolicy::Never) | None => false,
    };
    if opens {
        let model = step.attempts.last().and_then(|a| a.model.clone());
        let prompt = format!("{}: {}", agent.name, agent.role);
        place.ask("output", &prompt, &output, model, findings, &GateAction::ALL);
        return Ok(());
    }
    settle(place, &output, findings)
}

/// Ends the step with an output and keeps what is in it: all of it, or nothing.
pub(crate) fn settle(place: &mut Place<'_, '_>, output: &Value, findings: Vec<String>) -> Result<(), Stop> {
    let agent = agent(place)?;
    let inputs = place.input()?.unwrap_or(Value::Null);
    let mark = place.work.mark();
    let kept =
        place.finish(output, findings).and_then(|()| saves::keep(place, &agent.saves, output, &inputs));
    if kept.is_err() {
        place.work.back_to(mark);
    }
    kept
}
