//! Feedback that is still to be heard.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::message::{MessageSent, Priority};
use crate::{EventId, RunId, Text};

/// A person's word to the agents, fresh once for each agent it concerns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feedback {
    /// The event it was said in; receipts name it.
    pub event: EventId,
    /// Its number among the messages.
    pub n: u64,
    /// The agent it is for; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The run it is for; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// The step it is for, by path; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// How urgent it is.
    pub priority: Priority,
    /// What was said.
    pub text: Text,
    /// The agents that have read it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub heard_by: BTreeSet<String>,
}

impl Feedback {
    pub(super) fn new(event: EventId, sent: &MessageSent) -> Self {
        Self {
            event,
            n: sent.n,
            to: sent.to.clone(),
            run: sent.run,
            step: sent.step.clone(),
            priority: sent.priority,
            text: sent.text.clone(),
            heard_by: BTreeSet::new(),
        }
    }

    /// Whether an agent at work in a step of a run has still to hear it.
    pub fn concerns(&self, agent: &str, run: RunId, path: &str) -> bool {
        self.to.as_deref().is_none_or(|to| to == agent)
            && self.run.is_none_or(|id| id == run)
            && self.step.as_deref().is_none_or(|step| step == path)
            && !self.heard_by.contains(agent)
    }
}
