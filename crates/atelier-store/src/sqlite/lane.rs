//! The queue of one project and the threads that work on all queues.
//!
//! **Invariant**: at most one thread works on a project at a time, in the order in which things were queued.
//! **Invariant**: a project that waits for its disk keeps no other from being served, up to sixteen at once.

use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::body::Packer;
use super::fault::locked;
use super::owner::Owner;
use super::shared::Shared;
use super::writer::{Append, Tools, Writer};
use crate::Error;

/// So many projects are written at once.
const THREADS: usize = 16;

/// So many batches go into one transaction.
const GROUP: usize = 1024;

/// A project that was not written for so long is brought to rest.
const IDLE: Duration = Duration::from_secs(1);

/// What waits in a queue.
pub(super) enum Request {
    Append(Append),
    Checkpoint(SyncSender<Result<(), Error>>),
    Close(SyncSender<Result<(), Error>>),
    /// Nobody wrote for a while.
    Rest,
}

/// The queue of one project.
pub(super) struct Lane {
    pub(super) shared: Arc<Shared>,
    owner: Arc<Owner>,
    queue: Mutex<Queue>,
    writer: Mutex<Option<Box<Writer>>>,
}

/// What a project wants when its queue was worked on.
enum Next {
    /// More was queued meanwhile.
    Again,
    /// It was written and should be brought to rest when it stays idle.
    RestLater,
    /// Nothing.
    Sleep,
}

#[derive(Default)]
struct Queue {
    requests: VecDeque<Request>,
    /// Whether a thread works on it or will.
    scheduled: bool,
}

/// The threads.
pub(super) struct Pool {
    inner: Arc<Inner>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    wake: Condvar,
    packer: Arc<Packer>,
}

#[derive(Default)]
struct State {
    ready: VecDeque<Arc<Lane>>,
    waiting: usize,
    stopping: bool,
    /// Projects written lately, and when.
    awake: HashMap<usize, (Weak<Lane>, Instant)>,
}

impl Lane {
    pub(super) fn new(shared: Arc<Shared>, owner: Arc<Owner>) -> Arc<Self> {
        Arc::new(Self { shared, owner, queue: Mutex::default(), writer: Mutex::default() })
    }

    /// Works on what is queued.
    fn work(&self, tools: &mut Tools) -> Next {
        let mut next = Next::Sleep;
        let mut requests: VecDeque<Request> = {
            let mut queue = locked(&self.queue);
            let n = queue.requests.len().min(GROUP);
            queue.requests.drain(..n).collect()
        };
        let mut writer = locked(&self.writer);
        while let Some(request) = requests.pop_front() {
            match request {
                Request::Append(first) => {
                    let mut group = vec![first];
                    while let Some(Request::Append(_)) = requests.front() {
                        let Some(Request::Append(next)) = requests.pop_front() else { break };
                        group.push(next);
                    }
                    self.append(&mut writer, group, tools);
                    next = Next::RestLater;
                }
                Request::Checkpoint(done) => {
                    let result = writer.as_mut().map_or(Ok(()), |writer| writer.checkpoint());
                    let _ = done.send(result.map_err(|error| self.shared.noticed(error)));
                }
                Request::Close(done) => {
                    self.shared.close();
                    if let Some(Err(error)) = writer.take().map(|mut writer| writer.checkpoint()) {
                        // All that was acknowledged is in the write-ahead log and is found there on the next open.
                        tracing::warn!(project = %self.shared.project, %error, "closed without a checkpoint");
                    }
                    let _ = done.send(Ok(()));
                }
                Request::Rest => {
                    self.shared.rest();
                    if let Some(writer) = writer.as_mut() {
                        writer.rest();
                    }
                }
            }
        }
        drop(writer);
        let mut queue = locked(&self.queue);
        queue.scheduled = !queue.requests.is_empty();
        if queue.scheduled { Next::Again } else { next }
    }

    fn append(&self, slot: &mut Option<Box<Writer>>, group: Vec<Append>, tools: &mut Tools) {
        match self.writer(slot) {
            Ok(writer) => {
                writer.append(group, tools);
                writer.tidy();
            }
            Err(error) => {
                for append in group {
                    // Whoever asked may have gone.
                    let _ = append.answer.send(Err(error.clone()));
                }
            }
        }
    }

