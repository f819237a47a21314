//! `join`: waits for parallel paths and gives all their outputs, by step id.

use serde_json::{Map, Value};

use super::{Setting, StepKind, Stop};
use crate::machine::Place;

pub(super) struct Join;

impl StepKind for Join {
    fn name(&self) -> &'static str {
        "join"
    }

    fn settings(&self) -> &'static [Setting] {
        &[]
    }

    fn advance(&self, place: &mut Place<'_, '_>) -> Result<(), Stop> {
        let mut outputs = Map::new();
        for id in place.spec.needs.iter().flatten() {
            outputs.insert(id.clone(), place.eval(&format!("steps.{id}.output"))?);
        }
        place.finish(&Value::Object(outputs), Vec::new())
    }
}
