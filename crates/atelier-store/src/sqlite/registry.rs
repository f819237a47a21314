//! The list of projects, `registry.db`: derived from the folders, so that a lost or broken one is made again.
//!
//! **Invariant**: two active projects never have the same name, as [`atelier_domain::name::key`] compares.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use atelier_domain::{ProjectId, Timestamp, name};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::fault::{database, locked};
use super::open;
use crate::{Error, ProjectRow, Status};

const FORMAT: i64 = 1;

/// So many notes are kept in memory before they are written together.
const NOTES: usize = 256;

const COLUMNS: &str = "id, name, trashed_at, damaged, last_seq, updated_at, folder";

/// The list.
pub(super) struct Registry {
    data: PathBuf,
    path: PathBuf,
    db: Mutex<Connection>,
    notes: Mutex<HashMap<ProjectId, (u64, Timestamp)>>,
}

impl Registry {
    /// Opens the list; a broken one is an error, see [`Registry::remove_files`].
    pub(super) fn open(data: &Path) -> Result<Self, Error> {
        let path = data.join("registry.db");
        let db = open::registry(&path, include_str!("registry.sql"), FORMAT)?;
        Ok(Self { data: data.to_owned(), path, db: Mutex::new(db), notes: Mutex::default() })
    }

    /// A list that lasts as long as this process, for a folder that cannot be written.
    pub(super) fn in_memory(data: &Path) -> Result<Self, Error> {
        let path = data.join("registry.db");
        let db = open::registry_in_memory(&path, include_str!("registry.sql"))?;
        Ok(Self { data: data.to_owned(), path, db: Mutex::new(db), notes: Mutex::default() })
    }

    /// Removes the files of a list that cannot be used.
    pub(super) fn remove_files(data: &Path) -> Result<(), Error> {
        for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
            let path = data.join(name);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(super::fault::io("remove", &path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// All projects, active ones first, each group by name.
    pub(super) fn all(&self) -> Result<Vec<ProjectRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM projects ORDER BY trashed_at IS NOT NULL, key, id");
        self.with("list the projects", |db| {
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map([], |row| self.row(row))?;
            rows.collect()
        })
    }

    pub(super) fn get(&self, id: ProjectId) -> Result<Option<ProjectRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM projects WHERE id = ?1");
        self.with("look up the project", |db| {
            db.prepare_cached(&sql)?.query_row([id.uuid().into_bytes()], |row| self.row(row)).optional()
        })
    }

    /// The active project with this name.
    pub(super) fn named(&self, title: &str) -> Result<Option<ProjectRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM projects WHERE key = ?1 AND trashed_at IS NULL ORDER BY damaged IS NOT NULL"
        );
        self.with("look up the project", |db| {
            db.prepare_cached(&sql)?.query_row([name::key(title)], |row| self.row(row)).optional()
        })
    }

    /// Refuses a name that another active project has.
    pub(super) fn free(&self, title: &str, except: Option<ProjectId>) -> Result<(), Error> {
        match self.named(title)? {
            Some(other) if Some(other.id) != except => Err(Error::NameTaken { name: other.name }),
            _ => Ok(()),
        }
    }

    /// Writes a row, new or not.
    pub(super) fn put(&self, row: &ProjectRow) -> Result<(), Error> {
        let folder =
            row.path.as_deref().and_then(|path| path.strip_prefix(&self.data).ok()).unwrap_or(Path::new(""));
        let trashed_at = match row.status {
            Status::Active => None,
            Status::Trashed { at } => Some(at.micros()),
        };
        self.with("write the list of projects", |db| {
            let sql = "INSERT INTO projects VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(id) DO UPDATE SET \
                       name = ?2, key = ?3, trashed_at = ?4, damaged = ?5, last_seq = ?6, updated_at = ?7, folder = ?8";
            db.prepare_cached(sql)?.execute(params![
                row.id.uuid().into_bytes(),
                row.name,
                name::key(&row.name),
                trashed_at,
                row.damaged,
                row.last_seq as i64,
                row.updated_at.micros(),
                folder.to_string_lossy(),
            ])
        })
        .map(drop)
    }

    pub(super) fn remove(&self, id: ProjectId) -> Result<(), Error> {
        locked(&self.notes).remove(&id);
        self.with("write the list of projects", |db| {
            db.prepare_cached("DELETE FROM projects WHERE id = ?1")?.execute([id.uuid().into_bytes()])?;
            // Nothing of what was purged stays behind in the write-ahead log.
            db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        })
    }

    /// Remembers how far a project got; written with others later, and never by who only reads.
    pub(super) fn note(&self, id: ProjectId, last_seq: u64, updated_at: Timestamp) {
        let full = {
            let mut notes = locked(&self.notes);
            notes.insert(id, (last_seq, updated_at));
            notes.len() >= NOTES
        };
        if full && let Err(error) = self.flush() {
            tracing::warn!(%error, "the list of projects is behind; it catches up when they are opened");
        }
    }

    /// Writes what was noted.
    pub(super) fn flush(&self) -> Result<(), Error> {
        let notes = std::mem::take(&mut *locked(&self.notes));
        if notes.is_empty() {
            return Ok(());
        }
        self.with("write the list of projects", |db| {
            let tx = db.unchecked_transaction()?;
            for (id, (last_seq, updated_at)) in &notes {
                tx.prepare_cached("UPDATE projects SET last_seq = ?2, updated_at = ?3 WHERE id = ?1")?
                    .execute(params![id.uuid().into_bytes(), *last_seq as i64, updated_at.micros()])?;
            }
            tx.commit()
        })
    }

    fn with<T>(
        &self,
        doing: &'static str,
        f: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        f(&locked(&self.db)).map_err(database(doing, &self.path))
    }

    fn row(&self, row: &Row<'_>) -> rusqlite::Result<ProjectRow> {
        let trashed_at: Option<i64> = row.get(2)?;
        let folder: String = row.get(6)?;
        let id = ProjectId::from_uuid(Uuid::from_bytes(row.get(0)?));
        let (last_seq, updated_at) = match locked(&self.notes).get(&id) {
            Some(noted) => *noted,
            None => (u64::try_from(row.get::<_, i64>(4)?).unwrap_or(0), Timestamp::from_micros(row.get(5)?)),
        };
        Ok(ProjectRow {
            id,
            name: row.get(1)?,
            status: trashed_at
                .map_or(Status::Active, |at| Status::Trashed { at: Timestamp::from_micros(at) }),
            damaged: row.get(3)?,
            last_seq,
            updated_at,
            path: Some(self.data.join(folder)),
        })
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        if let Err(error) = self.flush() {
            tracing::warn!(%error, "the list of projects is behind; it catches up when they are opened");
        }
    }
}
