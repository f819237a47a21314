//! Attempts: each try to get something from the world. Identity: run, step path with iteration, attempt, call.

use super::aggregate::{aggregate, body};
use super::run::{Failure, Level};
use crate::Text;
use crate::state::Usage;

aggregate! {
    /// What happens to an attempt. Which run: the envelope's correlation.
    AttemptEvent {
        /// The world is asked; without a result in the log it is asked again after a crash.
        Requested(AttemptRequested) = "attempt.requested",
        /// A usable result is here.
        Finished(AttemptFinished) = "attempt.finished",
        /// No usable result came.
        Failed(AttemptFailed) = "attempt.failed",
        /// The process ended, or a person stopped it, while the world was being asked.
        Interrupted(AttemptInterrupted) = "attempt.interrupted",
    }
}

body! {
    /// The world is asked.
    AttemptRequested {
        /// The step.
        path: String,
        /// From 1, rising with each attempt at this path, also when the step is dropped and begins anew.
        attempt: u32,
        /// Which of the agent's calls, from 0.
        #[serde(default, skip_serializing_if = "is_zero")]
        call: u32,
        /// The model asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
        /// The level that chose it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<Level>,
        /// Wait so long before asking.
        #[serde(default, skip_serializing_if = "is_zero64")]
        delay_ms: u64,
        /// Why the answer before was refused; the model is told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Text>,
    }
    /// A usable result is here.
    AttemptFinished {
        /// The step.
        path: String,
        /// Which attempt.
        attempt: u32,
        /// The result, as canonical JSON.
        output: Text,
        /// What it cost.
        #[serde(default)]
        usage: Usage,
    }
    /// No usable result came.
    AttemptFailed {
        /// The step.
        path: String,
        /// Which attempt.
        attempt: u32,
        /// Why.
        error: Failure,
        /// Whether asking again can help.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        retryable: bool,
        /// Whether no server could be reached at all.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unreachable: bool,
        /// How long the other side asked us to wait.
        #[serde(default, skip_serializing_if = "is_zero64")]
        retry_after_ms: u64,
        /// What it cost all the same.
        #[serde(default)]
        usage: Usage,
    }
    /// The call was cut; whether the other side finished it is not known.
    AttemptInterrupted {
        /// The step.
        path: String,
        /// Which attempt.
        attempt: u32,
        /// What it may have cost.
        #[serde(default)]
        estimate: Usage,
    }
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

fn is_zero64(n: &u64) -> bool {
    *n == 0
}
