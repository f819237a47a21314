//! `context`: gathers context under a token budget and gives it as text, with the account of every candidate.
//!
//! Tokens are counted outside, by the model's own tokenizer, so the gathering is an attempt like a model call.

use super::{Form, Setting, StepKind, Stop, setting};
use crate::machine::Place;

pub(super) struct Context;

impl StepKind for Context {
    fn name(&self) -> &'static str {
        "context"
    }

    fn settings(&self) -> &'static [Setting] {
        const {
            &[
                setting("agent", true, Form::Agent),
                setting("sources", false, Form::Words),
                setting("budget", true, Form::Integer),
            ]
        }
    }

    fn gathers(&self) -> bool {
        true
    }

    fn advance(&self, place: &mut Place<'_, '_>) -> Result<(), Stop> {
        let Some(step) = place.step() else { return Ok(()) };
        if let Some(result) = step.results.last().cloned() {
            let value = place.work.json(&result)?;
            return place.finish(&value, Vec::new());
        }
        place.gather();
        Ok(())
    }
}
