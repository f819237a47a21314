//! One actor per open project: it alone owns the state and decides.
//!
//! Owns: the state, the calls in flight. Does not own: what is decided (the engine), what a call is ([`effects`]).
//!
//! A batch of waiting commands is decided one after the other on the growing state, appended in one transaction, then
//! announced, answered and acted upon, in this order.
//!
//! **Invariant**: nothing is announced, answered or asked of the world before it is durable.
//! **Invariant**: once something could not be appended, nothing more is decided until the project is opened anew.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use atelier_domain::event::{AttemptEvent, RunEvent};
use atelier_domain::{Envelope, Event, ProjectId, RunId, State};
use atelier_engine::command::Reply;
use atelier_engine::{Command, Rejection, decide};
use atelier_models::Gateway;
use atelier_store::{Batch, Health, Log};
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::asking::{self, Ready};
use crate::clock::{self, FreshIds};
use crate::codes;
use crate::config::Config;
use crate::effects::{self, AttemptKey};
use crate::follow::Update;
use crate::hub::Hub;
use crate::memory::Memories;
use crate::project::{Answer, Done, Driven, Message, Project, is_settled};
use crate::tasks::{OnCancel, Tasks};
use crate::{Failure, library, load};

/// Commands that may wait for an actor.
const INBOX: usize = 1_024;
/// Commands decided together at most.
const BATCH: usize = 256;
/// Updates a slow watcher may be behind before it is told to read the log.
const UPDATES: usize = 512;

struct Actor {
    project: Project,
    state: Arc<State>,
    published: watch::Sender<Arc<State>>,
    settled: watch::Sender<()>,
    gateway: Gateway,
    tasks: Tasks,
    calls: BTreeMap<AttemptKey, CancellationToken>,
    snapshot_at: u64,
}

/// Folds the log and starts the actor.
pub(crate) async fn start(
    id: ProjectId,
    log: Arc<dyn Log>,
    gateway: Gateway,
    tasks: &Tasks,
    driven: Driven,
    config: Arc<Mutex<Config>>,
    hub: Hub,
) -> Result<Project, Failure> {
    let reader = log.clone();
    let (state, snapshot_at) = blocking(move || load::current(&*reader, id)).await?;
    let state = Arc::new(state);
    let (inbox, messages) = mpsc::channel(INBOX);
    let (published, watched) = watch::channel(state.clone());
    let (settled, settling) = watch::channel(());
    let (updates, _) = broadcast::channel(UPDATES);
    let project = Project {
        id,
        log,
        shelf: Arc::default(),
        live: Arc::default(),
        books: Arc::default(),
        memories: Memories::default(),
        files: Arc::default(),
        mirrored: Arc::new(watch::Sender::new(None)),
        inbox,
        state: watched,
        settled: settling,
        updates,
        hub,
        driven,
        config,
        broken: Arc::default(),
        users: Arc::default(),
    };
    let actor = Actor {
        project: project.clone(),
        state,
        published,
        settled,
        gateway,
        tasks: tasks.clone(),
        calls: BTreeMap::new(),
        snapshot_at,
    };
    tasks.spawn("project actor", Some(id), OnCancel::Finish, actor.work(messages));
    Ok(project)
}

/// Who waits, for which recovery if it is one, and for what.
type Waiting = (Answer, Option<RunId>, Result<Done, Failure>);

