//! The studio: the owner of a data folder, with one actor per open project, and the one place requests come to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use atelier_domain::id::IdSource;
use atelier_domain::state::RunStatus;
use atelier_domain::{GateId, Hash, ProjectId, RunId, canonical};
use atelier_engine::command::{Reply, StartRun};
use atelier_engine::definition::Tier;
use atelier_engine::{Command, Library};
use atelier_models::{ContextSizes, Gateway, GatewayOptions, ModelSpec, Prices};
use atelier_store::{Query, SqliteStore, Status, Store};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::actor::{Project, blocking, branch_of, is_settled};
use crate::api::{GateDecision, Request, RunRequest};
use crate::clock::{self, FreshIds};
use crate::config::{self, Config};
use crate::follow::Update;
use crate::routes::{self, Wish};
use crate::tasks::{OnCancel, Tasks};
use crate::{Exit, Failure, crews, doctor, library, load, mirror, verify, view};

/// Marks a project in which runs are under way, so that a start need not open every project.
const RUNNING: &str = "running";
/// Events of one page of the log at most.
const PAGE: usize = 10_000;

/// What to do with runs that were under way when the last owner ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Drive only the runs that are named.
    Nothing,
    /// Carry on all that were running.
    Everything,
}

/// How a studio is opened.
#[derive(Debug, Clone)]
pub struct Open {
    /// The data folder.
    pub data: PathBuf,
    /// Its settings.
    pub config: Config,
    /// What to do with runs that were under way.
    pub recovery: Recovery,
}

/// The owner of a data folder. Cheap to clone.
#[derive(Clone)]
pub struct Studio {
    inner: Arc<Inner>,
}

struct Inner {
    data: PathBuf,
    config: Mutex<Config>,
    store: Arc<dyn Store>,
    gateway: Gateway,
    tasks: Tasks,
    projects: tokio::sync::Mutex<BTreeMap<ProjectId, Project>>,
    stays: bool,
    _ownership: atelier_store::Ownership,
}

impl Studio {
    /// Takes the folder's lock and, where asked, carries on what was running.
    pub async fn open(open: Open) -> Result<Studio, Failure> {
        let Open { data, config, recovery } = open;
        let folder = data.clone();
        let (store, ownership) = blocking(move || {
            let store = SqliteStore::open(&folder)?;
            let ownership = store.lock()?;
            Ok((store, ownership))
        })
        .await?;
        let gateway = gateway(&config)?;
        let inner = Inner {
            data,
            config: Mutex::new(config),
            store: Arc::new(store),
            gateway,
            tasks: Tasks::default(),
            projects: tokio::sync::Mutex::default(),
            stays: recovery == Recovery::Everything,
            _ownership: ownership,
        };
        let studio = Studio { inner: Arc::new(inner) };
        if recovery == Recovery::Everything {
            studio.recover().await?;
        }
        Ok(studio)
    }

