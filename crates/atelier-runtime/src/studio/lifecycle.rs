//! Projects begun anew, taken back from the trash, copied.
//!
//! Owns: what a copy takes over, and which of its ids are new. Does not own: where projects lie (the store).
//!
//! **Invariant**: the original is not changed, and nothing of a copy can be reached by an id of the original's runs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use atelier_domain::event::project::ProjectRenamed;
use atelier_domain::event::{Actor, ProjectEvent};
use atelier_domain::id::IdSource;
use atelier_domain::state::RunStatus;
use atelier_domain::{BranchId, Draft, Envelope, Event, EventId, Hash, ProjectId, name};
use atelier_engine::Command;
use atelier_store::{Batch, Log, Status, Verify};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Studio;
use super::projects::parse;
use crate::actor::blocking;
use crate::clock::{self, FreshIds};
use crate::hub::Change;
use crate::{Failure, codes};

/// Events copied at a time.
const AT_ONCE: usize = 1_000;
/// Ids that name something in the whole studio: those of a copy are its own.
const OWN: [&str; 6] = ["run_", "gate_", "evt_", "rcp_", "msg_", "step_"];

impl Studio {
    /// Archives what a project was and begins it anew under the same id and name.
    pub(super) async fn reset(&self, project: &str) -> Result<Value, Failure> {
        let row = self.row(project).await?;
        let epoch = self.open_project(row.id).await?.state().epoch + 1;
        self.pause_for(row.id, "reset").await;
        let closed = self.inner.projects.close(row.id).await;
        let (store, at) = (self.inner.store.clone(), clock::now());
        let renewed = blocking(move || Ok(store.renew(row.id, at)?)).await;
        drop(closed);
        let archived = renewed?;
        let project = self.open_project(row.id).await?;
        project.command(Command::Create { name: row.name.clone(), epoch }).await?;
        self.inner.hub.change(Change::ProjectReset { project: row.id, epoch });
        Ok(json!({
            "id": row.id, "name": row.name, "path": self.folder(row.id), "epoch": epoch, "archived": archived,
        }))
    }

    /// Takes a project out of the trash.
    pub(super) async fn restore(&self, project: &str) -> Result<Value, Failure> {
        let (store, wanted) = (self.inner.store.clone(), project.to_owned());
        let none = Failure::not_found("project in the trash", project, "see `atelier project list`");
        let row = blocking(move || {
            let key = name::key(&wanted);
            let trashed =
                store.projects()?.into_iter().filter(|row| matches!(row.status, Status::Trashed { .. }));
            let named =
                |row: &atelier_store::ProjectRow| row.id.to_string() == wanted || name::key(&row.name) == key;
            let found: Vec<_> = trashed.filter(named).collect();
            match found.len() {
                1 => Ok(found.into_iter().next()),
                0 => Ok(None),
                _ => {
                    let ids: Vec<String> = found.iter().map(|row| row.id.to_string()).collect();
                    let message = format!("several projects in the trash are called `{wanted}`");
                    Err(Failure::usage(
                        codes::AMBIGUOUS,
                        message,
                        format!("name one by its id: {}", ids.join(", ")),
                    ))
                }
            }
        })
        .await?;
        let row = row.ok_or(none)?;
        let store = self.inner.store.clone();
        blocking(move || Ok(store.restore(row.id)?)).await?;
        self.inner.hub.change(Change::ProjectRestored { project: row.id, name: row.name.clone() });
        Ok(json!({"id": row.id, "name": row.name, "path": self.folder(row.id), "status": "active"}))
    }

