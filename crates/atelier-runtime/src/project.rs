//! The handle of an open project: what may be asked of its actor, and what anybody may read meanwhile.
//!
//! Owns: the messages to an actor, the published state, the updates. Does not own: the state itself ([`crate::actor`])
//! and who is open ([`crate::projects`]).
//!
//! **Invariant**: whoever holds a handle keeps the project awake.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use atelier_domain::{BranchId, ProjectId, RunId, State};
use atelier_engine::Command;
use atelier_engine::command::Reply;
use atelier_store::{Health, Log};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::Failure;
use crate::codes;
use crate::config::Config;
use crate::effects::Live;
use crate::follow::Update;
use crate::hub::{Happening, Hub};
use crate::library::Shelf;
use crate::memory::Memories;
use crate::names::Books;

/// The runs whose calls this process makes. It outlives the sleep of a project.
pub(crate) type Driven = Arc<Mutex<BTreeSet<RunId>>>;

/// An open project. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Project {
    pub(crate) id: ProjectId,
    pub(crate) log: Arc<dyn Log>,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) live: Arc<Live>,
    /// Who is called what, as far as anybody asked.
    pub(crate) books: Arc<Books>,
    /// The index of what is remembered, as far as anybody asked.
    pub(crate) memories: Memories,
    /// Held by whoever writes the project's files.
    pub(crate) files: Arc<Mutex<()>>,
    /// The event that the project's files have come to, once they were looked at.
    pub(super) mirrored: Arc<watch::Sender<Option<u64>>>,
    pub(super) inbox: mpsc::Sender<Message>,
    pub(super) state: watch::Receiver<Arc<State>>,
    /// Changes when a run may go no further by itself, which is far less often than the state does.
    pub(super) settled: watch::Receiver<()>,
    pub(super) updates: broadcast::Sender<Update>,
    pub(super) hub: Hub,
    pub(super) driven: Driven,
    pub(super) config: Arc<Mutex<Config>>,
    /// Why nothing can be appended any more.
    pub(super) broken: Arc<OnceLock<Failure>>,
    /// Counts the handles.
    pub(super) users: Arc<()>,
}

/// What an actor is sent.
pub(crate) enum Message {
    Command(Box<Command>, Answer),
    /// Drives the run from here on: its requested calls are made.
    Drive(RunId, Answer),
    /// Cuts the calls in flight; they are made again by whoever drives their runs next.
    Cut(oneshot::Sender<()>),
    /// Ends the actor if it has nothing to do; the answer says whether it did.
    Sleep(oneshot::Sender<bool>),
    Close(oneshot::Sender<()>),
}

/// Where the outcome of a command goes.
pub(crate) type Answer = oneshot::Sender<Result<Done, Failure>>;

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) reply: Reply,
    pub(crate) seq: u64,
}

impl Project {
    /// Decides on a command; answers when its events are durable.
    pub(crate) async fn command(&self, command: Command) -> Result<Done, Failure> {
        self.ask(|reply| Message::Command(Box::new(command), reply)).await
    }

    /// Makes this process drive a run.
    pub(crate) async fn drive(&self, run: RunId) -> Result<Done, Failure> {
        self.ask(|reply| Message::Drive(run, reply)).await
    }

    /// Cuts the calls in flight.
    pub(crate) async fn cut(&self) {
        let (reply, cut) = oneshot::channel();
        if self.inbox.send(Message::Cut(reply)).await.is_ok() {
            // An actor that is gone has cut them all.
            cut.await.ok();
        }
    }