impl Actor {
    async fn work(mut self, mut messages: mpsc::Receiver<Message>) {
        let mut waiting = Vec::with_capacity(BATCH);
        while messages.recv_many(&mut waiting, BATCH).await > 0 {
            let mut closing = Vec::new();
            let mut commands = Vec::new();
            for message in waiting.drain(..) {
                match message {
                    Message::Command(command, reply) => commands.push((command, reply)),
                    Message::Drive(run, reply) => {
                        // What came before is done before it is looked at; runs that are driven together are recovered
                        // together.
                        if !commands.iter().all(|(command, _)| recovers(command).is_some_and(|id| id != run))
                        {
                            self.commit(std::mem::take(&mut commands)).await;
                        }
                        match self.recovery(run) {
                            Some(command) => commands.push((command, reply)),
                            None => {
                                let done = Done { reply: Reply::Run(run), seq: self.state.seq };
                                reply.send(Ok(done)).ok();
                            }
                        }
                    }
                    Message::Cut(reply) => {
                        self.commit(std::mem::take(&mut commands)).await;
                        self.cancel_all();
                        reply.send(()).ok();
                    }
                    Message::Sleep(reply) => {
                        self.commit(std::mem::take(&mut commands)).await;
                        let idle = self.calls.is_empty() && self.project.at_work() == 0;
                        reply.send(idle).ok();
                        if idle {
                            return;
                        }
                    }
                    Message::Close(reply) => closing.push(reply),
                }
            }
            self.commit(commands).await;
            if !closing.is_empty() {
                self.cancel_all();
                for reply in closing {
                    reply.send(()).ok();
                }
                return;
            }
        }
    }

    /// Decides on commands, makes their events durable, and acts on them.
    async fn commit(&mut self, commands: Vec<(Box<Command>, Answer)>) {
        if commands.is_empty() {
            return;
        }
        if let Some(why) = self.project.broken().cloned() {
            for (command, reply) in commands {
                self.answer(reply, recovers(&command), Err(why.clone()));
            }
            return;
        }
        let base = self.state.seq;
        let mut rolling = (*self.state).clone();
        let mut batch = Batch::default();
        let mut answers: Vec<Waiting> = Vec::with_capacity(commands.len());
        for (command, reply) in commands {
            let recovered = recovers(&command);
            let answer = match self.decide(&rolling, *command).await {
                Ok(decision) => {
                    let done = Done { reply: decision.reply, seq: decision.state.seq };
                    rolling = decision.state;
                    batch.drafts.extend(decision.drafts);
                    batch.blobs.0.extend(decision.blobs.0);
                    Ok(done)
                }
                Err(failure) => Err(failure),
            };
            answers.push((reply, recovered, answer));
        }
        let mut ready = BTreeMap::new();
        let appended = match batch.drafts.is_empty() {
            true => Ok(Vec::new()),
            false => {
                self.project.shelf.add(&batch.blobs);
                ready = self.ask(&mut rolling, &mut batch).await;
                self.project.log.append(base, batch).await.map_err(Failure::from)
            }
        };
        match appended {
            Ok(events) => {
                if !events.is_empty() {
                    rolling.stash = Default::default();
                    self.state = Arc::new(rolling);
                    self.published.send_replace(self.state.clone());
                    self.act_on(&events, ready);
                }
                for (reply, recovered, answer) in answers {
                    self.answer(reply, recovered, answer);
                }
            }
            Err(failure) => {
                tracing::error!(project = %self.project.id, error = %failure, "nothing could be appended");
                if self.project.log.health() != Health::Ok {
                    self.give_up(failure.clone());
                }
                for (reply, recovered, answer) in answers {
                    self.answer(reply, recovered, answer.and(Err(failure.clone())));
                }
            }
        }
    }

    /// A run whose recovery failed is nobody's. Who asked may have gone.
    fn answer(&self, reply: Answer, recovered: Option<RunId>, answer: Result<Done, Failure>) {
        if let (Some(run), Err(_)) = (recovered, &answer) {
            self.project.driven().remove(&run);
        }
        reply.send(answer).ok();
    }

    /// Puts together the calls of a batch whose models can be asked at once, so that what they are sent becomes durable
    /// with what led to them.
    async fn ask(&mut self, state: &mut State, batch: &mut Batch) -> BTreeMap<AttemptKey, Ready> {
        let mut ready = BTreeMap::new();
        for key in self.calls_of(batch, state) {
            let now = Arc::new(state.clone());
            let Some(call) = asking::at_once(&self.project, &self.gateway, &now, &key).await else {
                continue;
            };
            let Ok(decision) = self.decide(state, call.ask(&key)).await else { continue };
            *state = decision.state;
            batch.drafts.extend(decision.drafts);
            self.project.shelf.add(&decision.blobs);
            batch.blobs.0.extend(decision.blobs.0);
            ready.insert(key, call);
        }
        ready
    }

