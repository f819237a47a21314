//! `call`: another workflow, with its own inputs and steps. Its output is that workflow's outputs.

use serde_json::Value;

use super::{Form, Prepared, Setting, StepKind, Stop, setting};
use crate::codes;
use crate::machine::{FlowStatus, Place};
use crate::plan;
use crate::scope::Scope;
use crate::work::failure;

pub(super) struct Call;

impl StepKind for Call {
    fn name(&self) -> &'static str {
        "call"
    }

    fn settings(&self) -> &'static [Setting] {
        const { &[setting("workflow", true, Form::Workflow), setting("with", false, Form::Tree)] }
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn prepare(&self, place: &mut Place<'_, '_>) -> Result<Prepared, Stop> {
        let given = place.fill_setting("with")?;
        let Some(workflow) = place.compiled.workflow(place.spec.text("workflow").unwrap_or_default()) else {
            return Err(Stop::Fail(failure(
                codes::UNKNOWN_WORKFLOW,
                format!("step {} calls no known workflow", place.path),
                "",
            )));
        };
        let inputs = plan::inputs(&workflow.inputs, given).map_err(|why| {
            Stop::Fail(failure(
                codes::BAD_INPUT,
                format!("step {}: {why}", place.path),
                "correct `with` in the workflow file",
            ))
        })?;
        Ok(Prepared { input: Some(place.work.put_json(&inputs)), arm: Some(workflow.id.clone()) })
    }

    fn advance(&self, place: &mut Place<'_, '_>) -> Result<(), Stop> {
        let compiled = place.compiled;
        let Some(workflow) = compiled.workflow(place.spec.text("workflow").unwrap_or_default()) else {
            return Ok(());
        };
        let scope = Scope::new(place.input()?.unwrap_or(Value::Null));
        let prefix = format!("{}/", place.path);
        match place.flow(&scope, &prefix, &workflow.steps)? {
            FlowStatus::Active => Ok(()),
            FlowStatus::Failed(failure) => Err(Stop::Fail(failure)),
            FlowStatus::Settled => {
                let outputs =
                    plan::outputs(place.work, compiled, &scope.enter(&prefix, &workflow.steps), workflow)?;
                place.finish(&outputs, Vec::new())
            }
        }
    }
}
