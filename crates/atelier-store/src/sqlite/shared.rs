//! What all sides of an open log share: the writer, the readers, the checker.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use atelier_domain::ProjectId;
use rusqlite::Connection;

use super::dictionary::Dictionary;
use super::fault::{health_after, locked};
use super::open::Reading;
use super::{open, row};
use crate::{Error, Health};

/// Connections kept for the next reader.
const KEPT_READERS: usize = 2;

/// An open log.
pub(super) struct Shared {
    pub(super) project: ProjectId,
    pub(super) folder: PathBuf,
    /// The file `log.db` in it.
    pub(super) path: PathBuf,
    last_seq: AtomicU64,
    closed: AtomicBool,
    dictionary: RwLock<Arc<Dictionary>>,
    health: RwLock<Health>,
    /// Never changes: who reads alone is never written, so no writer stands beside such a reader.
    reading: Reading,
    readers: Mutex<Vec<Connection>>,
}

impl Shared {
    /// Opens a log for reading and sees how far it goes.
    pub(super) fn open(project: ProjectId, folder: PathBuf) -> Result<Self, Error> {
        let path = folder.join("log.db");
        let (db, unwritable) = open::any_reader(&path)?;
        let (found, _) = open::identity(&db, &path)?;
        if found != project {
            let why = format!("it belongs to {found}");
            return Err(Error::Damaged { what: path.display().to_string(), why, seq: None });
        }
        Ok(Self {
            project,
            folder,
            last_seq: AtomicU64::new(last_seq(&db, &path)?),
            closed: AtomicBool::new(false),
            dictionary: RwLock::new(Arc::new(Dictionary::load(&db, &path)?)),
            health: RwLock::new(unwritable.as_ref().and_then(health_after).unwrap_or(Health::Ok)),
            reading: if unwritable.is_some() { Reading::Alone } else { Reading::Shared },
            readers: Mutex::new(vec![db]),
            path,
        })
    }

    /// Where the log holds events that a newer version wrote, nothing is added to them.
    pub(super) fn fail_where_foreign(&self) {
        if let Some(kind) = self.dictionary().foreign_kind() {
            self.fail(Health::ReadOnly {
                reason: format!("it holds events of the kind `{kind}`, which this version does not know"),
                fix: "update atelier".into(),
            });
        }
    }

    pub(super) fn last_seq(&self) -> u64 {
        self.last_seq.load(Ordering::Acquire)
    }

    pub(super) fn advance(&self, seq: u64) {
        self.last_seq.store(seq, Ordering::Release);
    }

    pub(super) fn dictionary(&self) -> Arc<Dictionary> {
        self.dictionary.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn publish(&self, dictionary: Arc<Dictionary>) {
        *self.dictionary.write().unwrap_or_else(PoisonError::into_inner) = dictionary;
    }

    pub(super) fn health(&self) -> Health {
        self.health.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The error of whoever wants to write a project that cannot be written.
    pub(super) fn writable(&self) -> Result<(), Error> {
        if self.is_closed() {
            return Err(Error::Closed);
        }
        match self.health() {
            Health::Ok => Ok(()),
            Health::ReadOnly { reason, fix } => Err(Error::ReadOnly { reason, fix }),
        }
    }

    /// Makes the project read-only; the first reason stays.
    pub(super) fn fail(&self, health: Health) {
        let mut current = self.health.write().unwrap_or_else(PoisonError::into_inner);
        if *current == Health::Ok {
            if let Health::ReadOnly { reason, .. } = &health {
                tracing::error!(project = %self.project, reason, "the project is read-only from now on");
            }
            *current = health;
        }
    }

    /// Looks at an error on its way out: one that lasts makes the project read-only.
    pub(super) fn noticed(&self, error: Error) -> Error {
        if let Some(health) = health_after(&error) {
            self.fail(health);
        }
        error
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.rest();
    }

    /// Lets go of connections that nobody uses.
    pub(super) fn rest(&self) {
        locked(&self.readers).clear();
    }

    /// Reads with a connection of one's own.
    pub(super) fn read<T>(&self, f: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        if self.is_closed() {
            return Err(Error::Closed);
        }
        let kept = locked(&self.readers).pop();
        let db = match kept {
            Some(db) => db,
            None => open::reader(&self.path, self.reading).map_err(|error| self.noticed(error))?,
        };
        let result = f(&db).map_err(|error| self.noticed(error));
        let mut readers = locked(&self.readers);
        if readers.len() < KEPT_READERS && !self.is_closed() {
            readers.push(db);
        }
        result
    }
}

/// The number of the last event.
pub(super) fn last_seq(db: &Connection, path: &std::path::Path) -> Result<u64, Error> {
    let last: Option<i64> = db
        .query_row("SELECT max(seq) FROM events", [], |row| row.get(0))
        .map_err(super::fault::database("read the last event", path))?;
    u64::try_from(last.unwrap_or(0)).map_err(|_| row::damaged(0, "its number is negative"))
}