    /// The model calls a batch asks for that this process is to make at once.
    fn calls_of(&self, batch: &Batch, state: &State) -> Vec<AttemptKey> {
        let mut begun = BTreeSet::new();
        let mut calls = Vec::new();
        for draft in &batch.drafts {
            let Some(run) = draft.correlation else { continue };
            match &draft.event {
                Event::Run(RunEvent::Started(_)) => drop(begun.insert(run)),
                Event::Attempt(AttemptEvent::Requested(asked))
                    if asked.model.is_some() && asked.delay_ms == 0 =>
                {
                    calls.push((run, asked.path.clone(), asked.attempt));
                }
                _ => {}
            }
        }
        let wanted = |(run, path, attempt): &AttemptKey| {
            let open = state
                .runs
                .get(run)
                .is_some_and(|r| r.in_flight().any(|(at, a)| at == path && a.number == *attempt));
            open && (begun.contains(run) || self.project.is_driven(*run))
        };
        calls.retain(wanted);
        calls
    }

    /// Nothing can be written any more: calls are cut, and who waits for a run is told.
    fn give_up(&mut self, failure: Failure) {
        self.project.broken.get_or_init(|| failure);
        self.cancel_all();
        self.published.send_modify(|_| {});
        self.settled.send_replace(());
    }

    /// Decides, fetching long texts and closed runs as they are found missing.
    async fn decide(
        &mut self,
        state: &State,
        command: Command,
    ) -> Result<atelier_engine::command::Decision, Failure> {
        let mut state = Cow::Borrowed(state);
        let mut command = command;
        self.complete(&mut command);
        if let Some(run) = reopens(&command)
            && !state.runs.contains_key(&run)
        {
            let (log, mut own) = (self.project.log.clone(), state.into_owned());
            let (found, own) =
                blocking(move || load::bring_back(&*log, &mut own, run).map(|found| (found, own))).await?;
            if !found {
                return Err(Failure::not_found("run", &run.to_string(), "see `atelier runs list`"));
            }
            state = Cow::Owned(reopened(own, run));
        }
        let mut held = None;
        loop {
            let decided = decide(&state, &*self.project.shelf, &command, clock::now(), &mut FreshIds);
            match decided {
                Err(Rejection::Missing(hash)) => {
                    held.get_or_insert_with(|| self.project.shelf.hold());
                    if let Command::Start(start) = &command
                        && start.definition == hash
                    {
                        // Let go since it was put there, when the last run that followed it ended.
                        let compiled = library::compile(&start.definition_text)?;
                        self.project.shelf.add_definition(hash, compiled);
                        continue;
                    }
                    let (log, shelf, state) =
                        (self.project.log.clone(), self.project.shelf.clone(), state.clone().into_owned());
                    blocking(move || shelf.fetch(&*log, &hash, &state)).await?;
                }
                other => return other.map_err(Failure::from),
            }
        }
    }

    /// Adds what only this process knows: what calls in flight have brought and may have cost.
    fn complete(&self, command: &mut Command) {
        match command {
            Command::Pause { run, cut: Some(cut), .. }
            | Command::Cancel { run, cut: Some(cut) }
            | Command::Rewind { run, cut: Some(cut), .. }
            | Command::Recover { run, cut: Some(cut) } => cut.extend(self.project.live.cuts(*run)),
            Command::Decide { gate, cut, .. } => {
                let run = self.state.runs.values().find(|run| run.gates.contains_key(gate));
                cut.extend(run.map(|run| self.project.live.cuts(run.id)).unwrap_or_default());
            }
            _ => {}
        }
    }

