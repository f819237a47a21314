//! Where projects are kept: event logs, long texts, snapshots and the list of projects.
//!
//! Owns: durability, order, integrity and the formats on disk. Does not own: what an event means (`atelier-domain`),
//! who may append (`atelier-runtime`), indexes that answer by meaning (`atelier-recall`).
//!
//! **Invariant**: what `append` answered is still there after a power cut, all of it or nothing of it.
//! **Invariant**: numbers of events are gap-free per project, over all its branches.
//! **Invariant**: a damaged project is read-only, says why, and disturbs no other.
//!
//! The traits know nothing of SQLite: a second back-end passes [`conformance`] and moves in.

pub mod codes;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod line;
mod query;
mod report;
mod sqlite;

use std::any::Any;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use atelier_domain::text::Blobs;
use atelier_domain::{Draft, Envelope, Hash, ProjectId, Timestamp};
use futures::future::BoxFuture;

pub use error::Error;
pub use line::{Fork, Reach, line};
pub use query::{Query, Verify};
pub use report::{Health, Problem, ProjectRow, Stats, Status, VerifyReport};
pub use sqlite::SqliteStore;

/// A data folder, or whatever takes its place: many projects and the list of them.
///
/// All calls but [`Log::append`] block for as long as the disk takes; none belongs on an async thread.
pub trait Store: Send + Sync {
    /// Makes this process the owner until the answer is dropped. Whoever writes without having asked becomes the
    /// owner on the way, and stays it as long as the store lives.
    fn lock(&self) -> Result<Ownership, Error>;

    /// A new project with an empty log. Two active projects never share a name.
    fn create(&self, id: ProjectId, name: &str) -> Result<Arc<dyn Log>, Error>;

    /// The log of a project; the same one as long as somebody holds it. A damaged one opens read-only.
    fn open(&self, id: ProjectId) -> Result<Arc<dyn Log>, Error>;

    /// All projects, active ones first, each group by name.
    fn projects(&self) -> Result<Vec<ProjectRow>, Error>;

    /// The project with this id, or the active one with this name.
    fn find(&self, id_or_name: &str) -> Result<Option<ProjectRow>, Error>;

    /// Another name for a project, in the list; the event that says so is the caller's.
    fn rename(&self, id: ProjectId, name: &str) -> Result<(), Error>;

    /// Closes the project and moves it to the trash.
    fn trash(&self, id: ProjectId, now: Timestamp) -> Result<(), Error>;

    /// Takes a project out of the trash.
    fn restore(&self, id: ProjectId) -> Result<(), Error>;

    /// Closes the project, moves all of it to `archive/` and begins an empty log under the same id and name. Gives the
    /// place of what it was.
    fn renew(&self, id: ProjectId, now: Timestamp) -> Result<PathBuf, Error>;

    /// Removes a project, trashed or not, without a trace.
    fn purge(&self, id: ProjectId) -> Result<(), Error>;

    /// Tells the list how far a project got. Cheap; may be forgotten by a crash and is found again on open.
    fn note(&self, id: ProjectId, last_seq: u64, updated_at: Timestamp);
}

/// The log of one project.
pub trait Log: Send + Sync {
    /// Appends all of a batch or nothing of it, behind event number `expected_seq`. Queued in the order of the calls,
    /// whether or not the answers are awaited; durable once answered.
    fn append(&self, expected_seq: u64, batch: Batch) -> BoxFuture<'static, Result<Vec<Envelope>, Error>>;

    /// The number of the last durable event; 0 when there is none.
    fn last_seq(&self) -> u64;

    /// Whether the project can be written.
    fn health(&self) -> Health;

    /// The events that a query asks for.
    fn read(&self, query: Query<'_>) -> Result<Vec<Envelope>, Error>;

    /// Hands over all events with `after < seq <= upto`, in order. The answer is the number of the last one handed
    /// over, `after` when there was none.
    fn for_each(
        &self,
        after: u64,
        upto: Option<u64>,
        verify: Verify,
        f: &mut dyn FnMut(Envelope) -> ControlFlow<()>,
    ) -> Result<u64, Error>;

    /// A long text by its hash, checked against it.
    fn blob(&self, hash: &Hash) -> Result<Option<Arc<str>>, Error>;

    /// Many long texts at once; those that are missing are absent.
    fn blobs(&self, hashes: &[Hash]) -> Result<Blobs, Error>;

    /// All branches but the first, in the order of their making.
    fn forks(&self) -> Result<Vec<Fork>, Error>;

    /// Keeps the state after event `seq`, as folded by version `fold_version`.
    fn snapshot_put(&self, seq: u64, fold_version: u32, bytes: &[u8]) -> Result<(), Error>;

    /// The newest usable snapshot. One that is damaged, of another fold version or of another history is dropped.
    fn snapshot_latest(&self, at_or_before: u64, fold_version: u32) -> Result<Option<(u64, Vec<u8>)>, Error>;

    /// Drops all snapshots; they come back as the project goes on.
    fn snapshots_drop(&self) -> Result<(), Error>;

    /// Checks everything that is stored, and changes nothing.
    fn verify(&self) -> Result<VerifyReport, Error>;

    /// What is stored, in numbers.
    fn stats(&self) -> Result<Stats, Error>;

    /// Moves what was written lately to its final place on disk.
    fn checkpoint(&self) -> Result<(), Error>;

    /// Waits for what is queued, writes it and lets go of all files. Later calls answer [`Error::Closed`].
    fn close(&self) -> Result<(), Error>;

    /// The folder of the project, where it has one.
    fn path(&self) -> Option<PathBuf>;
}

/// What is appended together.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The events, in order.
    pub drafts: Vec<Draft>,
    /// Long texts that they name.
    pub blobs: Blobs,
}

/// The right to write in a data folder; given back when dropped.
pub struct Ownership {
    _held: Box<dyn Any + Send + Sync>,
}

impl Ownership {
    /// Wraps whatever a back-end holds.
    pub fn new(held: impl Any + Send + Sync) -> Self {
        Self { _held: Box::new(held) }
    }
}
