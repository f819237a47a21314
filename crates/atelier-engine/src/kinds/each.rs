//! `each`: a sub-flow for every item of a list, `parallel` at a time (1 where not given).
//!
//! Inside, `item` is the item (or the name given by `as`) and `index` its number from 0. The output is the list of
//! what the last step gave, or of `collect`, in the order of the items.

use serde_json::{Value, json};

use super::{Form, Prepared, Setting, StepKind, Stop, setting};
use crate::codes;
use crate::machine::{FlowStatus, Place};
use crate::work::failure;

pub(super) struct Each;

impl StepKind for Each {
    fn name(&self) -> &'static str {
        "each"
    }

    fn settings(&self) -> &'static [Setting] {
        const {
            &[
                setting("each", true, Form::Expression),
                setting("as", false, Form::Words),
                setting("parallel", false, Form::Integer),
                setting("collect", false, Form::Expression),
            ]
        }
    }

    fn arms(&self) -> &'static [&'static str] {
        &["steps"]
    }

    fn prepare(&self, place: &mut Place<'_, '_>) -> Result<Prepared, Stop> {
        let items = place.eval_setting("each")?;
        if !items.is_array() {
            let message = format!("`each` of step {} gave {items}, which is no list", place.path);
            return Err(Stop::Fail(failure(codes::NOT_A_LIST, message, "let `each` name a list")));
        }
        Ok(Prepared { input: Some(place.work.put_json(&items)), arm: None })
    }

    fn advance(&self, place: &mut Place<'_, '_>) -> Result<(), Stop> {
        let (Some(items), Some(steps)) = (place.input()?, place.spec.arms.get("steps")) else {
            return Ok(());
        };
        let items = items.as_array().cloned().unwrap_or_default();
        let parallel =
            place.spec.settings.get("parallel").and_then(Value::as_u64).unwrap_or(1).max(1) as usize;
        let name = place.spec.text("as").unwrap_or("item").to_owned();
        let (mut outputs, mut active, mut failed, mut round) = (Vec::new(), 0, None, 0);
        while round < items.len() {
            let full = active >= parallel || failed.is_some();
            if round >= place.rounds() && (full || !place.iterate(round as u32)) {
                break;
            }
            let prefix = format!("{}[{round}]/", place.path);
            let scope = place.scope.with(&name, items[round].clone()).with("index", json!(round));
            match place.flow(&scope, &prefix, steps)? {
                FlowStatus::Settled => outputs.push(self.collect(place, &scope, &prefix)?),
                FlowStatus::Active => active += 1,
                FlowStatus::Failed(failure) => failed = failed.or(Some(failure)),
            }
            round += 1;
        }
        match failed {
            Some(failure) if active == 0 => Err(Stop::Fail(failure)),
            None if outputs.len() == items.len() => place.finish(&Value::Array(outputs), Vec::new()),
            _ => Ok(()),
        }
    }
}

impl Each {
    fn collect(
        &self,
        place: &mut Place<'_, '_>,
        scope: &crate::scope::Scope<'_>,
        prefix: &str,
    ) -> Result<Value, Stop> {
        let steps = place.spec.arms.get("steps").map(Vec::as_slice).unwrap_or_default();
        match place.spec.text("collect") {
            Some(expression) => {
                Ok(scope.enter(prefix, steps).eval(place.work, place.compiled, expression)?)
            }
            None => place.last_output(prefix, steps),
        }
    }
}
