//! `tool`: one named tool. The tools of this crate keep things: buckets, rules, artifacts.

use super::{Form, Setting, StepKind, Stop, setting};
use crate::machine::Place;
use crate::tools;

pub(super) struct Tool;

impl StepKind for Tool {
    fn name(&self) -> &'static str {
        "tool"
    }

    fn settings(&self) -> &'static [Setting] {
        const { &[setting("tool", true, Form::Tool), setting("with", false, Form::Tree)] }
    }

    fn advance(&self, place: &mut Place<'_, '_>) -> Result<(), Stop> {
        let with = place.fill_setting("with")?;
        let mark = place.work.mark();
        let used = tools::apply(place, &with).and_then(|output| place.finish(&output, Vec::new()));
        if used.is_err() {
            place.work.back_to(mark);
        }
        used
    }
}
