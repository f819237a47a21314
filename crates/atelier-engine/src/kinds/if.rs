//! `if`: one way or the other, on an expression. Its output is that of the last step of the arm taken.

use serde_json::Value;

use super::{Form, Prepared, Setting, StepKind, Stop, setting};
use crate::machine::{FlowStatus, Place};

pub(super) struct If;

impl StepKind for If {
    fn name(&self) -> &'static str {
        "if"
    }

    fn settings(&self) -> &'static [Setting] {
        const { &[setting("if", true, Form::Expression)] }
    }

    fn arms(&self) -> &'static [&'static str] {
        &["then", "else"]
    }

    fn prepare(&self, place: &mut Place<'_, '_>) -> Result<Prepared, Stop> {
        let holds = place.holds_setting("if")?;
        Ok(Prepared { input: None, arm: Some(if holds { "then" } else { "else" }.into()) })
    }

    fn advance(&self, place: &mut Place<'_, '_>) -> Result<(), Stop> {
        let arm = place.step().and_then(|step| step.arm.clone()).unwrap_or_else(|| "else".into());
        let Some(steps) = place.spec.arms.get(&arm) else { return place.finish(&Value::Null, Vec::new()) };
        let prefix = format!("{}/", place.path);
        let scope = place.scope.clone();
        match place.flow(&scope, &prefix, steps)? {
            FlowStatus::Settled => {
                let output = place.last_output(&prefix, steps)?;
                place.finish(&output, Vec::new())
            }
            FlowStatus::Failed(failure) => Err(Stop::Fail(failure)),
            FlowStatus::Active => Ok(()),
        }
    }
}
