//! What happens, passed on to many: to those who watch one project, and to those who watch the whole studio.
//!
//! Owns: frames made once for all readers, coalesced text, the ring of the studio's stream. Does not own: what happened
//! (the log), how a reader catches up ([`project`], [`studio`]).
//!
//! **Invariant**: what is kept for a reader has a bound, however slowly it reads.

pub(super) mod frame;
pub(super) mod project;
pub(super) mod studio;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use atelier_domain::ProjectId;
use atelier_runtime::tasks::OnCancel;
use atelier_runtime::{Change, Happening, Notice, Studio, Update};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use frame::{CallKey, Frame};

/// Text that arrives within this time is passed on together.
const TOGETHER: Duration = Duration::from_millis(33);
/// What a reader may be behind before it reads the log, or is told to.
const BEHIND: usize = 1_024;
/// What the studio's stream remembers for those who come back.
const RING: usize = 4_096;

/// The live side of the server. Cheap to clone.
#[derive(Clone)]
pub(super) struct Live {
    inner: Arc<Inner>,
}

struct Inner {
    studio: Studio,
    /// One line per watched project.
    projects: Mutex<BTreeMap<ProjectId, broadcast::Sender<Arc<Frame>>>>,
    ring: Mutex<Ring>,
    shutdown: CancellationToken,
    readers: AtomicUsize,
    resyncs: AtomicU64,
}

/// What happened lately in the whole studio.
struct Ring {
    /// Tells this process from the one before.
    epoch: i64,
    last: u64,
    kept: VecDeque<(u64, Arc<Frame>)>,
    line: broadcast::Sender<(u64, Arc<Frame>)>,
}

impl Live {
    /// Begins to listen.
    pub(super) fn begin(studio: &Studio, shutdown: CancellationToken) -> Self {
        let ring = Ring {
            epoch: atelier_runtime::clock::now().micros(),
            last: 0,
            kept: VecDeque::new(),
            line: broadcast::channel(BEHIND).0,
        };
        let inner = Inner {
            studio: studio.clone(),
            projects: Mutex::default(),
            ring: Mutex::new(ring),
            shutdown,
            readers: AtomicUsize::new(0),
            resyncs: AtomicU64::new(0),
        };
        let live = Self { inner: Arc::new(inner) };
        let (line, to) = (studio.happenings(), live.clone());
        studio.tasks().spawn("live", None, OnCancel::Drop, async move { to.pass_on(line).await });
        live
    }

    /// How many read.
    pub(super) fn readers(&self) -> usize {
        self.inner.readers.load(Ordering::Relaxed)
    }

    /// How often a reader was too slow.
    pub(super) fn resyncs(&self) -> u64 {
        self.inner.resyncs.load(Ordering::Relaxed)
    }

    /// Passes on what happens until the studio ends.
    async fn pass_on(&self, mut line: broadcast::Receiver<Arc<Happening>>) {
        let mut coalesced = Coalesced::default();
        let mut tick = tokio::time::interval(TOGETHER);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let happening = tokio::select! {
                biased;
                () = self.inner.shutdown.cancelled() => return,
                _ = tick.tick(), if !coalesced.is_empty() => {
                    coalesced.take_all().into_iter().for_each(|frame| self.send(frame));
                    continue;
                }
                happening = line.recv() => happening,
            };
            match happening {
                Ok(happening) => self.take(&happening, &mut coalesced),
                Err(RecvError::Lagged(_)) => {
                    // Readers of a project find the gap and read the log; those of the studio are told.
                    coalesced = Coalesced::default();
                    self.lost();
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn take(&self, happening: &Happening, coalesced: &mut Coalesced) {
        match happening {
            Happening::In(project, Update::Notice(Notice::Delta { run, path, attempt, at, text })) => {
                if self.is_watched(*project) {
                    coalesced.add(*project, (*run, path.clone(), *attempt), *at, text);
                }
            }
            Happening::In(project, update) => {
                coalesced.take_of(*project).into_iter().for_each(|frame| self.send(frame));
                self.send(Frame::of(*project, update));
            }
            Happening::Studio(change) => {
                // Whoever reads a project that begins anew, or is gone, finds that out by looking.
                if let Change::ProjectReset { project, .. } | Change::ProjectDeleted { project, .. } = change
                {
                    self.send(Frame::lost(*project));
                }
                self.send(Frame::change(change));
            }
        }
    }

    fn is_watched(&self, project: ProjectId) -> bool {
        lock(&self.inner.projects).contains_key(&project) || lock(&self.inner.ring).line.receiver_count() > 0
    }

    fn send(&self, frame: Frame) {
        let frame = Arc::new(frame);
        if let Some(project) = frame.project {
            let mut projects = lock(&self.inner.projects);
            let unwatched = projects.get(&project).is_some_and(|line| line.send(frame.clone()).is_err());
            if unwatched {
                projects.remove(&project);
            }
        }
        let mut ring = lock(&self.inner.ring);
        if frame.is_notice() {
            let last = ring.last;
            ring.line.send((last, frame)).ok();
            return;
        }
        ring.last += 1;
        let n = ring.last;
        ring.kept.push_back((n, frame.clone()));
        if ring.kept.len() > RING {
            ring.kept.pop_front();
        }
        ring.line.send((n, frame)).ok();
    }

    /// Something was missed: whoever watches has to look for itself.
    fn lost(&self) {
        let projects = std::mem::take(&mut *lock(&self.inner.projects));
        for (project, line) in projects {
            line.send(Arc::new(Frame::lost(project))).ok();
            lock(&self.inner.projects).entry(project).or_insert(line);
        }
        let mut ring = lock(&self.inner.ring);
        // A number is left out, so that nobody takes the stream for whole.
        ring.last += 1;
        ring.kept.clear();
        let (last, frame) = (ring.last, Arc::new(Frame::resync(ring.last)));
        ring.line.send((last, frame)).ok();
    }

    /// The frames of a project from now on.
    fn watch(&self, project: ProjectId) -> broadcast::Receiver<Arc<Frame>> {
        let mut projects = lock(&self.inner.projects);
        projects.entry(project).or_insert_with(|| broadcast::channel(BEHIND).0).subscribe()
    }
}

/// Text that waits for more of itself.
#[derive(Default)]
struct Coalesced {
    waiting: BTreeMap<(ProjectId, CallKey), (u64, String)>,
}

impl Coalesced {
    fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn add(&mut self, project: ProjectId, call: CallKey, at: u64, text: &str) {
        self.waiting.entry((project, call)).or_insert_with(|| (at, String::new())).1.push_str(text);
    }

    fn take_of(&mut self, project: ProjectId) -> Vec<Frame> {
        if self.waiting.is_empty() {
            return Vec::new();
        }
        let (taken, left) =
            std::mem::take(&mut self.waiting).into_iter().partition(|((p, _), _)| *p == project);
        self.waiting = left;
        frames(taken)
    }

    fn take_all(&mut self) -> Vec<Frame> {
        frames(std::mem::take(&mut self.waiting))
    }
}

fn frames(waiting: BTreeMap<(ProjectId, CallKey), (u64, String)>) -> Vec<Frame> {
    waiting.into_iter().map(|((project, call), (at, text))| Frame::delta(project, call, at, &text)).collect()
}

/// Counts a reader for as long as it lives.
struct Reading {
    live: Live,
}

impl Reading {
    fn new(live: &Live) -> Self {
        live.inner.readers.fetch_add(1, Ordering::Relaxed);
        Self { live: live.clone() }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.live.inner.readers.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