    /// A copy with everything in it, history and all.
    pub(super) async fn duplicate(&self, project: &str, title: &str) -> Result<Value, Failure> {
        let title = parse(title)?;
        let from = self.project(project).await?;
        let id = ProjectId::from_uuid(FreshIds.next_id());
        let (store, wanted) = (self.inner.store.clone(), title.clone());
        let to = blocking(move || Ok(store.create(id, &wanted)?)).await?;
        let crews = (self.folder(from.id).join("crews"), self.folder(id).join("crews"));
        let copied = match copy(from.log.clone(), to, &title).await {
            Ok(()) => blocking(move || copy_folder(&crews.0, &crews.1)).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = copied {
            // Half a copy is none.
            let store = self.inner.store.clone();
            if let Err(left) = blocking(move || Ok(store.purge(id)?)).await {
                tracing::warn!(project = %id, error = %left, "half a copy is left behind");
            }
            return Err(failure);
        }
        self.pause_for(id, "duplicated").await;
        self.inner.hub.change(Change::ProjectCreated { project: id, name: title.clone() });
        Ok(json!({"id": id, "name": title, "path": self.folder(id)}))
    }

    /// Pauses what runs in a project, so that nobody makes its calls.
    pub(super) async fn pause_for(&self, id: ProjectId, reason: &str) {
        let project = match self.open_project(id).await {
            Ok(project) => project,
            Err(failure) => {
                return tracing::warn!(project = %id, error = %failure, "its runs cannot be paused");
            }
        };
        for run in project.state().runs.values().filter(|run| run.status() == RunStatus::Running) {
            let cut = Some(BTreeMap::new());
            let pause = Command::Pause { run: run.id, reason: reason.to_owned(), cut };
            if let Err(failure) = project.command(pause).await {
                tracing::warn!(run = %run.id, error = %failure, "a run could not be paused");
            }
        }
    }
}

/// Every event of a log, into another one.
async fn copy(from: Arc<dyn Log>, to: Arc<dyn Log>, title: &str) -> Result<(), Failure> {
    let mut ids = Renamed::default();
    let (mut after, mut written) = (0, 0);
    loop {
        let log = from.clone();
        let page = blocking(move || page(&*log, after)).await?;
        let Some(last) = page.last().map(|event| event.seq) else { break };
        let log = from.clone();
        let (batch, back) = blocking(move || ids.batch(&*log, page).map(|batch| (batch, ids))).await?;
        ids = back;
        let n = batch.drafts.len() as u64;
        to.append(written, batch).await?;
        (after, written) = (last, written + n);
    }
    let renamed = Draft {
        id: EventId::from_uuid(FreshIds.next_id()),
        branch: BranchId::MAIN,
        at: clock::now(),
        actor: Actor::human(),
        correlation: None,
        causation: None,
        event: ProjectEvent::Renamed(ProjectRenamed { name: title.to_owned() }).into(),
    };
    to.append(written, Batch { drafts: vec![renamed], ..Batch::default() }).await?;
    Ok(())
}

fn page(log: &dyn Log, after: u64) -> Result<Vec<Envelope>, Failure> {
    let mut events = Vec::new();
    log.for_each(after, None, Verify::No, &mut |event| {
        events.push(event);
        if events.len() < AT_ONCE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(events)
}

/// New ids for old ones, the same for the same.
#[derive(Default)]
struct Renamed {
    ids: HashMap<Uuid, Uuid>,
}

impl Renamed {
    fn of(&mut self, old: Uuid) -> Uuid {
        *self.ids.entry(old).or_insert_with(|| FreshIds.next_id())
    }

    /// Blocks.
    fn batch(&mut self, log: &dyn Log, events: Vec<Envelope>) -> Result<Batch, Failure> {
        let mut hashes = BTreeSet::new();
        let mut drafts = Vec::with_capacity(events.len());
        for event in events {
            let body = event
                .event
                .body()
                .map_err(|error| Failure::failed(codes::INTERNAL, error.to_string(), ""))?;
            named(&body, &mut hashes);
            let body = self.body(&body);
            let copied = Event::decode(event.event.kind(), event.schema, &body)
                .map_err(|error| Failure::failed(codes::INTERNAL, error.to_string(), "please report this"))?;
            drafts.push(Draft {
                id: EventId::from_uuid(self.of(event.id.uuid())),
                branch: event.branch,
                at: event.at,
                actor: event.actor,
                correlation: event
                    .correlation
                    .map(|run| atelier_domain::RunId::from_uuid(self.of(run.uuid()))),
                causation: event.causation.map(|id| EventId::from_uuid(self.of(id.uuid()))),
                event: copied,
            });
        }
        let hashes: Vec<Hash> = hashes.into_iter().collect();
        Ok(Batch { drafts, blobs: log.blobs(&hashes)? })
    }

    /// A body with new ids where the copy has its own.
    fn body(&mut self, body: &str) -> String {
        let mut out = String::with_capacity(body.len());
        let mut rest = body;
        while let Some((at, prefix)) = OWN.iter().filter_map(|p| Some((rest.find(p)?, *p))).min() {
            let (before, from) = rest.split_at(at);
            let (word, after) = from.split_at(prefix.len());
            out.push_str(before);
            out.push_str(word);
            rest = after;
            let old = after.get(..32).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
            if let Some(old) = old.and_then(|hex| Uuid::try_parse(hex).ok()) {
                out.push_str(&self.of(old).as_simple().to_string());
                rest = &after[32..];
            }
        }
        out.push_str(rest);
        out
    }
}

/// The long texts a body may name: whatever looks like a hash.
fn named(body: &str, hashes: &mut BTreeSet<Hash>) {
    hashes
        .extend(body.split('"').filter(|word| word.len() == 64).filter_map(|word| word.parse::<Hash>().ok()));
}

/// Ordinary files and folders; a link is left out.
fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        let message = format!("cannot copy {}: {error}", from.display());
        Failure::failed(codes::STORAGE_IO, message, "check space and rights of the data folder")
    };
    let entries = match std::fs::read_dir(from) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    std::fs::create_dir_all(to).map_err(failed)?;
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let target = to.join(entry.file_name());
        if kind.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), &target).map_err(failed)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_ids_of_its_own_where_they_name_something_in_the_whole_studio() {
        let run = "run_00000000000000000000000000000007";
        let bucket = "bkt_00000000000000000000000000000008";
        let body = format!(r#"{{"a":"{run}","b":"{bucket}","c":"{run}","d":"rerun_x run_ run_zz"}}"#);
        let mut ids = Renamed::default();
        let copied = ids.body(&body);
        assert!(!copied.contains(run) && copied.contains(bucket), "{copied}");
        let value: Value = serde_json::from_str(&copied).unwrap();
        assert_eq!(value["a"], value["c"]);
        assert_eq!(value["d"], "rerun_x run_ run_zz");
        assert_eq!(ids.body(&body), copied);
    }
}
