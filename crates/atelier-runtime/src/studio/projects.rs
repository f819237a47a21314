//! Projects: made, shown, renamed, moved away.
//!
//! Owns: keeping the list of projects and each project's log in agreement. Does not own: the list (the store).

use atelier_domain::id::IdSource;
use atelier_domain::{BranchId, ProjectId, name};
use atelier_engine::Command;
use atelier_store::Health;
use serde_json::{Value, json};

use super::Studio;
use crate::actor::blocking;
use crate::clock::{self, FreshIds};
use crate::codes;
use crate::hub::Change;
use crate::project::Project;
use crate::{Failure, view};

impl Studio {
    pub(super) async fn create(&self, name: &str) -> Result<Value, Failure> {
        let name = parse(name)?;
        let id = ProjectId::from_uuid(FreshIds.next_id());
        let (store, wanted) = (self.inner.store.clone(), name.clone());
        blocking(move || Ok(store.create(id, &wanted)?)).await?;
        let created = match self.open_project(id).await {
            Ok(project) => project.command(Command::Create { name: name.clone(), epoch: 0 }).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = created {
            // A project that never began is none.
            let _closed = self.inner.projects.close(id).await;
            let store = self.inner.store.clone();
            if let Err(left) = blocking(move || Ok(store.purge(id)?)).await {
                tracing::warn!(project = %id, error = %left, "a project that could not begin is left behind");
            }
            self.inner.projects.forget(id);
            return Err(failure);
        }
        self.inner.hub.change(Change::ProjectCreated { project: id, name: name.clone() });
        Ok(json!({"id": id, "name": name, "path": self.folder(id)}))
    }

    pub(super) async fn show(&self, project: &str) -> Result<Value, Failure> {
        let row = self.row(project).await?;
        let project = self.open_project(row.id).await?;
        let state = project.state();
        let content = state.content(&BranchId::MAIN).cloned().unwrap_or_default();
        let branches: Vec<Value> = state
            .branches
            .iter()
            .map(|(id, b)| json!({"id": id, "name": b.name, "parent": b.parent, "at_seq": b.at_seq}))
            .collect();
        let health = match project.log.health() {
            Health::Ok => json!({"status": "ok"}),
            Health::ReadOnly { reason, fix } => {
                json!({"status": "read_only", "reason": reason, "fix": fix})
            }
        };
        let mut shown = view::project(&row);
        if let Some(map) = shown.as_object_mut() {
            map.insert("last_seq".into(), json!(state.seq));
            map.insert("path".into(), json!(self.folder(row.id)));
            map.insert("health".into(), health);
            map.insert("branches".into(), Value::Array(branches));
            map.insert("buckets".into(), json!(content.live(None).count()));
            map.insert("artifacts".into(), json!(content.artifacts.keys().collect::<Vec<_>>()));
            map.insert("rules".into(), json!(content.rules.len()));
            map.insert("open_runs".into(), json!(state.runs.keys().collect::<Vec<_>>()));
            map.insert("closed_runs".into(), json!(state.closed_runs));
            map.insert("messages".into(), json!(state.n_messages));
            map.insert("settings".into(), json!(state.settings));
        }
        Ok(shown)
    }

    pub(super) async fn rename(&self, project: &str, name: &str) -> Result<Value, Failure> {
        let name = parse(name)?;
        let row = self.row(project).await?;
        let project = self.open_project(row.id).await?;
        // The list comes first: it alone knows whether the name is free.
        self.list_as(row.id, &name).await?;
        if let Err(failure) = project.command(Command::Rename { name: name.clone() }).await {
            if let Err(left) = self.list_as(row.id, &row.name).await {
                tracing::error!(project = %row.id, error = %left, "the list shows a name that the project does not have");
            }
            return Err(failure);
        }
        self.inner.hub.change(Change::ProjectRenamed { project: row.id, name: name.clone() });
        Ok(json!({"id": row.id, "name": name, "path": self.folder(row.id)}))
    }

    async fn list_as(&self, id: ProjectId, name: &str) -> Result<(), Failure> {
        let (store, name) = (self.inner.store.clone(), name.to_owned());
        blocking(move || Ok(store.rename(id, &name)?)).await
    }

    pub(super) async fn delete(&self, project: &str, purge: bool) -> Result<Value, Failure> {
        let (store, name) = (self.inner.store.clone(), project.to_owned());
        let row = blocking(move || Ok(store.find(&name)?)).await?;
        let row = row.ok_or_else(|| Failure::not_found("project", project, "see `atelier project list`"))?;
        let id = row.id;
        let awake = self.inner.projects.awake().into_iter().find(|project| project.id == id);
        if let Some(project) = &awake {
            at_rest(project)?;
        }
        let _closed = self.inner.projects.close(id).await;
        let (store, at) = (self.inner.store.clone(), clock::now());
        let gone = blocking(move || Ok(if purge { store.purge(id) } else { store.trash(id, at) }?)).await;
        self.inner.projects.forget(id);
        gone?;
        self.inner.hub.change(Change::ProjectDeleted { project: id, purged: purge });
        Ok(json!({"id": id, "name": row.name, "status": if purge { "purged" } else { "trashed" }}))
    }
}

/// A project is not taken from under a crew at work: what it pays for right now would be lost.
fn at_rest(project: &Project) -> Result<(), Failure> {
    let at_work: Vec<String> = project.driven_now().iter().map(ToString::to_string).collect();
    let Some(first) = at_work.first() else { return Ok(()) };
    let message = format!("a crew is at work in it: {}", at_work.join(", "));
    let hint = format!(
        "pause it with `atelier runs pause {first}`, or end it with `atelier runs cancel {first}`, then delete"
    );
    Err(Failure::refused(codes::PROJECT_AT_WORK, message, hint))
}

pub(super) fn parse(name: &str) -> Result<String, Failure> {
    let hint = "use 1 to 200 characters without / \\ and control characters";
    let parsed =
        name::parse(name).map_err(|error| Failure::usage(codes::BAD_NAME, error.to_string(), hint))?;
    if parsed.parse::<ProjectId>().is_ok() {
        let message = format!("`{parsed}` looks like the id of a project, and projects are named by either");
        return Err(Failure::usage(codes::BAD_NAME, message, "choose a name in words"));
    }
    Ok(parsed)
}