    /// Ends the actor once everything before is done.
    pub(crate) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.inbox.send(Message::Close(reply)).await.is_ok() {
            closed.await.ok();
        }
    }

    /// Ends the actor if it has nothing to do; whether it ended.
    pub(crate) async fn sleep(&self) -> bool {
        let (reply, asleep) = oneshot::channel();
        match self.inbox.send(Message::Sleep(reply)).await {
            Ok(()) => asleep.await.unwrap_or(true),
            Err(_) => true,
        }
    }

    /// Waits until the files show all that has happened by now, as far as they can be written.
    pub(crate) async fn mirrored(&self) {
        let seq = self.state().seq;
        let mut mirrored = self.mirrored.subscribe();
        tokio::select! {
            // The sender is held here, so that an error cannot come.
            _ = mirrored.wait_for(|at| at.is_some_and(|at| at >= seq)) => {}
            () = self.inbox.closed() => {}
        }
    }

    /// The state after the last durable event.
    pub(crate) fn state(&self) -> Arc<State> {
        self.state.borrow().clone()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Arc<State>> {
        self.state.clone()
    }

    /// Tells when a run may have settled; ends with the actor.
    pub(crate) fn watch_settled(&self) -> watch::Receiver<()> {
        self.settled.clone()
    }

    /// Ends when the actor does.
    pub(crate) fn end(&self) -> impl Future<Output = ()> + Send + use<> {
        let inbox = self.inbox.clone();
        async move { inbox.closed().await }
    }

    pub(crate) fn updates(&self) -> broadcast::Receiver<Update> {
        self.updates.subscribe()
    }

    /// Whether anybody would hear an update.
    pub(crate) fn is_watched(&self) -> bool {
        self.updates.receiver_count() > 0 || self.hub.is_heard()
    }

    pub(crate) fn announce(&self, update: Update) {
        if self.hub.is_heard() {
            self.hub.tell(Happening::In(self.id, update.clone()));
        }
        // Nobody watching is no error.
        self.updates.send(update).ok();
    }

    pub(crate) fn driven(&self) -> MutexGuard<'_, BTreeSet<RunId>> {
        self.driven.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_driven(&self, run: RunId) -> bool {
        self.driven().contains(&run)
    }

    /// The runs this process is at work on: those that need nothing of a person right now.
    pub(crate) fn at_work(&self) -> usize {
        self.driven_now().len()
    }

    /// Those runs by name.
    pub(crate) fn driven_now(&self) -> Vec<RunId> {
        if self.broken().is_some() {
            return Vec::new();
        }
        let state = self.state();
        let at_work = |id: &&RunId| state.runs.get(*id).is_some_and(|run| !is_settled(run));
        self.driven().iter().filter(at_work).copied().collect()
    }

    /// Why nothing can be appended any more.
    pub(crate) fn broken(&self) -> Option<&Failure> {
        self.broken.get()
    }

    /// Whether the actor is gone.
    pub(crate) fn is_over(&self) -> bool {
        self.inbox.is_closed()
    }

    /// Whether nobody but the list of open projects and the actor holds it.
    pub(crate) fn is_unused(&self) -> bool {
        Arc::strong_count(&self.users) <= 2
    }

    /// Whether it can be written.
    pub(crate) fn is_healthy(&self) -> bool {
        self.broken().is_none() && self.log.health() == Health::Ok
    }

    /// The temperature that holds for the whole project.
    pub(crate) fn temperature_milli(&self) -> Option<u32> {
        let own = self.state().settings.get("models.temperature").cloned();
        let studio = || self.config.lock().unwrap_or_else(PoisonError::into_inner).get("models.temperature");
        own.or_else(|| studio().map(|(value, _)| value)).and_then(|value| value.parse().ok())
    }

    async fn ask(&self, message: impl FnOnce(Answer) -> Message) -> Result<Done, Failure> {
        let closed = || Failure::refused(codes::CLOSING, "the project is being closed", "try again");
        let (reply, answer) = oneshot::channel();
        self.inbox.send(message(reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

/// Whether a run goes no further by itself: ended, or waiting for a person with nothing under way.
pub(crate) fn is_settled(run: &atelier_domain::state::Run) -> bool {
    use atelier_domain::state::RunStatus;
    match run.status() {
        RunStatus::Running => false,
        RunStatus::Paused => run.in_flight().next().is_none(),
        _ => true,
    }
}

/// The branch a request means; the main one where none is named.
pub(crate) fn branch_of(state: &State, branch: Option<&str>) -> Result<BranchId, Failure> {
    match branch {
        None => Ok(BranchId::MAIN),
        Some(name) => state
            .find_branch(name)
            .ok_or_else(|| Failure::not_found("branch", name, "see `atelier project show`")),
    }
}