    /// Announces events and does what they ask for.
    fn act_on(&mut self, events: &[Envelope], mut ready: BTreeMap<AttemptKey, Ready>) {
        let settled = |run: &RunId| self.state.runs.get(run).is_none_or(|run| is_settled(run));
        if events.iter().filter_map(|envelope| envelope.correlation.as_ref()).any(settled) {
            self.settled.send_replace(());
        }
        for envelope in events {
            if self.project.is_watched() {
                self.project.announce(Update::Event(Box::new(envelope.clone())));
            }
            let Some(run) = envelope.correlation else { continue };
            match &envelope.event {
                Event::Attempt(AttemptEvent::Requested(requested)) if self.project.is_driven(run) => {
                    let key = (run, requested.path.clone(), requested.attempt);
                    let ready = ready.remove(&key);
                    self.start(key, requested.delay_ms, ready);
                }
                Event::Attempt(AttemptEvent::Interrupted(cut)) => {
                    self.stop(&(run, cut.path.clone(), cut.attempt));
                }
                Event::Attempt(AttemptEvent::Finished(ended)) => {
                    self.forget(&(run, ended.path.clone(), ended.attempt));
                }
                Event::Attempt(AttemptEvent::Failed(ended)) => {
                    self.forget(&(run, ended.path.clone(), ended.attempt));
                }
                Event::Run(RunEvent::Started(_)) => {
                    self.project.driven().insert(run);
                }
                Event::Run(RunEvent::Finished(_)) => {
                    self.project.driven().remove(&run);
                    self.project.shelf.keep_definitions_of(&self.state);
                }
                _ => {}
            }
        }
        self.snapshot();
    }

    fn start(&mut self, key: AttemptKey, delay_ms: u64, ready: Option<Ready>) {
        let cancel = CancellationToken::new();
        self.calls.insert(key.clone(), cancel.clone());
        let work = effects::work(self.project.clone(), self.gateway.clone(), key, delay_ms, ready, cancel);
        self.tasks.spawn("effect", Some(self.project.id), OnCancel::Finish, work);
    }

    fn stop(&mut self, key: &AttemptKey) {
        if let Some(cancel) = self.calls.remove(key) {
            cancel.cancel();
        }
    }

    fn forget(&mut self, key: &AttemptKey) {
        self.calls.remove(key);
    }

    fn cancel_all(&mut self) {
        std::mem::take(&mut self.calls).into_values().for_each(|cancel| cancel.cancel());
    }

    /// From here on this process makes the run's calls; those another process left in the middle are made again by this
    /// command. None where this process makes them already.
    fn recovery(&mut self, run: RunId) -> Option<Box<Command>> {
        self.project.driven().insert(run);
        let ours = self.calls.keys().any(|(id, _, _)| *id == run);
        if ours || !self.state.runs.contains_key(&run) {
            return None;
        }
        Some(Box::new(Command::Recover { run, cut: Some(BTreeMap::new()) }))
    }

    /// Keeps a snapshot when enough has happened since the last one.
    fn snapshot(&mut self) {
        if self.state.seq < self.snapshot_at + load::SNAPSHOT_EVERY {
            return;
        }
        self.snapshot_at = self.state.seq;
        let (log, state) = (self.project.log.clone(), self.state.clone());
        self.tasks.spawn("snapshot", Some(self.project.id), OnCancel::Finish, async move {
            let kept = blocking(move || {
                let bytes = load::snapshot(&state)?;
                log.snapshot_put(state.seq, atelier_domain::FOLD_VERSION, &bytes).map_err(Failure::from)
            });
            if let Err(failure) = kept.await {
                tracing::warn!(error = %failure, "a snapshot could not be kept; the next start folds more events");
            }
        });
    }
}

/// The run whose calls a command asks for again because their process is gone.
fn recovers(command: &Command) -> Option<RunId> {
    match command {
        Command::Recover { run, .. } => Some(*run),
        _ => None,
    }
}

/// The run a command opens again after it had ended.
fn reopens(command: &Command) -> Option<RunId> {
    match command {
        Command::Resume { run } | Command::Rewind { run, .. } | Command::Step { run } => Some(*run),
        _ => None,
    }
}

/// The state with a closed run among the open ones, for the decision that opens it again.
fn reopened(mut state: State, id: RunId) -> State {
    if let Some(run) = state.stash.runs.get(&id).cloned() {
        state.runs.insert(id, run);
        state.closed_runs = state.closed_runs.saturating_sub(1);
    }
    state
}

/// Runs blocking work away from the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        Failure::failed(codes::INTERNAL, format!("a worker ended: {error}"), "please report this")
    })?
}
