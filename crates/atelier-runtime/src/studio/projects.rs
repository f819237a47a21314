//! Projects: made, shown, renamed, moved away.

use super::*;

impl Studio {
    pub(super) async fn create(&self, name: &str) -> Result<Value, Failure> {
        let name = atelier_domain::name::parse(name).map_err(|error| {
            Failure::usage(
                "bad_name",
                error.to_string(),
                "use 1 to 200 characters without / \\ and control characters",
            )
        })?;
        let id = ProjectId::from_uuid(FreshIds.next_id());
        let (store, wanted) = (self.inner.store.clone(), name.clone());
        let log = blocking(move || Ok(store.create(id, &wanted)?)).await?;
        let project = Project::open(id, log, self.inner.gateway.clone(), &self.inner.tasks).await?;
        self.inner.projects.lock().await.insert(id, project.clone());
        project.command(Command::Create { name: name.clone() }).await?;
        self.mirror(&project);
        Ok(json!({"id": id, "name": name, "path": self.folder(id)}))
    }

    pub(super) async fn show(&self, project: &str) -> Result<Value, Failure> {
        let row = self.row(project).await?;
        let project = self.open_project(row.id).await?;
        let state = project.state();
        let content = state.content(&atelier_domain::BranchId::MAIN).cloned().unwrap_or_default();
        let branches: Vec<Value> = state
            .branches
            .iter()
            .map(|(id, b)| json!({"id": id, "name": b.name, "parent": b.parent, "at_seq": b.at_seq}))
            .collect();
        let health = match project.log.health() {
            atelier_store::Health::Ok => json!({"status": "ok"}),
            atelier_store::Health::ReadOnly { reason, fix } => {
                json!({"status": "read_only", "reason": reason, "fix": fix})
            }
        };
        let mut shown = view::project(&row);
        if let Some(map) = shown.as_object_mut() {
            map.insert("name".into(), json!(state.name));
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
        let project = self.project(project).await?;
        let name = atelier_domain::name::parse(name).map_err(|error| {
            Failure::usage(
                "bad_name",
                error.to_string(),
                "use 1 to 200 characters without / \\ and control characters",
            )
        })?;
        let (store, id, wanted) = (self.inner.store.clone(), project.id, name.clone());
        blocking(move || Ok(store.rename(id, &wanted)?)).await?;
        project.command(Command::Rename { name: name.clone() }).await?;
        Ok(json!({"id": project.id, "name": name, "path": self.folder(project.id)}))
    }

    pub(super) async fn delete(&self, project: &str, purge: bool) -> Result<Value, Failure> {
        let (store, name) = (self.inner.store.clone(), project.to_owned());
        let row = blocking(move || Ok(store.find(&name)?)).await?;
        let row = row.ok_or_else(|| Failure::not_found("project", project, "see `atelier project list`"))?;
        let open = self.inner.projects.lock().await.remove(&row.id);
        if let Some(open) = open {
            for run in open.state().runs.keys() {
                let cut = Some(BTreeMap::new());
                // A run that has failed cannot be paused, and need not be.
                open.command(Command::Pause { run: *run, reason: "deleted".into(), cut }).await.ok();
            }
            open.close().await;
        }
        let (store, id) = (self.inner.store.clone(), row.id);
        let at = clock::now();
        blocking(move || Ok(if purge { store.purge(id)? } else { store.trash(id, at)? })).await?;
        Ok(json!({"id": row.id, "name": row.name, "status": if purge { "purged" } else { "trashed" }}))
    }
}