    /// The writing side, opened by the first who needs it. That one makes the store the folder's owner.
    fn writer<'a>(&self, slot: &'a mut Option<Box<Writer>>) -> Result<&'a mut Writer, Error> {
        self.shared.writable()?;
        match slot {
            Some(writer) => Ok(writer),
            None => {
                self.owner.ensure()?;
                let opened = Writer::open(self.shared.clone()).map_err(|error| self.shared.noticed(error))?;
                self.shared.writable()?;
                Ok(slot.insert(Box::new(opened)))
            }
        }
    }
}

impl Pool {
    pub(super) fn new() -> Self {
        Self { inner: Arc::default(), threads: Mutex::default() }
    }

    /// Queues a request.
    pub(super) fn submit(&self, lane: &Arc<Lane>, request: Request) -> Result<(), Error> {
        let first = {
            let mut queue = locked(&lane.queue);
            queue.requests.push_back(request);
            !std::mem::replace(&mut queue.scheduled, true)
        };
        if !first {
            return Ok(());
        }
        let mut state = locked(&self.inner.state);
        state.ready.push_back(lane.clone());
        let enough = state.waiting >= state.ready.len();
        drop(state);
        if enough {
            self.inner.wake.notify_one();
            return Ok(());
        }
        self.grow()
    }

    /// One more thread, up to the limit; without any there is nobody to serve the queue.
    fn grow(&self) -> Result<(), Error> {
        let mut threads = locked(&self.threads);
        if threads.len() >= THREADS {
            return Ok(());
        }
        let inner = self.inner.clone();
        let name = format!("store-{}", threads.len() + 1);
        match std::thread::Builder::new().name(name).spawn(move || inner.serve()) {
            Ok(thread) => threads.push(thread),
            Err(error) if threads.is_empty() => {
                return Err(super::fault::io("start a thread for", std::path::Path::new("the log"))(error));
            }
            Err(error) => tracing::warn!(%error, "no further thread for the store"),
        }
        Ok(())
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        locked(&self.inner.state).stopping = true;
        self.inner.wake.notify_all();
        for thread in locked(&self.threads).drain(..) {
            let own = thread.thread().id() == std::thread::current().id();
            if !own && thread.join().is_err() {
                tracing::error!("a thread of the store failed");
            }
        }
    }
}

impl Inner {
    fn serve(&self) {
        let mut tools = Tools::new(self.packer.clone());
        while let Some(lane) = self.next() {
            match lane.work(&mut tools) {
                Next::Again => locked(&self.state).ready.push_back(lane),
                Next::RestLater => locked(&self.state).written(&lane),
                Next::Sleep => {}
            }
        }
    }

    /// The next project to work on; `None` when all is done and the store is going.
    fn next(&self) -> Option<Arc<Lane>> {
        let mut state = locked(&self.state);
        loop {
            if let Some(lane) = state.ready.pop_front() {
                return Some(lane);
            }
            if state.stopping {
                return None;
            }
            state.waiting += 1;
            state = match state.awake.is_empty() {
                true => self.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
                false => self.wake.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner).0,
            };
            state.waiting -= 1;
            state.bring_to_rest();
        }
    }
}

impl State {
    /// Remembers that a project was just written.
    fn written(&mut self, lane: &Arc<Lane>) {
        if !lane.shared.is_closed() {
            self.awake.insert(Arc::as_ptr(lane).addr(), (Arc::downgrade(lane), Instant::now()));
        }
    }

    /// Queues what idle projects still have to do.
    fn bring_to_rest(&mut self) {
        let idle: Vec<usize> = self
            .awake
            .iter()
            .filter(|(_, (_, since))| since.elapsed() >= IDLE)
            .map(|(key, _)| *key)
            .collect();
        for key in idle {
            let Some(lane) = self.awake.remove(&key).and_then(|(lane, _)| lane.upgrade()) else { continue };
            let mut queue = locked(&lane.queue);
            if !queue.scheduled {
                queue.scheduled = true;
                queue.requests.push_back(Request::Rest);
                drop(queue);
                self.ready.push_back(lane);
            }
        }
    }
}
