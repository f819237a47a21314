//! The studio: the owner of a data folder, with one actor per open project, and the one place requests come to.

mod projects;
mod reading;
mod runs;
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use atelier_domain::id::IdSource;
use atelier_domain::state::RunStatus;
use atelier_domain::{GateId, ProjectId, RunId, canonical};
use atelier_engine::Command;
use atelier_engine::command::{Reply, StartRun};
use atelier_engine::definition::Tier;
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
use crate::{Exit, Failure, crews, doctor, load, mirror, verify, view};

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
    crews: crews::Crews,
    marked: Mutex<BTreeSet<ProjectId>>,
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
            crews: crews::Crews::default(),
            marked: Mutex::default(),
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
                crews::inputs_of(&self.crews(project.as_deref()).await?.catalog, &name, agent)
            }
            Request::CrewsCheck { project } => {
                Ok(crews::check(&self.crews(project.as_deref()).await?.findings))
            }
            Request::CrewsList { project } => Ok(crews::list(&self.crews(project.as_deref()).await?.catalog)),
            Request::CrewsShow { project, id, resolved } => {
                crews::show(&self.crews(project.as_deref()).await?.catalog, &id, resolved)
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

    async fn crews(&self, project: Option<&str>) -> Result<Arc<crews::Crew>, Failure> {
        let folder = match project {
            Some(project) => Some(self.folder(self.row(project).await?.id)),
            None => None,
        };
        let inner = self.inner.clone();
        blocking(move || inner.crews.of(&inner.data, folder.as_deref())).await
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

fn internal(error: serde_json::Error) -> Failure {
    Failure::failed("internal", error.to_string(), "please report this")
}

fn parse_run(text: &str) -> Result<RunId, Failure> {
    text.parse()
        .map_err(|error: atelier_domain::id::InvalidId| Failure::not_found("run", text, error.to_string()))
}

/// Whether two contents are one and the same, without looking into them.
fn same(a: &atelier_domain::state::Content, b: &atelier_domain::state::Content) -> bool {
    a.buckets.ptr_eq(&b.buckets) && a.artifacts.ptr_eq(&b.artifacts)
}
