//! The task registry: every spawned task has a name, a project, and an answer to cancel and error.
//!
//! **Invariant**: nothing in this process is spawned elsewhere; what runs can be listed and waited for.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use atelier_domain::{ProjectId, Timestamp};
use futures::FutureExt;
use serde::Serialize;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock;

/// Where tasks are started and counted. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    running: Mutex<(u64, BTreeMap<u64, TaskInfo>)>,
    ended: Notify,
    cancel: CancellationToken,
    abandon: CancellationToken,
}

/// What is told of a task.
#[derive(Debug, Clone, Serialize)]
pub struct TaskInfo {
    /// What it does.
    pub name: String,
    /// For which project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectId>,
    /// What it does when the studio shuts down.
    pub on_cancel: OnCancel,
    /// Since when.
    pub started_at: Timestamp,
}

/// What a task does when the studio shuts down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCancel {
    /// It is dropped where it stands; what it was doing is asked for again after a restart.
    Drop,
    /// It is waited for: it ends by itself once its inputs end.
    Finish,
}

impl Tasks {
    /// Starts a task. Its errors are its own: it reports them to the project it works for.
    pub fn spawn(
        &self,
        name: impl Into<String>,
        project: Option<ProjectId>,
        on_cancel: OnCancel,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let info = TaskInfo { name: name.into(), project, on_cancel, started_at: clock::now() };
        let id = {
            let mut running = self.running();
            running.0 += 1;
            let id = running.0;
            running.1.insert(id, info);
            id
        };
        let entry = Entry { tasks: self.clone(), id };
        let stop = match on_cancel {
            OnCancel::Finish => self.inner.abandon.clone(),
            OnCancel::Drop => self.inner.cancel.clone(),
        };
        let task = async move {
            let work = std::panic::AssertUnwindSafe(work).catch_unwind();
            let ended = tokio::select! { ended = work => ended, () = stop.cancelled() => Ok(()) };
            if ended.is_err() {
                let task = entry.tasks.running().1.get(&id).map(|task| task.name.clone());
                tracing::error!(task, "a task broke off; please report this");
            }
            drop(entry);
        };
        #[expect(clippy::disallowed_methods, reason = "this is where tasks are spawned")]
        tokio::spawn(task);
    }

    /// The tasks at work.
    pub fn list(&self) -> Vec<TaskInfo> {
        self.running().1.values().cloned().collect()
    }

    /// Drops the tasks that may be dropped.
    pub fn cancel(&self) {
        self.inner.cancel.cancel();
    }

    /// Drops all tasks where they stand, as the end of the process would.
    pub fn abandon(&self) {
        self.inner.cancel.cancel();
        self.inner.abandon.cancel();
    }

    /// Waits until none of the tasks is left that are meant, at most so long; whether none is.
    pub async fn ended_where(&self, meant: impl Fn(&TaskInfo) -> bool, limit: Duration) -> bool {
        let none_left = async {
            loop {
                let ended = self.inner.ended.notified();
                if !self.running().1.values().any(&meant) {
                    return;
                }
                ended.await;
            }
        };
        tokio::time::timeout(limit, none_left).await.is_ok()
    }

    fn running(&self) -> std::sync::MutexGuard<'_, (u64, BTreeMap<u64, TaskInfo>)> {
        self.inner.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the task off the list, however it ends.
struct Entry {
    tasks: Tasks,
    id: u64,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.tasks.running().1.remove(&self.id);
        self.tasks.inner.ended.notify_waiters();
    }
}
