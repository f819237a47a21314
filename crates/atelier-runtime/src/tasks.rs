//! The task registry: every spawned task has a name, a project, and an answer to cancel and error.
//!
//! **Invariant**: nothing in this process is spawned elsewhere; what runs can be listed and waited for.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use atelier_domain::{ProjectId, Timestamp};
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
        let cancel = self.inner.cancel.clone();
        let task = async move {
            let _entry = entry;
            match on_cancel {
                OnCancel::Finish => work.await,
                OnCancel::Drop => {
                    tokio::select! { () = work => {}, () = cancel.cancelled() => {} }
                }
            }
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

    /// Waits until no task is left.
    pub async fn ended(&self) {
        loop {
            let ended = self.inner.ended.notified();
            if self.running().1.is_empty() {
                return;
            }
            ended.await;
        }
    }

    /// Waits until no task of this name is left, at most so long.
    pub async fn ended_of(&self, name: &str, limit: Duration) {
        let none_left = async {
            loop {
                let ended = self.inner.ended.notified();
                if !self.running().1.values().any(|task| task.name == name) {
                    return;
                }
                ended.await;
            }
        };
        // Past the limit the rest is dropped: what it was doing is asked for again after a restart.
        tokio::time::timeout(limit, none_left).await.ok();
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
