//! `gate`: a question to a person about what earlier steps gave.
//!
//! `prompt` is the question, `about` the value decided on, `violations` an expression giving what was found. By the
//! policy `on_violation` the gate opens only where something was found; a policy that does not open it approves.

use atelier_domain::event::gate::GateAction;
use atelier_domain::event::run::GatePolicy;
use serde_json::{Value, json};

use super::{Form, Setting, StepKind, Stop, setting};
use crate::machine::Place;

pub(super) struct Gate;

/// What a person can do at a gate that no agent stands behind: nobody would hear a word or a pin.
const ACTIONS: [GateAction; 5] =
    [GateAction::Approve, GateAction::Edit, GateAction::Paste, GateAction::Skip, GateAction::Reject];

impl StepKind for Gate {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn settings(&self) -> &'static [Setting] {
        const {
            &[
                setting("prompt", true, Form::Template),
                setting("about", false, Form::Tree),
                setting("violations", false, Form::Expression),
            ]
        }
    }

    fn advance(&self, place: &mut Place<'_, '_>) -> Result<(), Stop> {
        if place.open_gate().is_some() {
            return Ok(());
        }
        let about = place.fill_setting("about")?;
        if place.spec.settings.contains_key("about") && place.was_approved() {
            return place.finish(&about, Vec::new());
        }
        let findings = match place.spec.text("violations") {
            Some(expression) => words(&place.eval(expression)?),
            None => Vec::new(),
        };
        let opens = match place.gate_policy().unwrap_or_default() {
            GatePolicy::Always => true,
            GatePolicy::OnViolation => !findings.is_empty(),
            GatePolicy::Never => false,
        };
        let about = if about.is_null() { json!({"approved": true}) } else { about };
        if !opens {
            return place.finish(&about, findings);
        }
        let prompt = place.render_setting("prompt")?;
        place.ask("decision", &prompt, &about, None, findings, &ACTIONS);
        Ok(())
    }
}

fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(words).collect(),
        Value::String(text) if !text.is_empty() => vec![text.clone()],
        Value::Bool(true) => vec!["the check of this gate does not hold".into()],
        _ => Vec::new(),
    }
}
