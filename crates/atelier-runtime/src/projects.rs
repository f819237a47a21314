//! The open projects: one place for each, opened by the first request, put to sleep when nobody needs them.
//!
//! Owns: who is open, opening, sleeping, the order in which a project ends. Does not own: the list of all projects
//! (the store) and what a project does ([`crate::actor`]).
//!
//! **Invariant**: a project has one actor at most; opening one never makes another wait.
//! **Invariant**: a project sleeps only when nobody holds a handle of it, so a request meets it awake or opens it anew.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use atelier_domain::{FOLD_VERSION, ProjectId, RunId};
use atelier_models::Gateway;
use atelier_store::{Query, Store};
use tokio::sync::{Notify, OwnedMutexGuard};
use tokio::time::Instant;

use crate::actor::{self, blocking};
use crate::codes;
use crate::config::Config;
use crate::hub::Hub;
use crate::project::{Driven, Project};
use crate::tasks::Tasks;
use crate::{Failure, load, mirror};

/// How long cut calls may take to give their receipts.
const LAST_RECEIPTS: Duration = Duration::from_secs(3);
/// How long files may take to be brought up to date at the end.
const LAST_FILES: Duration = Duration::from_secs(10);

/// The open projects of a studio.
pub(crate) struct Projects {
    places: Mutex<BTreeMap<ProjectId, Arc<Place>>>,
    closing: AtomicBool,
    opened: Notify,
    store: Arc<dyn Store>,
    gateway: Gateway,
    tasks: Tasks,
    config: Arc<Mutex<Config>>,
    hub: Hub,
    data: PathBuf,
}

/// Where a project is while it is open.
struct Place {
    /// Held while it is opened or ended.
    door: Arc<tokio::sync::Mutex<()>>,
    awake: Mutex<Option<Project>>,
    driven: Driven,
    used_at: Mutex<Instant>,
}

/// A project that is closed, and stays so as long as this is held.
pub(crate) struct Closed {
    _door: OwnedMutexGuard<()>,
}