    /// Answers a request.
    pub async fn handle(&self, request: Request) -> Result<Value, Failure> {
        match request {
            Request::ProjectCreate { name } => self.create(&name).await,
            Request::ProjectList {} => {
                let store = self.inner.store.clone();
                let rows = blocking(move || Ok(store.projects()?)).await?;
                Ok(Value::Array(rows.iter().map(view::project).collect()))
            }
            Request::ProjectShow { project } => self.show(&project).await,
            Request::ProjectPath { project } => {
                let row = self.row(&project).await?;
                Ok(json!({"path": self.folder(row.id)}))
            }
            Request::ProjectRename { project, name } => self.rename(&project, &name).await,
            Request::ProjectDelete { project, purge } => self.delete(&project, purge).await,
            Request::Run(run) => self.run(run).await,
            Request::RunWait { run } => self.wait(&run).await,
            Request::RunsList { project } => self.runs(project.as_deref()).await,
            Request::RunShow { run } => {
                let (project, id) = self.find_run(&run).await?;
                self.show_run(&project, id).await
            }
            Request::RunPause { run, cut, reason } => {
                let cut = cut.then(BTreeMap::new);
                self.on_run(&run, |run| Command::Pause { run, reason, cut }).await
            }
            Request::RunResume { run } => self.drive_with(&run, |run| Command::Resume { run }).await,
            Request::RunStep { run } => self.drive_with(&run, |run| Command::Step { run }).await,
            Request::RunCancel { run } => {
                self.on_run(&run, |run| Command::Cancel { run, cut: Some(BTreeMap::new()) }).await
            }
            Request::RunRewind { run, step } => self.rewind(&run, &step).await,
            Request::Gate(decision) => self.gate(decision).await,
            Request::Say { project, to, run, step, priority, text } => {
                let project = self.project(&project).await?;
                let run = run.map(|run| parse_run(&run)).transpose()?;
                if let Some(to) = &to {
                    self.known_agent(&project, to).await?;
                }
                let done = project.command(Command::Say { to, run, step, priority, text }).await?;
                let Reply::Event(id) = done.reply else { return Ok(Value::Null) };
                Ok(json!({"id": id, "seq": done.seq}))
            }
            Request::Log { project, branch, since, correlation, limit } => {
                self.log(&project, branch.as_deref(), since, correlation.as_deref(), limit).await
            }
            Request::State { project, branch, at } => self.state(&project, branch.as_deref(), at).await,
            Request::Verify { project, rebuild } => self.verify(&project, rebuild).await,
            Request::BucketList { project, branch, r#type } => {
                let project = self.project(&project).await?;
                let state = project.state();
                let branch = branch_of(&state, branch.as_deref())?;
                let log = project.log.clone();
                blocking(move || {
                    let content = state.content(&branch).cloned().unwrap_or_default();
                    let buckets = content.live(r#type.as_deref()).map(|b| view::bucket(b, &*log));
                    Ok(Value::Array(buckets.collect::<Result<_, _>>()?))
                })
                .await
            }
            Request::BucketShow { project, branch, bucket } => {
                self.bucket(&project, branch.as_deref(), &bucket).await
            }
            Request::MessagesList { project, r#for, kind, since } => {
                let log = self.project(&project).await?.log;
                blocking(move || {
                    Ok(Value::Array(view::messages(&*log, r#for.as_deref(), kind.as_deref(), since)?))
                })
                .await
            }
            Request::Inputs { project, name, agent } => {
                let (catalog, _) = self.crews(project.as_deref()).await?;
                crews::inputs_of(&catalog, &name, agent)
            }
            Request::CrewsCheck { project } => Ok(crews::check(&self.crews(project.as_deref()).await?.1)),
            Request::CrewsList { project } => Ok(crews::list(&self.crews(project.as_deref()).await?.0)),
            Request::CrewsShow { project, id, resolved } => {
                crews::show(&self.crews(project.as_deref()).await?.0, &id, resolved)
            }
            Request::ModelsList {} => self.models().await,
            Request::ModelsTest { model } => self.test_model(model.as_deref()).await,
            Request::ConfigGet { project, key } => self.config_get(project.as_deref(), &key).await,
            Request::ConfigSet { project, key, value } => {
                self.config_set(project.as_deref(), &key, value.as_deref()).await
            }
            Request::ConfigShow { project } => self.config_show(project.as_deref()).await,
            Request::Doctor {} => {
                let config = self.config().clone();
                Ok(doctor::checks(&self.inner.data, &config, &self.inner.gateway).await)
            }
            Request::Tasks {} => Ok(json!(self.inner.tasks.list())),
        }
    }

    /// Watches a project: events after `since` (all coming ones where absent), and notices.
    pub async fn follow(&self, project: &str, since: Option<u64>) -> Result<mpsc::Receiver<Update>, Failure> {
        let project = self.project(project).await?;
        let mut updates = project.updates();
        let (sender, receiver) = mpsc::channel(1_024);
        let mut reached = since.unwrap_or_else(|| project.state().seq);
        self.inner.tasks.spawn("watcher", Some(project.id), OnCancel::Drop, async move {
            let mut behind = true;
            loop {
                if behind {
                    let (log, after) = (project.log.clone(), reached);
                    let Ok(events) =
                        blocking(move || Ok(log.read(Query { after, ..Query::default() })?)).await
                    else {
                        return;
                    };
                    for event in events {
                        reached = event.seq;
                        if sender.send(Update::Event(Box::new(event))).await.is_err() {
                            return;
                        }
                    }
                    behind = false;
                }
                let update = tokio::select! {
                    () = sender.closed() => return,
                    update = updates.recv() => update,
                };
                match update {
                    Ok(Update::Event(event)) if event.seq <= reached => {}
                    Ok(update) => {
                        if let Update::Event(event) = &update {
                            reached = event.seq;
                        }
                        if sender.send(update).await.is_err() {
                            return;
                        }
                    }
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => behind = true,
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
                }
            }
        });
        Ok(receiver)
    }

    /// How many runs this process is at work on.
    pub async fn driven(&self) -> usize {
        self.inner.projects.lock().await.values().map(Project::at_work).sum()
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.inner.data
    }

    /// The task registry, for whoever serves this studio.
    pub fn tasks(&self) -> &Tasks {
        &self.inner.tasks
    }

    /// Ends in order: calls are cut, actors end, files are brought up to date, logs are closed.
    pub async fn shutdown(&self) {
        let projects: Vec<Project> =
            std::mem::take(&mut *self.inner.projects.lock().await).into_values().collect();
        for project in &projects {
            project.cut().await;
        }
        // Cut calls still give their receipts.
        self.inner.tasks.ended_of("effect", Duration::from_secs(3)).await;
        for project in &projects {
            project.close().await;
        }
        self.inner.tasks.cancel();
        self.inner.tasks.ended().await;
        for project in projects {
            let closed = blocking(move || Ok(project.log.close()?)).await;
            if let Err(failure) = closed {
                tracing::warn!(error = %failure, "a log could not be closed in order; nothing in it is lost");
            }
        }
    }

    fn config(&self) -> MutexGuard<'_, Config> {
        self.inner.config.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn folder(&self, id: ProjectId) -> PathBuf {
        self.inner.data.join("projects").join(id.to_string())
    }

    async fn row(&self, id_or_name: &str) -> Result<atelier_store::ProjectRow, Failure> {
        let (store, name) = (self.inner.store.clone(), id_or_name.to_owned());
        let row = blocking(move || Ok(store.find(&name)?)).await?;
        let not_found = || Failure::not_found("project", id_or_name, "see `atelier project list`");
        row.filter(|row| row.status == Status::Active).ok_or_else(not_found)
    }

    /// The open project with this id or name.
    async fn project(&self, id_or_name: &str) -> Result<Project, Failure> {
        let row = self.row(id_or_name).await?;
        self.open_project(row.id).await
    }

    async fn open_project(&self, id: ProjectId) -> Result<Project, Failure> {
        let mut projects = self.inner.projects.lock().await;
        if let Some(project) = projects.get(&id) {
            return Ok(project.clone());
        }
        let store = self.inner.store.clone();
        let log = blocking(move || Ok(store.open(id)?)).await?;
        let project = Project::open(id, log, self.inner.gateway.clone(), &self.inner.tasks).await?;
        projects.insert(id, project.clone());
        self.mirror(&project);
        Ok(project)
    }

    /// Keeps the files of a project up to date with its main branch.
    fn mirror(&self, project: &Project) {
        let (mut states, log, store, folder) =
            (project.watch(), project.log.clone(), self.inner.store.clone(), self.folder(project.id));
        let id = project.id;
        self.inner.tasks.spawn("mirror", Some(id), OnCancel::Finish, async move {
            // The first look takes up what an earlier process did not get to.
            let mut shown: Option<atelier_domain::state::Content> = None;
            loop {
                let state = states.borrow_and_update().clone();
                store.note(id, state.seq, clock::now());
                let content = state.content(&atelier_domain::BranchId::MAIN).cloned();
                let changed = match (&shown, &content) {
                    (Some(shown), Some(now)) => !same(shown, now),
                    (None, Some(now)) => !(now.buckets.is_empty() && now.artifacts.is_empty()) || folder.join("mirror.json").exists(),
                    _ => false,
                };
                if changed {
                    let (log, folder) = (log.clone(), folder.clone());
                    if let Err(failure) = blocking(move || mirror::write(&folder, &state, &*log)).await {
                        tracing::error!(project = %id, error = %failure, "the files of the project are not up to date");
                    }
                }
                shown = content;
                if states.changed().await.is_err() {
                    return;
                }
            }
        });
    }

    async fn create(&self, name: &str) -> Result<Value, Failure> {
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

    async fn show(&self, project: &str) -> Result<Value, Failure> {
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

    async fn rename(&self, project: &str, name: &str) -> Result<Value, Failure> {
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

    async fn delete(&self, project: &str, purge: bool) -> Result<Value, Failure> {
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

    async fn crews(
        &self,
        project: Option<&str>,
    ) -> Result<(atelier_catalog::Catalog, Vec<atelier_catalog::Finding>), Failure> {
        let folder = match project {
            Some(project) => Some(self.folder(self.row(project).await?.id)),
            None => None,
        };
        let data = self.inner.data.clone();
        blocking(move || crews::load(&data, folder.as_deref())).await
    }

    async fn known_agent(&self, project: &Project, agent: &str) -> Result<(), Failure> {
        let (catalog, _) = self.crews(Some(&project.id.to_string())).await?;
        let known = catalog.agents().any(|entry| entry.id == agent);
        let open = project.state().runs.values().any(|run| run.routes.contains_key(agent));
        if known || open {
            Ok(())
        } else {
            Err(Failure::not_found("agent", agent, "see `atelier crews list`"))
        }
    }

    async fn run(&self, request: RunRequest) -> Result<Value, Failure> {
        if request.detach && !self.inner.stays {
            let message = "nobody stays to carry the run on: no `atelier serve` owns the data folder";
            return Err(Failure::refused(
                "no_server",
                message,
                "start `atelier serve`, or leave out --detach",
            ));
        }
        let mode = match request.mode.as_deref() {
            None => None,
            Some("fast") => Some(Tier::Fast),
            Some("heavy") => Some(Tier::Heavy),
            Some(other) => {
                return Err(Failure::usage("bad_mode", format!("`{other}` is no mode"), "use fast or heavy"));
            }
        };
        let project = self.project(&request.project).await?;
        let (catalog, _) = self.crews(Some(&project.id.to_string())).await?;
        let (definition, text) = crews::define(&catalog, &request.name, request.agent)?;
        let inputs = crews::inputs(&definition, &request.inputs)?;
        let config = self.config().with_environment(&request.environment)?;
        let wish = Wish { model: request.model, mode };
        let routes =
            routes::routes(&definition, &config, &project.state().settings, &wish, &self.inner.gateway)?;
        let hash = Hash::of(text.as_bytes());
        if project.shelf.definition(&hash).is_none() {
            project.shelf.add_definition(hash, library::compile(&text)?);
        }
        self.mark_running(project.id)?;
        let start = StartRun {
            workflow: request.name,
            definition: hash,
            definition_text: text,
            inputs,
            gates: request.gates,
            routes,
            branch: atelier_domain::BranchId::MAIN,
        };
        let done = project.command(Command::Start(Box::new(start))).await?;
        let Reply::Run(id) = done.reply else { return Ok(Value::Null) };
        Ok(json!({"id": id, "project": project.id}))
    }

    fn mark_running(&self, id: ProjectId) -> Result<(), Failure> {
        std::fs::write(self.folder(id).join(RUNNING), b"").map_err(|error| {
            Failure::failed(
                "mark",
                format!("cannot mark the project as running: {error}"),
                "check space and rights of the data folder",
            )
        })
    }

    /// Opens the projects that were at work and drives their runs.
    async fn recover(&self) -> Result<(), Failure> {
        let store = self.inner.store.clone();
        let rows = blocking(move || Ok(store.projects()?)).await?;
        for row in rows
            .iter()
            .filter(|row| row.status == Status::Active && self.folder(row.id).join(RUNNING).exists())
        {
            let project = match self.open_project(row.id).await {
                Ok(project) => project,
                Err(failure) => {
                    tracing::error!(project = %row.id, error = %failure, "the project's runs are not carried on");
                    continue;
                }
            };
            let running: Vec<RunId> = project
                .state()
                .runs
                .values()
                .filter(|run| run.status() == RunStatus::Running)
                .map(|run| run.id)
                .collect();
            if project.state().runs.is_empty() {
                // Derived: without it a start would only look once more.
                std::fs::remove_file(self.folder(row.id).join(RUNNING)).ok();
            }
            for run in running {
                tracing::info!(%run, project = %row.id, "carried on");
                project.drive(run).await?;
            }
        }
        Ok(())
    }

    /// The open project that a run belongs to, found by its id.
    async fn find_run(&self, run: &str) -> Result<(Project, RunId), Failure> {
        let id = parse_run(run)?;
        let open: Vec<Project> = self.inner.projects.lock().await.values().cloned().collect();
        for project in &open {
            if project.state().runs.contains_key(&id) {
                return Ok((project.clone(), id));
            }
        }
        let (store, tasks) = (self.inner.store.clone(), id);
        let found = blocking(move || {
            for row in store.projects()?.iter().filter(|row| row.status == Status::Active) {
                // A project that cannot be opened has no run to show; it is listed as damaged.
                let Ok(log) = store.open(row.id) else { continue };
                let query = Query { correlation: Some(tasks), limit: Some(1), ..Query::default() };
                if log.read(query).is_ok_and(|events| !events.is_empty()) {
                    return Ok(Some(row.id));
                }
            }
            Ok(None)
        })
        .await?;
        let project = found.ok_or_else(|| Failure::not_found("run", run, "see `atelier runs list`"))?;
        Ok((self.open_project(project).await?, id))
    }

    async fn show_run(&self, project: &Project, id: RunId) -> Result<Value, Failure> {
        let (log, project_id, live) = (project.log.clone(), project.id, project.is_driven(id));
        blocking(move || view::run(&*log, project_id, id, live)).await
    }

    async fn on_run(&self, run: &str, command: impl FnOnce(RunId) -> Command) -> Result<Value, Failure> {
        let (project, id) = self.find_run(run).await?;
        project.command(command(id)).await?;
        self.show_run(&project, id).await
    }

    /// Changes a run and makes this process drive it; answers with the run as it then stands.
    async fn drive_with(&self, run: &str, command: impl FnOnce(RunId) -> Command) -> Result<Value, Failure> {
        let (project, id) = self.find_run(run).await?;
        self.mark_running(project.id)?;
        // Driven before the command, so that what it releases is done by this process.
        project.drive(id).await?;
        project.command(command(id)).await?;
        self.show_run(&project, id).await
    }

    async fn rewind(&self, run: &str, step: &str) -> Result<Value, Failure> {
        let (project, id) = self.find_run(run).await?;
        let (log, project_id, step_name) = (project.log.clone(), project.id, step.to_owned());
        let not_found = Failure::not_found("step", step, "see the run's steps with `atelier runs show`");
        let before = blocking(move || {
            let Some((run, _)) = load::run(&*log, id)? else { return Ok(None) };
            let found =
                run.steps.iter().find(|(path, s)| **path == step_name || s.id.to_string() == step_name);
            let Some((_, step)) = found else { return Ok(None) };
            Ok(Some(load::content_at(&*log, project_id, run.branch, step.started_seq.saturating_sub(1))?))
        })
        .await?;
        let before = before.ok_or(not_found)?;
        let command = Command::Rewind {
            run: id,
            step: step.to_owned(),
            before: Box::new(before),
            cut: Some(BTreeMap::new()),
        };
        project.command(command).await?;
        self.show_run(&project, id).await
    }

    async fn gate(&self, decision: GateDecision) -> Result<Value, Failure> {
        let gate: GateId = decision.gate.parse().map_err(|error: atelier_domain::id::InvalidId| {
            Failure::not_found("gate", &decision.gate, error.to_string())
        })?;
        let route =
            decision.model.as_deref().map(|model| routes::chosen(model, &self.inner.gateway)).transpose()?;
        let (project, run) = self.find_gate(gate).await?;
        self.mark_running(project.id)?;
        project.drive(run).await?;
        project
            .command(Command::Decide { gate, action: decision.action, text: decision.text, route })
            .await?;
        self.show_run(&project, run).await
    }

    async fn find_gate(&self, gate: GateId) -> Result<(Project, RunId), Failure> {
        let store = self.inner.store.clone();
        let rows = blocking(move || Ok(store.projects()?)).await?;
        for row in rows
            .iter()
            .filter(|row| row.status == Status::Active && self.folder(row.id).join(RUNNING).exists())
        {
            let Ok(project) = self.open_project(row.id).await else { continue };
            let run =
                project.state().runs.values().find(|run| run.gates.contains_key(&gate)).map(|run| run.id);
            if let Some(run) = run {
                return Ok((project, run));
            }
        }
        Err(Failure::not_found(
            "gate of an open run",
            &gate.to_string(),
            "see the run's gates with `atelier runs show`",
        ))
    }

    /// Waits until a run needs nothing more from this process.
    async fn wait(&self, run: &str) -> Result<Value, Failure> {
        let (project, id) = self.find_run(run).await?;
        let mut states = project.watch();
        loop {
            let settled = states.borrow_and_update().runs.get(&id).is_none_or(|run| is_settled(run));
            if settled {
                return self.show_run(&project, id).await;
            }
            if states.changed().await.is_err() {
                return Err(Failure::new(
                    Exit::Waiting,
                    "closing",
                    "the studio is being closed",
                    "resume the run with `atelier runs resume`",
                ));
            }
        }
    }

    async fn runs(&self, project: Option<&str>) -> Result<Value, Failure> {
        let rows = match project {
            Some(project) => vec![self.row(project).await?],
            None => {
                let store = self.inner.store.clone();
                blocking(move || Ok(store.projects()?))
                    .await?
                    .into_iter()
                    .filter(|row| row.status == Status::Active)
                    .collect()
            }
        };
        let mut all = Vec::new();
        for row in rows {
            let project = self.open_project(row.id).await?;
            let (log, state, watched) = (project.log.clone(), project.state(), project.clone());
            all.extend(
                blocking(move || view::runs(&*log, &state.runs, &|run| watched.is_driven(run))).await?,
            );
        }
        Ok(Value::Array(all))
    }

    async fn log(
        &self,
        project: &str,
        branch: Option<&str>,
        since: u64,
        correlation: Option<&str>,
        limit: usize,
    ) -> Result<Value, Failure> {
        let project = self.project(project).await?;
        let line = match branch {
            Some(branch) => Some(branch_of(&project.state(), Some(branch))?),
            None => None,
        };
        let correlation = correlation.map(parse_run).transpose()?;
        let log = project.log.clone();
        let limit = Some(limit.clamp(1, PAGE));
        blocking(move || {
            let events = log.read(Query { after: since, limit, line, correlation, ..Query::default() })?;
            serde_json::to_value(events).map_err(|error| Failure::failed("log", error.to_string(), ""))
        })
        .await
    }

    async fn state(&self, project: &str, branch: Option<&str>, at: Option<u64>) -> Result<Value, Failure> {
        let project = self.project(project).await?;
        let (log, id, now) = (project.log.clone(), project.id, project.state());
        if let Some(at) = at.filter(|at| *at > now.seq) {
            let message = format!("the project has {} events, there is no event {at}", now.seq);
            return Err(Failure::not_found("event", &at.to_string(), message));
        }
        let branch = branch.map(str::to_owned);
        blocking(move || {
            let state = match at {
                Some(at) => load::at(&*log, id, at)?,
                None => (*now).clone(),
            };
            let failed =
                |error: canonical::Error| Failure::failed("state", error.to_string(), "please report this");
            let text = match branch {
                None => canonical::to_string(&state).map_err(failed)?,
                Some(name) => {
                    let branch = branch_of(&state, Some(&name))?;
                    canonical::to_string(&state.branches.get(&branch)).map_err(failed)?
                }
            };
            Ok(Value::String(text))
        })
        .await
    }

    async fn verify(&self, project: &str, rebuild: bool) -> Result<Value, Failure> {
        let project = self.project(project).await?;
        let (log, id, state) = (project.log.clone(), project.id, project.state());
        blocking(move || verify::verify(&*log, id, &state, rebuild)).await
    }

    async fn bucket(&self, project: &str, branch: Option<&str>, bucket: &str) -> Result<Value, Failure> {
        let project = self.project(project).await?;
        let state = project.state();
        let branch = branch_of(&state, branch)?;
        let content = state.content(&branch).cloned().unwrap_or_default();
        let key = atelier_domain::name::key(bucket);
        let found: Vec<_> = content
            .buckets
            .values()
            .filter(|b| {
                b.id.to_string() == bucket || (!b.archived && atelier_domain::name::key(&b.title) == key)
            })
            .cloned()
            .collect();
        let log = project.log.clone();
        match found.as_slice() {
            [one] => {
                let one = one.clone();
                blocking(move || view::bucket(&one, &*log)).await
            }
            [] => Err(Failure::not_found("bucket", bucket, "see `atelier bucket list`")),
            several => {
                let ids: Vec<String> = several.iter().map(|b| format!("{} ({})", b.id, b.r#type)).collect();
                Err(Failure::usage(
                    "ambiguous",
                    format!("several buckets are called `{bucket}`"),
                    format!("name one by its id: {}", ids.join(", ")),
                ))
            }
        }
    }

    async fn models(&self) -> Result<Value, Failure> {
        let config = self.config().clone();
        let keys = ["models.default", "models.fast", "models.heavy", "models.embedding"];
        let specs: Vec<ModelSpec> = keys.iter().filter_map(|key| config.get(key)?.0.parse().ok()).collect();
        let listings = self.inner.gateway.list(&specs).await;
        let lines = listings.iter().map(|l| {
            json!({
                "model": l.spec.to_string(), "provider": l.provider.as_str(), "endpoint": l.endpoint, "available": l.available,
                "detail": l.detail, "hint": l.hint, "context_tokens": l.context_tokens, "size_bytes": l.size_bytes,
            })
        });
        Ok(Value::Array(lines.collect()))
    }

    async fn test_model(&self, model: Option<&str>) -> Result<Value, Failure> {
        let set = self.config().get("models.default").map(|(value, _)| value);
        let model = model.map(str::to_owned).or(set).unwrap_or_else(|| config::BUILTIN_MODEL.to_owned());
        let spec: ModelSpec = model.parse().map_err(|error: atelier_models::SpecError| {
            Failure::usage("bad_model", format!("the model `{model}`: {error}"), error.hint())
        })?;
        match self.inner.gateway.test(&spec).await {
            Ok(report) => Ok(json!({
                "ok": true, "model": spec.to_string(), "reported": report.model, "text": report.text,
                "input_tokens": report.input_tokens, "output_tokens": report.output_tokens,
                "first_token_ms": report.first_token_ms, "total_ms": report.total_ms,
            })),
            Err(error) => {
                let exit = if error.kind.is_unreachable() { Exit::Unavailable } else { Exit::Failed };
                Err(Failure::new(exit, error.kind.code(), error.message, error.hint))
            }
        }
    }

    async fn config_get(&self, project: Option<&str>, key: &str) -> Result<Value, Failure> {
        config::check_key(key)?;
        let own = match project {
            Some(project) => self.project(project).await?.state().settings.get(key).cloned(),
            None => None,
        };
        let value = own.map(|value| (value, config::Origin::Project)).or_else(|| self.config().get(key));
        Ok(match value {
            Some((value, origin)) => json!({"key": key, "value": value, "origin": origin}),
            None => json!({"key": key, "value": null, "origin": null}),
        })
    }

    async fn config_set(
        &self,
        project: Option<&str>,
        key: &str,
        value: Option<&str>,
    ) -> Result<Value, Failure> {
        match project {
            Some(project) => {
                config::check_project(key, value)?;
                let project = self.project(project).await?;
                let (set, removed) = match value {
                    Some(value) => (BTreeMap::from([(key.to_owned(), value.to_owned())]), Vec::new()),
                    None => (BTreeMap::new(), vec![key.to_owned()]),
                };
                project.command(Command::ChangeSettings { set, removed }).await?;
                self.config_get(Some(&project.id.to_string()), key).await
            }
            None => {
                config::check_key(key)?;
                self.config().set(key, value)?;
                self.config_get(None, key).await
            }
        }
    }

    async fn config_show(&self, project: Option<&str>) -> Result<Value, Failure> {
        let own = match project {
            Some(project) => self.project(project).await?.state().settings.clone(),
            None => Default::default(),
        };
        let config = self.config().clone();
        let mut keys = config.keys();
        let extra: Vec<String> =
            own.keys().filter(|key| !keys.iter().any(|(known, _)| known == *key)).cloned().collect();
        keys.extend(extra.into_iter().map(|key| (key, "the model or fallback of one agent")));
        let lines = keys.into_iter().map(|(key, about)| {
            let value =
                own.get(&key).map(|v| (v.clone(), config::Origin::Project)).or_else(|| config.get(&key));
            let (value, origin) = value.map_or((None, None), |(value, origin)| (Some(value), Some(origin)));
            json!({"key": key, "value": value, "origin": origin, "about": about})
        });
        Ok(Value::Array(lines.collect()))
    }
}

fn gateway(config: &Config) -> Result<Gateway, Failure> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).saturating_sub(1).max(1);
    let wrong = |error: atelier_models::ConfigError| {
        Failure::usage("bad_setting", error.to_string(), "see `atelier config show`")
    };
    let context = config.number("models.context_tokens", 8_192).min(u64::from(u32::MAX)) as u32;
    Gateway::new(GatewayOptions {
        limits: config.limits(),
        concurrency: config.number("models.concurrency", 16).min(1_024) as u32,
        models_dir: config.models_dir().to_owned(),
        threads: config.number("models.threads", threads as u64).min(256) as usize,
        keys: config.model_keys()?,
        prices: Prices::built_in().map_err(wrong)?,
        contexts: ContextSizes { openai_default: context, ollama_num_ctx: context },
    })
    .map_err(wrong)
}

fn parse_run(text: &str) -> Result<RunId, Failure> {
    text.parse()
        .map_err(|error: atelier_domain::id::InvalidId| Failure::not_found("run", text, error.to_string()))
}

/// Whether two contents are one and the same, without looking into them.
fn same(a: &atelier_domain::state::Content, b: &atelier_domain::state::Content) -> bool {
    a.buckets.ptr_eq(&b.buckets) && a.artifacts.ptr_eq(&b.artifacts)
}
