//! Feedback that is still to be heard.

use std::collections::BTreeMap;

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
    /// The agents that have read it, each with the run and step it was at work in.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub heard_by: BTreeMap<String, String>,
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
            heard_by: BTreeMap::new(),
        }
    }

    /// Whether it belongs into the next call of an agent at work in a step of a run: until the agent has heard it, and
    /// then for as long as that same step has further calls.
    pub fn concerns(&self, agent: &str, run: RunId, path: &str) -> bool {
        self.to.as_deref().is_none_or(|to| to == agent)
            && self.run.is_none_or(|id| id == run)
            && self.step.as_deref().is_none_or(|step| step == path)
            && self.heard_by.get(agent).is_none_or(|at| *at == place(run, path))
    }
}

/// A step of a run, in one text.
pub(super) fn place(run: RunId, path: &str) -> String {
    format!("{run}/{path}")
}
