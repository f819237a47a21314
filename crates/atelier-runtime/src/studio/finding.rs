//! Runs and gates found by their ids alone, and runs carried on after a restart.
//!
//! Owns: the mark of projects in which runs are under way. Does not own: runs.
//!
//! **Invariant**: looking for a run of one project neither opens nor disturbs another.

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use atelier_domain::state::RunStatus;
use atelier_domain::{GateId, ProjectId, RunId};
use atelier_store::{Log, Query};
use futures::StreamExt;
use futures::future::join_all;

use super::{Studio, parse_run};
use crate::Failure;
use crate::actor::blocking;
use crate::codes;
use crate::project::Project;

/// So many projects are opened at once at the start.
const OPENED_AT_ONCE: usize = 16;

/// Marks a project in which runs are under way, so that a start need not open every project.
const RUNNING: &str = "running";

impl Studio {
    /// Once per project and process; a start that finds nothing to carry on takes the mark away.
    pub(super) async fn mark_running(&self, id: ProjectId) -> Result<(), Failure> {
        if self.inner.marked.lock().unwrap_or_else(PoisonError::into_inner).contains(&id) {
            return Ok(());
        }
        let folder = self.folder(id);
        blocking(move || mark(&folder)).await?;
        self.inner.marked.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        Ok(())
    }

    /// Opens the projects that were at work and drives their runs. What goes wrong in one is that one's trouble.
    pub(super) async fn recover(&self) -> Result<(), Failure> {
        let recover = async |id| {
            if let Err(failure) = self.recover_project(id).await {
                tracing::error!(project = %id, error = %failure, "the project's runs are not carried on");
            }
        };
        let marked = self.marked_projects().await?;
        futures::stream::iter(marked).for_each_concurrent(OPENED_AT_ONCE, recover).await;
        Ok(())
    }

    async fn recover_project(&self, id: ProjectId) -> Result<(), Failure> {
        let project = self.open_project(id).await?;
        let state = project.state();
        if state.runs.is_empty() {
            // Derived: without it a start would only look once more.
            std::fs::remove_file(self.folder(id).join(RUNNING)).ok();
        }
        // All at once, so that what was cut is written down together.
        let running = state.runs.values().filter(|run| run.status() == RunStatus::Running).map(|run| run.id);
        let driven = join_all(running.map(async |run| (run, project.drive(run).await))).await;
        for (run, driven) in driven {
            driven?;
            tracing::info!(%run, project = %id, "carried on");
        }
        Ok(())
    }

    /// The open project that a run belongs to, found by its id.
    pub(super) async fn find_run(&self, run: &str) -> Result<(Project, RunId), Failure> {
        let id = parse_run(run)?;
        let awake = self.inner.projects.awake();
        let open =
            awake.iter().find(|project| project.state().runs.contains_key(&id)).map(|project| project.id);
        // No handle is kept, so that one that is read-only can be looked at anew.
        let found = match open {
            Some(project) => {
                drop(awake);
                Some(project)
            }
            None => {
                let found =
                    move || awake.iter().find(|project| is_in(&*project.log, id)).map(|project| project.id);
                blocking(move || Ok(found())).await?
            }
        };
        if let Some(project) = found {
            return Ok((self.open_project(project).await?, id));
        }
        for row in self.rows().await? {
            if !self.inner.projects.is_awake(row.id) && self.is_in_sleeping(row.id, id).await? {
                return Ok((self.open_project(row.id).await?, id));
            }
        }
        Err(Failure::not_found("run", run, "see `atelier runs list`"))
    }

    /// Looks into the log of a project that is not open, without folding it.
    async fn is_in_sleeping(&self, project: ProjectId, run: RunId) -> Result<bool, Failure> {
        let store = self.inner.store.clone();
        blocking(move || {
            // A project that cannot be opened has no run to show; it is listed as damaged.
            let Ok(log) = store.open(project) else { return Ok(false) };
            Ok(is_in(&*log, run))
        })
        .await
    }

    /// The open project and the run that a gate belongs to.
    pub(super) async fn find_gate(&self, gate: GateId) -> Result<(Project, RunId), Failure> {
        for project in self.inner.projects.awake() {
            if let Some(run) = run_of(&project, gate) {
                return Ok((project, run));
            }
        }
        for id in self.marked_projects().await? {
            let Ok(project) = self.open_project(id).await else { continue };
            if let Some(run) = run_of(&project, gate) {
                return Ok((project, run));
            }
        }
        Err(Failure::not_found(
            "gate of an open run",
            &gate.to_string(),
            "see the run's gates with `atelier runs show`",
        ))
    }

    pub(super) async fn marked_projects(&self) -> Result<Vec<ProjectId>, Failure> {
        let ids: Vec<ProjectId> = self.rows().await?.into_iter().map(|row| row.id).collect();
        let projects = Arc::clone(&self.inner.projects);
        let marked = move |id: &ProjectId| projects.folder(*id).join(RUNNING).exists();
        blocking(move || Ok(ids.into_iter().filter(marked).collect())).await
    }
}

fn run_of(project: &Project, gate: GateId) -> Option<RunId> {
    project.state().runs.values().find(|run| run.gates.contains_key(&gate)).map(|run| run.id)
}

fn is_in(log: &dyn Log, run: RunId) -> bool {
    let query = Query { correlation: Some(run), limit: Some(1), ..Query::default() };
    log.read(query).is_ok_and(|events| !events.is_empty())
}

/// The mark must be there before the run is: it is synced before anything is appended.
fn mark(folder: &Path) -> Result<(), Failure> {
    let marked = File::create(folder.join(RUNNING))
        .and_then(|file| file.sync_all())
        .and_then(|()| File::open(folder)?.sync_all());
    marked.map_err(|error| {
        let message = format!("cannot mark the project as running: {error}");
        Failure::failed(codes::STORAGE_IO, message, "check space and rights of the data folder")
    })
}
