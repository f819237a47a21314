//! The emergency stop: everything is paused, and nothing begins until a person says so.
//!
//! Owns: the marks that say what is stopped. Does not own: pausing (the engine).
//!
//! **Invariant**: what was stopped stays so over a restart.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Duration;

use atelier_domain::ProjectId;
use atelier_domain::state::RunStatus;
use atelier_engine::Command;
use atelier_store::Status;
use serde_json::{Value, json};

use super::Studio;
use crate::actor::blocking;
use crate::hub::Change;
use crate::project::Project;
use crate::{Failure, clock, codes};

/// The mark, in the data folder or in a project's.
const STOPPED: &str = "stopped";
/// How long a project lies in the trash before it goes.
const IN_TRASH: Duration = Duration::from_secs(30 * 24 * 3600);

impl Studio {
    /// Pauses all runs, of one project or of all, cutting their calls, and lets none begin.
    pub(super) async fn stop(&self, project: Option<&str>) -> Result<Value, Failure> {
        let only = match project {
            Some(project) => Some(self.row(project).await?.id),
            None => None,
        };
        let mark = self.mark_of(only);
        blocking(move || set(&mark)).await?;
        self.inner.hub.change(Change::Stopped { project: only });
        let mut paused = Vec::new();
        let mut failed = Vec::new();
        let marked = self.marked_projects().await?;
        let awake = self.inner.projects.awake().into_iter().map(|project| project.id);
        let mut ids: Vec<ProjectId> =
            awake.chain(marked).filter(|id| only.is_none_or(|only| only == *id)).collect();
        ids.sort();
        ids.dedup();
        for id in ids {
            match self.open_project(id).await {
                Ok(project) => pause_all(&project, &mut paused, &mut failed).await,
                Err(failure) => failed.push(json!({"project": id, "error": failure.message})),
            }
        }
        Ok(json!({"stopped": only.map_or(json!("all"), |id| json!(id)), "paused": paused, "failed": failed}))
    }

    /// Lets runs begin again. What was paused stays so until it is resumed.
    pub(super) async fn start(&self, project: Option<&str>) -> Result<Value, Failure> {
        let only = match project {
            Some(project) => Some(self.row(project).await?.id),
            None => None,
        };
        let mut marks = vec![self.mark_of(only)];
        if only.is_none() {
            marks.extend(self.rows().await?.iter().map(|row| self.mark_of(Some(row.id))));
        }
        blocking(move || marks.iter().try_for_each(unset)).await?;
        self.inner.hub.change(Change::Started {});
        Ok(json!({"started": only.map_or(json!("all"), |id| json!(id))}))
    }

    /// Refuses to begin anything while that is stopped.
    pub(super) async fn not_stopped(&self, project: ProjectId) -> Result<(), Failure> {
        let marks = [self.mark_of(None), self.mark_of(Some(project))];
        let [all, own] = blocking(move || Ok(marks.map(|mark| mark.exists()))).await?;
        let what = match (all, own) {
            (true, _) => "the studio was stopped",
            (_, true) => "the project was stopped",
            _ => return Ok(()),
        };
        let hint = "`atelier start` lets runs begin again";
        Err(Failure::refused(
            codes::STOPPED,
            format!("{what}: nothing begins until it is started again"),
            hint,
        ))
    }

    pub(super) async fn is_stopped(&self) -> bool {
        let mark = self.mark_of(None);
        blocking(move || Ok(mark.exists())).await.unwrap_or(false)
    }

    /// Puts idle projects to sleep, drops what is kept for speed, and empties the trash of what lies there too long.
    pub(super) async fn cleanup(&self) -> Result<Value, Failure> {
        let n_asleep = self.inner.projects.sleep_all().await;
        self.inner.crews.forget();
        self.inner.summaries.forget();
        let store = self.inner.store.clone();
        let before = clock::now().micros() - i64::try_from(IN_TRASH.as_micros()).unwrap_or(i64::MAX);
        let purged = blocking(move || {
            let mut purged = Vec::new();
            for row in store.projects()? {
                if matches!(row.status, Status::Trashed { at } if at.micros() < before) {
                    store.purge(row.id)?;
                    purged.push(json!({"id": row.id, "name": row.name}));
                }
            }
            Ok(purged)
        })
        .await?;
        Ok(json!({"asleep": n_asleep, "purged": purged}))
    }

    fn mark_of(&self, project: Option<ProjectId>) -> PathBuf {
        project.map_or_else(|| self.inner.data.clone(), |id| self.folder(id)).join(STOPPED)
    }
}

async fn pause_all(project: &Project, paused: &mut Vec<Value>, failed: &mut Vec<Value>) {
    let state = project.state();
    let running =
        state.runs.values().filter(|run| matches!(run.status(), RunStatus::Running | RunStatus::Waiting));
    for run in running {
        let cut = Some(BTreeMap::new());
        let pause = Command::Pause { run: run.id, reason: "stopped".into(), cut };
        match project.command(pause).await {
            Ok(_) => paused.push(json!(run.id)),
            Err(failure) => failed.push(json!({"run": run.id, "error": failure.message})),
        }
    }
}

fn set(mark: &PathBuf) -> Result<(), Failure> {
    File::create(mark).and_then(|file| file.sync_all()).map_err(|error| unmarkable(mark, &error))
}

fn unset(mark: &PathBuf) -> Result<(), Failure> {
    match fs::remove_file(mark) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unmarkable(mark, &error)),
        _ => Ok(()),
    }
}

fn unmarkable(mark: &std::path::Path, error: &std::io::Error) -> Failure {
    let message = format!("cannot write {}: {error}", mark.display());
    Failure::failed(codes::STORAGE_IO, message, "check space and rights of the data folder")
}