impl Projects {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        gateway: Gateway,
        tasks: Tasks,
        config: Arc<Mutex<Config>>,
        hub: Hub,
        data: PathBuf,
    ) -> Self {
        let (places, closing, opened) = Default::default();
        Self { places, closing, opened, store, gateway, tasks, config, hub, data }
    }

    /// The folder of a project.
    pub(crate) fn folder(&self, id: ProjectId) -> PathBuf {
        self.data.join("projects").join(id.to_string())
    }

    /// The project, opened where it is not.
    pub(crate) async fn get(&self, id: ProjectId) -> Result<Project, Failure> {
        let (place, _door) = self.enter(id).await;
        *lock(&place.used_at) = Instant::now();
        let unfit = {
            let mut awake = lock(&place.awake);
            match &*awake {
                // What made it read-only may be over; as long as others hold it, it stays as they know it.
                Some(project) if !project.is_over() && (project.is_healthy() || !project.is_unused()) => {
                    return Ok(project.clone());
                }
                _ => awake.take(),
            }
        };
        if let Some(unfit) = unfit {
            lock(&place.driven).clear();
            self.end(unfit).await;
        }
        let opened = self.open(id, &place).await;
        match &opened {
            Ok(project) => *lock(&place.awake) = Some(project.clone()),
            Err(_) => self.forget(id),
        }
        opened
    }

    /// Those that are awake now.
    pub(crate) fn awake(&self) -> Vec<Project> {
        lock(&self.places).values().filter_map(|place| lock(&place.awake).clone()).collect()
    }

    pub(crate) fn is_awake(&self, id: ProjectId) -> bool {
        lock(&self.places).get(&id).is_some_and(|place| lock(&place.awake).is_some())
    }

    /// The runs of a project whose calls this process makes, also while the project sleeps.
    pub(crate) fn driven(&self, id: ProjectId) -> Vec<RunId> {
        let place = lock(&self.places).get(&id).cloned();
        place.map(|place| lock(&place.driven).iter().copied().collect()).unwrap_or_default()
    }

    /// Ends a project in order; nobody opens it again before the answer is dropped.
    pub(crate) async fn close(&self, id: ProjectId) -> Closed {
        let (place, door) = self.enter(id).await;
        let awake = lock(&place.awake).take();
        if let Some(project) = awake {
            lock(&place.driven).clear();
            self.end(project).await;
        }
        Closed { _door: door }
    }

    /// Ends all; nothing is opened any more.
    pub(crate) async fn close_all(&self) {
        self.closing.store(true, Ordering::SeqCst);
        let places: Vec<_> = std::mem::take(&mut *lock(&self.places)).into_values().collect();
        let mut open = Vec::new();
        for place in places {
            let _door = place.door.lock().await;
            open.extend(lock(&place.awake).take());
        }
        // All calls are cut before any is waited for.
        for project in &open {
            project.cut().await;
        }
        futures::future::join_all(open.into_iter().map(|project| self.end(project))).await;
    }

    /// Puts to sleep whoever was not needed for so long. Runs until it is dropped.
    pub(crate) async fn tire(self: Arc<Self>, idle: Duration) {
        loop {
            let opened = self.opened.notified();
            if lock(&self.places).is_empty() {
                opened.await;
            }
            tokio::time::sleep((idle / 5).max(Duration::from_millis(1))).await;
            let places: Vec<_> = lock(&self.places).iter().map(|(id, place)| (*id, place.clone())).collect();
            for (id, place) in places {
                if lock(&place.used_at).elapsed() >= idle {
                    self.put_to_sleep(id, &place).await;
                }
            }
        }
    }

    /// Puts all to sleep that nobody needs; how many that were.
    pub(crate) async fn sleep_all(&self) -> usize {
        let places: Vec<_> = lock(&self.places).iter().map(|(id, place)| (*id, place.clone())).collect();
        let mut n = 0;
        for (id, place) in places {
            self.put_to_sleep(id, &place).await;
            n += usize::from(lock(&place.awake).is_none());
        }
        n
    }

    /// Whoever asks for it meanwhile waits for the place, and opens it anew.
    async fn put_to_sleep(&self, id: ProjectId, place: &Arc<Place>) {
        let Ok(_door) = place.door.try_lock() else { return };
        let tired = lock(&place.awake).take_if(|project| project.is_unused() && project.at_work() == 0);
        let Some(project) = tired else { return };
        if !project.sleep().await {
            *lock(&place.awake) = Some(project);
            return;
        }
        let state = project.state();
        if project.is_healthy() && state.seq > 0 {
            let (log, state) = (project.log.clone(), state.clone());
            let kept = blocking(move || match log.snapshot_latest(state.seq, FOLD_VERSION)? {
                Some((seq, _)) if seq == state.seq => Ok(()),
                _ => Ok(log.snapshot_put(state.seq, FOLD_VERSION, &load::snapshot(&state)?)?),
            });
            if let Err(failure) = kept.await {
                tracing::warn!(project = %id, error = %failure, "a snapshot could not be kept; waking takes longer");
            }
        }
        let driven_runs_are_left = state.runs.keys().any(|run| project.is_driven(*run));
        self.end(project).await;
        // The place remembers which runs are ours; without any it goes too.
        if !driven_runs_are_left {
            self.forget(id);
        }
    }

    async fn open(&self, id: ProjectId, place: &Place) -> Result<Project, Failure> {
        if self.closing.load(Ordering::SeqCst) {
            return Err(Failure::refused(codes::CLOSING, "the studio is being closed", "try again"));
        }
        let store = self.store.clone();
        let log = blocking(move || Ok(store.open(id)?)).await?;
        let (gateway, driven, config) = (self.gateway.clone(), place.driven.clone(), self.config.clone());
        let project = actor::start(id, log, gateway, &self.tasks, driven, config, self.hub.clone()).await?;
        self.list(&project).await;
        mirror::keep(&self.tasks, &project, self.store.clone(), self.folder(id));
        self.opened.notify_waiters();
        Ok(project)
    }

    /// The log outranks the list: a rename that a crash cut in two is brought to one end, and what it did not hear of is
    /// noted.
    async fn list(&self, project: &Project) {
        if !project.is_healthy() {
            // What a damaged log says its name is may be the damage.
            return;
        }
        let (store, log, state) = (self.store.clone(), project.log.clone(), project.state());
        let id = project.id;
        let listed = blocking(move || {
            let Some(row) = store.find(&id.to_string())? else { return Ok(()) };
            if row.last_seq != state.seq {
                let newest = Query { newest_first: true, limit: Some(1), ..Query::default() };
                let at = log.read(newest)?.first().map(|envelope| envelope.at);
                store.note(id, state.seq, at.unwrap_or_default());
            }
            match state.name.is_empty() || row.name == state.name {
                true => Ok(()),
                false => Ok(store.rename(id, &state.name)?),
            }
        });
        if let Err(failure) = listed.await {
            tracing::warn!(project = %id, error = %failure, "the list shows another name than the project has");
        }
    }

    /// The order in which a project ends: calls are cut and give their receipts, the actor ends, files are brought up
    /// to date, the log is closed.
    async fn end(&self, project: Project) {
        let id = Some(project.id);
        project.cut().await;
        self.tasks.ended_where(|task| task.project == id && task.name == "effect", LAST_RECEIPTS).await;
        project.close().await;
        let files = |name: &str| matches!(name, "mirror" | "snapshot" | "project actor");
        self.tasks.ended_where(|task| task.project == id && files(&task.name), LAST_FILES).await;
        let log = project.log.clone();
        if let Err(failure) = blocking(move || Ok(log.close()?)).await {
            tracing::warn!(project = %project.id, error = %failure, "a log could not be closed in order; nothing in it is lost");
        }
    }

    /// The place of a project, with its door held.
    async fn enter(&self, id: ProjectId) -> (Arc<Place>, OwnedMutexGuard<()>) {
        loop {
            let new = || {
                let used_at = Mutex::new(Instant::now());
                let (door, awake, driven) = Default::default();
                Arc::new(Place { door, awake, driven, used_at })
            };
            let place = lock(&self.places).entry(id).or_insert_with(new).clone();
            let door = place.door.clone().lock_owned().await;
            // A place that was forgotten meanwhile is nobody's any more.
            if lock(&self.places).get(&id).is_some_and(|now| Arc::ptr_eq(now, &place)) {
                return (place, door);
            }
        }
    }

    /// Takes a place away. Only whoever holds its door may.
    pub(crate) fn forget(&self, id: ProjectId) {
        lock(&self.places).remove(&id);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
