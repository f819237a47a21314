//! Gates: where a run waits for a person.

use serde::{Deserialize, Serialize};

use super::aggregate::{aggregate, body};
use super::run::{Failure, Route};
use crate::{GateId, Text};

aggregate! {
    /// What happens at a gate. Which run: the envelope's correlation.
    GateEvent {
        /// A person is asked.
        Opened(GateOpened) = "gate.opened",
        /// Something was said at the gate, which stays open.
        Turned(GateTurned) = "gate.turned",
        /// The question is answered.
        Decided(GateDecided) = "gate.decided",
        /// What was to follow the answer failed: the question stands as before, with the reason.
        Reopened(GateReopened) = "gate.reopened",
    }
}

/// What a person may do at a gate.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum GateAction {
    Approve,
    Edit,
    Chat,
    Paste,
    Skip,
    ChangeModel,
    Retry,
    Pin,
    Reject,
}

impl GateAction {
    /// All actions, in the order they are offered.
    pub const ALL: [GateAction; 9] = [
        GateAction::Approve,
        GateAction::Edit,
        GateAction::Chat,
        GateAction::Paste,
        GateAction::Skip,
        GateAction::ChangeModel,
        GateAction::Retry,
        GateAction::Pin,
        GateAction::Reject,
    ];

    /// The word for it in commands and JSON.
    pub fn word(self) -> &'static str {
        match self {
            GateAction::Approve => "approve",
            GateAction::Edit => "edit",
            GateAction::Chat => "chat",
            GateAction::Paste => "paste",
            GateAction::Skip => "skip",
            GateAction::ChangeModel => "change-model",
            GateAction::Retry => "retry",
            GateAction::Pin => "pin",
            GateAction::Reject => "reject",
        }
    }

    /// Whether the action is nothing without a text.
    pub fn needs_text(self) -> bool {
        matches!(self, GateAction::Edit | GateAction::Chat | GateAction::Paste | GateAction::Pin)
    }
}

body! {
    /// The question stands again, or still.
    GateReopened {
        /// The gate.
        gate: GateId,
        /// Why the agent could not do what it was asked at the gate.
        error: Failure,
    }
    /// A person is asked.
    GateOpened {
        /// The gate.
        gate: GateId,
        /// The step that waits.
        path: String,
        /// What is shown: `output`, `decision`.
        kind: String,
        /// The question, or the prompt that led here.
        prompt: Text,
        /// What is to be decided on, as canonical JSON.
        output: Text,
        /// The model that made it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
        /// What was found that a person should see.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        findings: Vec<String>,
        /// What a person may do here.
        actions: Vec<GateAction>,
    }
    /// Something was said or pinned at a gate, which stays open.
    GateTurned {
        /// The gate.
        gate: GateId,
        /// `chat` or `pin` by a person, `answer` by the agent.
        turn: String,
        /// The text.
        text: Text,
    }
    /// The question is answered.
    GateDecided {
        /// The gate.
        gate: GateId,
        /// How.
        action: GateAction,
        /// The text that came with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Text>,
        /// The model chosen instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        route: Option<Route>,
    }
}
