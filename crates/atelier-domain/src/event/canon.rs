//! Canon rules: what must hold in the story.

use serde::{Deserialize, Serialize};

use super::aggregate::{aggregate, body};
use super::bucket::Source;
use crate::RuleId;

aggregate! {
    /// What happens to a canon rule.
    CanonEvent {
        /// An agent or a person proposed it.
        RuleProposed(RuleProposed) = "canon.rule_proposed",
        /// It holds from now on.
        RuleAccepted(RuleAccepted) = "canon.rule_accepted",
        /// It holds no longer.
        RuleRetired(RuleRetired) = "canon.rule_retired",
    }
}

/// Who decides whether a text keeps a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// An agent decides, with quoted evidence.
    #[default]
    Judged,
}

body! {
    /// A rule was proposed.
    RuleProposed {
        /// Its id.
        rule: RuleId,
        /// What must hold, in words.
        text: String,
        /// Who decides whether a text keeps it.
        #[serde(default)]
        kind: RuleKind,
        /// How sure its source is, in thousandths.
        confidence_milli: u16,
        /// The run that proposed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<Source>,
    }
    /// A rule holds from now on.
    RuleAccepted {
        /// Which one.
        rule: RuleId,
    }
    /// A rule holds no longer.
    RuleRetired {
        /// Which one.
        rule: RuleId,
    }
}
