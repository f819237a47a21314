//! A person's decision at a gate: each action has its own effect.

use std::collections::BTreeMap;

use atelier_domain::event::gate::{GateAction, GateDecided, GateEvent, GateTurned};
use atelier_domain::event::run::Route;
use atelier_domain::event::step::{StepEvent, StepFailed, StepSkipped};
use atelier_domain::state::Gate;
use atelier_domain::{Actor, GateId, RunId};
use serde_json::Value;

use super::{advance, done, enter, run};
use crate::codes;
use crate::command::{Cut, Rejection, Reply};
use crate::compiled::Compiled;
use crate::kinds::{self, Stop};
use crate::machine::Place;
use crate::plan;
use crate::scope::{Halt, Scope};
use crate::work::{Work, failure};

pub(super) fn decide(
    work: &mut Work<'_>,
    id: GateId,
    action: GateAction,
    text: Option<&str>,
    route: Option<&Route>,
    cut: &BTreeMap<(String, u32), Cut>,
) -> Result<Reply, Rejection> {
    let (run_id, gate) = find(work, id)?;
    let compiled = enter(work, run_id)?;
    if gate.decided.is_some() {
        return Err(Rejection::refused(
            codes::GATE_DECIDED,
            format!("{id} is decided already"),
            "see `atelier runs show`",
        ));
    }
    if !gate.actions.contains(&action) {
        let offered: Vec<&str> = gate.actions.iter().map(|a| a.word()).collect();
        return Err(Rejection::refused(
            codes::ACTION_NOT_OFFERED,
            format!("{} is not offered at {id}", action.word()),
            &format!("offered are {}", offered.join(", ")),
        ));
    }
    let nobody = work.step(&gate.path).is_none_or(|step| step.agent.is_none());
    if matches!(action, GateAction::Chat | GateAction::Pin) && nobody {
        // Gates of older runs offer it.
        return Err(Rejection::refused(
            codes::NOBODY_HEARS,
            format!("no agent stands behind {id}: nobody would hear it"),
            "approve, edit, paste, skip or reject; `atelier say` reaches the agents of later steps",
        ));
    }
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    if action.needs_text() && text.is_none() {
        return Err(Rejection::invalid(
            codes::MISSING_TEXT,
            format!("{} needs a text", action.word()),
            "give it with --text",
        ));
    }
    if action == GateAction::ChangeModel && route.is_none() {
        return Err(Rejection::invalid(
            codes::MISSING_MODEL,
            "change-model needs a model",
            "give it with --model",
        ));
    }
    if action != GateAction::Pin {
        // A chat may still be under way at this gate; its answer would come to a question that is settled.
        run::interrupt_at(work, &gate.path, cut);
    }
    match action {
        GateAction::Chat | GateAction::Pin => turn(work, id, action, text.unwrap_or_default()),
        GateAction::Edit | GateAction::Paste => {
            let value = as_output(work, &compiled, &gate, text.unwrap_or_default())?;
            close(work, id, action, text, None);
            settle(work, &compiled, &gate, &value)?;
        }
        GateAction::Approve => {
            let value = work.json(&gate.output).map_err(missing)?;
            close(work, id, action, None, None);
            settle(work, &compiled, &gate, &value)?;
        }
        GateAction::Skip => {
            close(work, id, action, text, None);
            let reason = text.unwrap_or("skipped at its gate").to_owned();
            work.emit(Actor::human(), StepEvent::Skipped(StepSkipped { path: gate.path.clone(), reason }));
        }
        GateAction::ChangeModel | GateAction::Retry => close(work, id, action, text, route),
        GateAction::Reject => {
            close(work, id, action, text, None);
            let why =
                text.map_or_else(|| "rejected at its gate".to_owned(), |text| format!("rejected: {text}"));
            let error = failure(codes::REJECTED, why, "`atelier runs resume` opens the step again");
            work.emit(Actor::human(), StepEvent::Failed(StepFailed { path: gate.path.clone(), error }));
        }
    }
    advance(work, &compiled)?;
    done(run_id)
}

fn find(work: &Work<'_>, id: GateId) -> Result<(RunId, Gate), Rejection> {
    let found =
        work.state.runs.values().find_map(|run| run.gates.get(&id).map(|gate| (run.id, gate.clone())));
    found.ok_or_else(|| Rejection::NotFound { what: "gate of an open run", name: id.to_string() })
}

fn turn(work: &mut Work<'_>, gate: GateId, action: GateAction, text: &str) {
    let text = work.put(text);
    let turned = GateTurned { gate, turn: action.word().to_owned(), text };
    work.emit(Actor::human(), GateEvent::Turned(turned));
}

fn close(work: &mut Work<'_>, gate: GateId, action: GateAction, text: Option<&str>, route: Option<&Route>) {
    let text = text.map(|text| work.put(text));
    let decided = GateDecided { gate, action, text, route: route.cloned() };
    let event = work.emit(Actor::human(), GateEvent::Decided(decided));
    work.because_of(event);
}

/// A text as the output of the step that waits: JSON where its agent gives JSON, else the text itself.
fn as_output(work: &Work<'_>, compiled: &Compiled, gate: &Gate, text: &str) -> Result<Value, Rejection> {
    let agent = work.step(&gate.path).and_then(|step| step.agent.clone());
    let Some(agent) = agent.and_then(|id| compiled.agent(&id)) else {
        return Ok(serde_json::from_str(text)
            .map_or_else(|_| Value::String(text.to_owned()), atelier_domain::canonical::without_floats));
    };
    let hint = "give the whole output in the agent's format; `atelier runs show` prints the one that waits";
    let value = crate::answer::read(text, &agent.output)
        .map_err(|why| Rejection::invalid(codes::WRONG_OUTPUT, why, hint))?;
    let problems = compiled.check_output(&agent.id, &value);
    if problems.is_empty() {
        Ok(value)
    } else {
        Err(Rejection::invalid(codes::WRONG_OUTPUT, problems.join("; "), hint))
    }
}

fn settle(work: &mut Work<'_>, compiled: &Compiled, gate: &Gate, value: &Value) -> Result<(), Rejection> {
    let Some(spec) = plan::locate(compiled, &gate.path) else { return Ok(()) };
    let scope = Scope::new(Value::Null);
    let mut place = Place { work, compiled, spec, path: &gate.path, scope: &scope };
    let settled = match spec.agent().filter(|_| spec.kind == "agent") {
        Some(_) => kinds::settle(&mut place, value, gate.findings.clone()),
        None => place.finish(value, gate.findings.clone()),
    };
    match settled {
        Ok(()) => Ok(()),
        Err(Stop::Missing(hash)) => Err(Rejection::Missing(hash)),
        Err(Stop::Fail(error)) => Err(Rejection::invalid(codes::WRONG_OUTPUT, error.message, &error.hint)),
    }
}

fn missing(halt: Halt) -> Rejection {
    match halt {
        Halt::Missing(hash) => Rejection::Missing(hash),
        Halt::Wrong(why) => Rejection::refused(codes::UNREADABLE, why, "run `atelier verify`"),
    }
}
