//! The small numbers that stand for kinds, actors and branches in the rows of one log.
//!
//! **Invariant**: published before the commit that first uses it, so whoever looks after reading a row finds it.

use std::borrow::Cow;
use std::path::Path;

use atelier_domain::{Actor, BranchId, Event};
use rusqlite::{Connection, Row};
use uuid::Uuid;

use super::chain;
use super::fault::database;
use crate::{Error, Fork};

/// Kinds with an index of their own: few, and asked for by kind. They have the first numbers, in this order; the
/// index in `schema.sql` counts on there being eight.
pub(super) const RARE: [&str; 8] = [
    "project.created",
    "project.renamed",
    "project.settings_changed",
    "branch.forked",
    "run.started",
    "run.finished",
    "run.rewound",
    "message.sent",
];

/// All numbers of one log. Each list is indexed by the number.
#[derive(Debug, Clone, Default)]
pub(super) struct Dictionary {
    pub(super) kinds: Vec<Cow<'static, str>>,
    pub(super) actors: Vec<Actor>,
    pub(super) branches: Vec<BranchId>,
    /// How each branch but the first came about: `forks[n - 1]` belongs to `branches[n]`.
    pub(super) forks: Vec<Fork>,
}

impl Dictionary {
    /// Reads all of it.
    pub(super) fn load(db: &Connection, path: &Path) -> Result<Self, Error> {
        let mut dictionary = Dictionary::default();
        let known = Event::kinds();
        each(db, path, "SELECT n, kind FROM kinds ORDER BY n", |row| {
            let kind: String = row.get(1)?;
            let kind = known
                .iter()
                .find(|known| **known == kind)
                .map_or(Cow::Owned(kind), |known| Cow::Borrowed(*known));
            dictionary.kinds.push(kind);
            Ok(dictionary.kinds.len())
        })?;
        each(db, path, "SELECT n, kind, id FROM actors ORDER BY n", |row| {
            let kind = chain::actor_kind(row.get(1)?)
                .ok_or(rusqlite::Error::IntegralValueOutOfRange(1, row.get(1)?))?;
            dictionary.actors.push(Actor { kind, id: row.get(2)? });
            Ok(dictionary.actors.len())
        })?;
        each(db, path, "SELECT n, id, name, parent, at_seq, seq FROM branches ORDER BY n", |row| {
            let branch = BranchId::from_uuid(Uuid::from_bytes(row.get(1)?));
            dictionary.branches.push(branch);
            if dictionary.branches.len() > 1 {
                let parent = row.get::<_, i64>(3).ok().and_then(|n| usize::try_from(n).ok());
                let parent = parent.and_then(|n| dictionary.branches.get(n).copied());
                let parent = parent.ok_or(rusqlite::Error::IntegralValueOutOfRange(3, -1))?;
                let fork = Fork {
                    branch,
                    name: row.get(2)?,
                    parent,
                    at_seq: unsigned(row, 4)?,
                    seq: unsigned(row, 5)?,
                };
                dictionary.forks.push(fork);
            }
            Ok(dictionary.branches.len())
        })?;
        Ok(dictionary)
    }

    /// A kind in this log that this version does not know.
    pub(super) fn foreign_kind(&self) -> Option<&str> {
        self.kinds.iter().find_map(|kind| match kind {
            Cow::Borrowed(_) => None,
            Cow::Owned(kind) => Some(kind.as_str()),
        })
    }

    pub(super) fn kind(&self, kind: &str) -> Option<usize> {
        self.kinds.iter().position(|known| known == kind)
    }

    pub(super) fn actor(&self, actor: &Actor) -> Option<usize> {
        self.actors.iter().position(|known| known == actor)
    }

    pub(super) fn branch(&self, branch: BranchId) -> Option<usize> {
        self.branches.iter().position(|known| *known == branch)
    }
}

/// Reads a list whose numbers count up from 0; `add` answers how long the list is now.
fn each(
    db: &Connection,
    path: &Path,
    sql: &str,
    mut add: impl FnMut(&Row<'_>) -> rusqlite::Result<usize>,
) -> Result<(), Error> {
    let failed = database("read the lists of the log", path);
    let damaged = |why: String| Error::Damaged { what: path.display().to_string(), why, seq: None };
    let mut statement = db.prepare(sql).map_err(&failed)?;
    let mut rows = statement.query([]).map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        let n: i64 = row.get(0).map_err(&failed)?;
        let length = add(row).map_err(|error| match error.sqlite_error_code() {
            Some(_) => failed(error),
            None => damaged(format!("row {n} of its lists cannot be read: {error}")),
        })?;
        if i64::try_from(length) != Ok(n + 1) {
            return Err(damaged(format!("row {} of its lists is missing", length - 1)));
        }
    }
    Ok(())
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}
