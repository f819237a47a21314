//! The studio: the owner of a data folder, with one actor per open project, and the one place requests come to.

mod canon;
mod finding;
mod forms;
mod lifecycle;
mod memory;
mod names;
mod outputs;
mod overview;
mod projects;
mod reading;
mod runs;
mod settings;
mod stop;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use atelier_domain::{ProjectId, RunId};
use atelier_engine::Command;
use atelier_engine::command::Reply;
use atelier_models::{ContextSizes, Gateway, GatewayOptions, Prices};
use atelier_store::{ProjectRow, SqliteStore, Status, Store};
use serde_json::{Value, json};
use tokio::sync::{broadcast, mpsc};

use crate::actor::blocking;
use crate::api::Request;
use crate::codes;
use crate::config::Config;
use crate::follow::{self, Update};
use crate::hub::{Happening, Hub, InFlight};
use crate::project::{Project, branch_of};
use crate::projects::Projects;
use crate::tasks::{OnCancel, Tasks};
use crate::{Failure, crews, doctor, view};

/// A project that nobody needs for so long goes to sleep.
const IDLE: Duration = Duration::from_secs(300);
/// How long tasks may take to end when the studio is closed.
const LAST_TASKS: Duration = Duration::from_secs(10);

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

/// How far a project got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The project.
    pub project: ProjectId,
    /// How often it was reset.
    pub epoch: u64,
    /// Its last event.
    pub seq: u64,
}

/// The owner of a data folder. Cheap to clone.
#[derive(Clone)]
pub struct Studio {
    inner: Arc<Inner>,
}

struct Inner {
    data: PathBuf,
    config: Arc<Mutex<Config>>,
    store: Arc<dyn Store>,
    gateway: Gateway,
    tasks: Tasks,
    projects: Arc<Projects>,
    crews: crews::Crews,
    marked: Mutex<BTreeSet<ProjectId>>,
    summaries: overview::Summaries,
    hub: Hub,
    stays: bool,
    _ownership: atelier_store::Ownership,
}

impl Studio {
    /// Takes the folder's lock and, where asked, carries on what was running.
    pub async fn open(open: Open) -> Result<Studio, Failure> {
        Self::open_with_idle(open, IDLE).await
    }

