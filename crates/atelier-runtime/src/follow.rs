//! Watching a project: its events as they become durable, and what passes in between.
//!
//! Owns: the words a watcher is sent, and catching up from the log. Does not own: the log.
//!
//! **Invariant**: every watcher gets every event after its number once and in order, however slow it is.

use atelier_domain::{Envelope, RunId};
use atelier_store::Query;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use crate::actor::blocking;
use crate::project::Project;
use crate::tasks::{OnCancel, Tasks};

/// Updates a watcher may leave unread before it is caught up from the log.
const UNREAD: usize = 1_024;
/// Events read from the log at a time.
const AT_ONCE: usize = 1_000;

/// What a watcher is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Update {
    /// Something happened and is durable.
    Event(Box<Envelope>),
    /// Something passes; it is never stored.
    Notice(Notice),
    /// The watcher was too slow: read the log from the last event on.
    Resync,
}

/// A passing signal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Notice {
    /// A model call began: its prompt is on its way.
    Calling { run: RunId, path: String, attempt: u32, agent: String, model: String },
    /// More of an answer, from this byte of it on.
    Delta { run: RunId, path: String, attempt: u32, at: u64, text: String },
    /// The call is over; its result is an event.
    Ended { run: RunId, path: String, attempt: u32 },
    /// A file of the project that was edited by hand is kept as a copy beside the new one.
    SetAside { path: String, copy: String },
    /// A file of the project could not be written; the others were.
    NotWritten { path: String, what: String },
}

/// Watches a project from an event on; the stream ends when the project is closed.
pub(crate) fn watch(tasks: &Tasks, project: Project, since: Option<u64>) -> mpsc::Receiver<Update> {
    let updates = project.updates();
    let reached = since.unwrap_or_else(|| project.state().seq);
    let (sender, receiver) = mpsc::channel(UNREAD);
    let id = Some(project.id);
    let watcher = Watcher { project, sender, reached };
    tasks.spawn("watcher", id, OnCancel::Drop, async move {
        // Whoever watches has gone, or the project has: either way there is nothing more to tell.
        watcher.watch(updates).await;
    });
    receiver
}

struct Watcher {
    project: Project,
    sender: mpsc::Sender<Update>,
    reached: u64,
}

impl Watcher {
    async fn watch(mut self, mut updates: tokio::sync::broadcast::Receiver<Update>) -> Option<()> {
        let mut states = self.project.watch();
        self.catch_up().await?;
        loop {
            let update = tokio::select! {
                biased;
                () = self.sender.closed() => return None,
                update = updates.recv() => update,
                over = states.changed() => match over {
                    Ok(()) => continue,
                    // The last events may still be on their way here.
                    Err(_) => return self.catch_up().await,
                },
            };
            match update {
                Ok(Update::Event(event)) if event.seq <= self.reached => {}
                Ok(update) => self.send(update).await?,
                Err(RecvError::Lagged(_)) => self.catch_up().await?,
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Sends what the log has beyond what was sent.
    async fn catch_up(&mut self) -> Option<()> {
        loop {
            let (log, after) = (self.project.log.clone(), self.reached);
            let page = move || Ok(log.read(Query { after, limit: Some(AT_ONCE), ..Query::default() })?);
            let events = match blocking(page).await {
                Ok(events) => events,
                Err(error) => {
                    tracing::warn!(project = %self.project.id, %error, "a watcher is let go: the log cannot be read");
                    return None;
                }
            };
            let n = events.len();
            for event in events {
                self.send(Update::Event(Box::new(event))).await?;
            }
            if n < AT_ONCE {
                return Some(());
            }
        }
    }

    async fn send(&mut self, update: Update) -> Option<()> {
        if let Update::Event(event) = &update {
            self.reached = event.seq;
        }
        self.sender.send(update).await.ok()
    }
}
