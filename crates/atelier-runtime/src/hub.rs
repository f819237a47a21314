//! What happens anywhere in the studio, for whoever passes it on to many.
//!
//! Owns: one line of updates over all projects. Does not own: catching up (the log does that), a single project's
//! watchers ([`crate::follow`]).
//!
//! **Invariant**: nothing is kept for somebody who does not listen, and a listener that is too slow is told so.

use std::sync::Arc;

use atelier_domain::{ProjectId, RunId};
use serde::Serialize;
use tokio::sync::broadcast;

use crate::follow::Update;

/// What a listener may be behind.
const BEHIND: usize = 4_096;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Happening {
    /// In a project.
    In(ProjectId, Update),
    /// To the studio itself.
    Studio(Change),
}

/// A change of what the studio is made of.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Change {
    ProjectCreated {
        project: ProjectId,
        name: String,
    },
    ProjectRenamed {
        project: ProjectId,
        name: String,
    },
    ProjectDeleted {
        project: ProjectId,
        purged: bool,
    },
    ProjectRestored {
        project: ProjectId,
        name: String,
    },
    ProjectReset {
        project: ProjectId,
        epoch: u64,
    },
    SettingChanged {
        key: String,
    },
    /// Nothing new is started until `started`.
    Stopped {
        project: Option<ProjectId>,
    },
    Started {},
}

/// A call under way, with what has arrived of its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct InFlight {
    pub run: RunId,
    pub path: String,
    pub attempt: u32,
    pub agent: String,
    pub model: String,
    pub text: String,
}

/// The line. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Hub {
    line: broadcast::Sender<Arc<Happening>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { line: broadcast::channel(BEHIND).0 }
    }
}

impl Hub {
    pub(crate) fn listen(&self) -> broadcast::Receiver<Arc<Happening>> {
        self.line.subscribe()
    }

    pub(crate) fn is_heard(&self) -> bool {
        self.line.receiver_count() > 0
    }

    pub(crate) fn tell(&self, happening: Happening) {
        if self.is_heard() {
            // The last listener may just have gone.
            self.line.send(Arc::new(happening)).ok();
        }
    }

    pub(crate) fn change(&self, change: Change) {
        self.tell(Happening::Studio(change));
    }
}