    /// As [`Studio::open`], with the time after which a project that nobody needs goes to sleep.
    pub async fn open_with_idle(open: Open, idle: Duration) -> Result<Studio, Failure> {
        let Open { data, config, recovery } = open;
        let folder = data.clone();
        let (store, ownership) = blocking(move || {
            let store = SqliteStore::open(&folder)?;
            let ownership = store.lock()?;
            Ok((store, ownership))
        })
        .await?;
        let gateway = gateway(&config)?;
        let (tasks, config, hub) = (Tasks::default(), Arc::new(Mutex::new(config)), Hub::default());
        let store: Arc<dyn Store> = Arc::new(store);
        let projects = Projects::new(
            store.clone(),
            gateway.clone(),
            tasks.clone(),
            config.clone(),
            hub.clone(),
            data.clone(),
        );
        let projects = Arc::new(projects);
        tasks.spawn("sleep", None, OnCancel::Drop, projects.clone().tire(idle));
        let inner = Inner {
            data,
            config,
            store,
            gateway,
            tasks,
            projects,
            crews: crews::Crews::default(),
            marked: Mutex::default(),
            summaries: overview::Summaries::default(),
            hub,
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
            Request::ProjectReset { project } => self.reset(&project).await,
            Request::ProjectRestore { project } => self.restore(&project).await,
            Request::ProjectDuplicate { project, name } => self.duplicate(&project, &name).await,
            Request::FormsList { project } => self.forms(&project).await,
            Request::FormShow { project, form } => self.form(&project, &form).await,
            Request::FormSet { project, form, fields } => self.keep_form(&project, &form, fields).await,
            Request::Stop { project } => self.stop(project.as_deref()).await,
            Request::Start { project } => self.start(project.as_deref()).await,
            Request::Cleanup {} => self.cleanup().await,
            Request::Cascade { project, agent, mode } => {
                self.cascade(project.as_deref(), &agent, mode.as_deref()).await
            }
            Request::Keys {} => Ok(json!(self.config().key_places())),
            Request::Run(run) => self.run(run).await,
            Request::RunWait { run } => self.wait(&run).await,
            Request::RunsList { project } => self.runs(project.as_deref()).await,
            Request::RunShow { run } => {
                let (project, id) = self.find_run(&run).await?;
                self.show_run(&project, id).await
            }
            Request::RunOutline { run } => {
                let (project, id) = self.find_run(&run).await?;
                self.outline_run(&project, id).await
            }
            Request::Receipt { run, receipt } => self.receipt(&run, &receipt).await,
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
            Request::Gates {} => self.gates().await,
            Request::Overview {} => self.overview().await,
            Request::Usage { project } => self.usage(project.as_deref()).await,
            Request::OutputsList { project } => self.outputs(&project).await,
            Request::OutputShow { project, path } => self.output(&project, &path).await,
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
            Request::Log(wanted) => self.log(wanted).await,
            Request::Text { project, hash } => self.text(&project, &hash).await,
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
            Request::MemoryAdd { project, branch, text, kind, about } => {
                self.memory_add(&project, branch.as_deref(), text, kind, &about).await
            }
            Request::MemorySearch { project, branch, question, n } => {
                self.memory_search(&project, branch.as_deref(), &question, n).await
            }
            Request::MemoryList { project, branch } => self.memory_list(&project, branch.as_deref()).await,
            Request::MemoryDelete { project, branch, id } => {
                self.memory_delete(&project, branch.as_deref(), &id).await
            }
            Request::MemoryClear { project, branch } => self.memory_clear(&project, branch.as_deref()).await,
            Request::NamesScan { project, branch, text, descriptions } => {
                self.names_scan(&project, branch.as_deref(), text, descriptions).await
            }
            Request::NamesUnknown { project, branch, text, at_least } => {
                self.names_unknown(&project, branch.as_deref(), text, at_least).await
            }
            Request::NameJudge { project, branch, name, bucket, refused } => {
                self.name_judge(&project, branch.as_deref(), name, bucket.as_deref(), refused).await
            }
            Request::CanonList { project, branch } => self.rules(&project, branch.as_deref()).await,
            Request::CanonAccept { project, branch, rule } => {
                let accept = |branch, rule| Command::AcceptRule { branch, rule };
                self.judge_rule(&project, branch.as_deref(), &rule, accept).await
            }
            Request::CanonReject { project, branch, rule } => {
                let reject = |branch, rule| Command::RejectRule { branch, rule };
                self.judge_rule(&project, branch.as_deref(), &rule, reject).await
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
        Ok(follow::watch(&self.inner.tasks, self.project(project).await?, since))
    }

    /// Whatever happens anywhere in the studio, from now on.
    pub fn happenings(&self) -> broadcast::Receiver<Arc<Happening>> {
        self.inner.hub.listen()
    }

    /// Where a project stands: for whoever wants to go on reading it from there.
    pub async fn place(&self, project: &str) -> Result<Place, Failure> {
        let project = self.project(project).await?;
        let state = project.state();
        Ok(Place { project: project.id, epoch: state.epoch, seq: state.seq })
    }

    /// The calls under way in a project, with what has arrived of their answers.
    pub fn in_flight(&self, project: ProjectId) -> Vec<InFlight> {
        let awake = self.inner.projects.awake().into_iter().find(|awake| awake.id == project);
        awake.map(|project| project.live.calls()).unwrap_or_default()
    }

    /// How many runs this process is at work on.
    pub async fn driven(&self) -> usize {
        self.inner.projects.awake().iter().map(Project::at_work).sum()
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
        self.inner.projects.close_all().await;
        self.inner.tasks.cancel();
        if !self.inner.tasks.ended_where(|_| true, LAST_TASKS).await {
            let left: Vec<String> = self.inner.tasks.list().into_iter().map(|task| task.name).collect();
            tracing::warn!(?left, "some tasks did not end in time and are dropped; nothing durable is lost");
            self.inner.tasks.abandon();
        }
    }

    fn config(&self) -> MutexGuard<'_, Config> {
        self.inner.config.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn folder(&self, id: ProjectId) -> PathBuf {
        self.inner.projects.folder(id)
    }

    async fn row(&self, id_or_name: &str) -> Result<ProjectRow, Failure> {
        let (store, name) = (self.inner.store.clone(), id_or_name.to_owned());
        let row = blocking(move || Ok(store.find(&name)?)).await?;
        let not_found = || Failure::not_found("project", id_or_name, "see `atelier project list`");
        row.filter(|row| row.status == Status::Active).ok_or_else(not_found)
    }

    /// The open project with this id or name.
    async fn project(&self, id_or_name: &str) -> Result<Project, Failure> {
        // One that is awake is there: the list need not be asked, and may be out of order on a full disk.
        if let Ok(id) = id_or_name.parse()
            && self.inner.projects.is_awake(id)
        {
            return self.open_project(id).await;
        }
        let row = self.row(id_or_name).await?;
        self.open_project(row.id).await
    }

    async fn open_project(&self, id: ProjectId) -> Result<Project, Failure> {
        self.inner.projects.get(id).await
    }

    async fn rows(&self) -> Result<Vec<ProjectRow>, Failure> {
        let store = self.inner.store.clone();
        let mut rows = blocking(move || Ok(store.projects()?)).await?;
        rows.retain(|row| row.status == Status::Active);
        Ok(rows)
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
        Failure::usage(codes::BAD_SETTING, error.to_string(), "see `atelier config show`")
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

/// A studio that is dropped without [`Studio::shutdown`] ends as its process would: nothing of it goes on.
impl Drop for Inner {
    fn drop(&mut self) {
        self.tasks.abandon();
    }
}
