//! `transform`: a value made of earlier outputs, by expressions and templates alone.

use super::{Form, Setting, StepKind, Stop, setting};
use crate::machine::Place;

pub(super) struct Transform;

impl StepKind for Transform {
    fn name(&self) -> &'static str {
        "transform"
    }

    fn settings(&self) -> &'static [Setting] {
        const { &[setting("value", true, Form::Tree)] }
    }

    fn advance(&self, place: &mut Place<'_, '_>) -> Result<(), Stop> {
        let value = place.fill_setting("value")?;
        place.finish(&value, Vec::new())
    }
}
