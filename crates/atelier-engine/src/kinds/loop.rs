//! `loop`: repeats a sub-flow until `until` holds after a round, at most `max` rounds.
//!
//! Inside, `round` counts from 1 and `last` is what the round before gave (null in the first). The output is that of
//! the last step of the last round.

use serde_json::{Value, json};

use super::{Form, Setting, StepKind, Stop, setting};
use crate::machine::{FlowStatus, Place};

pub(super) struct Loop;

impl StepKind for Loop {
    fn name(&self) -> &'static str {
        "loop"
    }

    fn settings(&self) -> &'static [Setting] {
        const { &[setting("until", true, Form::Expression), setting("max", true, Form::Integer)] }
    }

    fn arms(&self) -> &'static [&'static str] {
        &["steps"]
    }

    fn advance(&self, place: &mut Place<'_, '_>) -> Result<(), Stop> {
        let Some(steps) = place.spec.arms.get("steps") else { return Ok(()) };
        let max = place.spec.settings.get("max").and_then(Value::as_u64).unwrap_or(1).max(1) as usize;
        if place.rounds() == 0 && !place.iterate(0) {
            return Ok(());
        }
        let round = place.rounds() - 1;
        let last = match round.checked_sub(1) {
            Some(before) => place.last_output(&format!("{}[{before}]/", place.path), steps)?,
            None => Value::Null,
        };
        let prefix = format!("{}[{round}]/", place.path);
        let scope = place.scope.with("round", json!(round + 1)).with("last", last);
        match place.flow(&scope, &prefix, steps)? {
            FlowStatus::Active => Ok(()),
            FlowStatus::Failed(failure) => Err(Stop::Fail(failure)),
            FlowStatus::Settled => {
                let until = place.spec.text("until").unwrap_or("true");
                let inner = scope.enter(&prefix, steps);
                if round + 1 >= max || inner.holds(place.work, place.compiled, until)? {
                    let output = place.last_output(&prefix, steps)?;
                    return place.finish(&output, Vec::new());
                }
                place.iterate(round as u32 + 1);
                Ok(())
            }
        }
    }
}
