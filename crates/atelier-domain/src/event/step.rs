//! Steps: the units of a run, named by their path with iterations.

use super::aggregate::{aggregate, body};
use super::run::Failure;
use crate::{StepId, Text};

aggregate! {
    /// What happens to a step. Which run: the envelope's correlation.
    StepEvent {
        /// It began.
        Started(StepStarted) = "step.started",
        /// Its sub-flow began another round.
        Iterated(StepIterated) = "step.iterated",
        /// It is done.
        Finished(StepFinished) = "step.finished",
        /// It was passed over.
        Skipped(StepSkipped) = "step.skipped",
        /// It failed.
        Failed(StepFailed) = "step.failed",
    }
}

body! {
    /// A step began.
    StepStarted {
        /// Its id.
        step: StepId,
        /// Its place in the run, such as `chapters[2]/write`.
        path: String,
        /// Its kind, such as `agent`.
        kind: String,
        /// The agent that works in it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
        /// What a sub-flow is repeated for, as a JSON list, or what the step was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<Text>,
        /// The arm or workflow taken, for kinds that choose one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        arm: Option<String>,
        /// Whether it is the one step that a paused run was allowed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        stepped: bool,
    }
    /// A sub-flow began another round.
    StepIterated {
        /// The step that repeats.
        path: String,
        /// The round, from 0.
        iteration: u32,
    }
    /// A step is done.
    StepFinished {
        /// Which one.
        path: String,
        /// What it gives to later steps, as canonical JSON.
        output: Text,
        /// What is well-formed in it but makes no sense.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        findings: Vec<String>,
    }
    /// A step was passed over; its output is null.
    StepSkipped {
        /// Which one.
        path: String,
        /// Why, in words.
        reason: String,
    }
    /// A step failed.
    StepFailed {
        /// Which one.
        path: String,
        /// Why.
        error: Failure,
    }
}
