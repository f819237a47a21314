//! The store alone on a machine: one SQLite file per project in write-ahead mode with durable commits, one for the list.
//!
//! ```text
//! DATA/lock  registry.db  projects/<id>/log.db  projects/<id>/snapshots/  trash/<id>.<when>/
//! ```
//!
//! Owns: the layout of the data folder, its rights (0700, 0600), who owns it. Does not own: what runtime puts beside a
//! project's log. **Invariant**: no file has two writers.

mod body;
mod chain;
mod check;
mod dictionary;
mod fault;
mod lane;
mod log;
mod open;
mod owner;
mod read;
mod registry;
mod room;
mod row;
mod scan;
mod shared;
mod snapshot;
mod writer;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use atelier_domain::{ProjectId, Timestamp};

use crate::{Error, Health, Log, Ownership, ProjectRow, Status, Store};
use check::Checker;
use fault::{health_after, io, locked};
use lane::{Lane, Pool};
use log::SqliteLog;
use owner::Owner;
use registry::Registry;
use shared::Shared;

/// A data folder on a disk.
pub struct SqliteStore {
    data: PathBuf,
    owner: Arc<Owner>,
    registry: Registry,
    pool: Arc<Pool>,
    checker: Checker,
    open: Mutex<HashMap<ProjectId, Weak<SqliteLog>>>,
    /// Long logs that were checked whole since this process began, or are being checked.
    checked: Mutex<HashSet<ProjectId>>,
}

impl SqliteStore {
    /// Opens a data folder, made when missing. Brings the list of projects up to what the folders say; where the folder
    /// cannot be written, in memory.
    pub fn open(data: &Path) -> Result<Self, Error> {
        open::private_folder(data)?;
        let data = data.canonicalize().map_err(io("open", data))?;
        let owner = Arc::new(Owner::new(&data));
        let registry = match Self::list(&data, &owner) {
            Err(error) if error.is_unwritable() => {
                tracing::info!(%error, "the list of projects is kept in memory");
                let registry = Registry::in_memory(&data)?;
                scan::reconcile(&data, &registry)?;
                registry
            }
            opened => opened?,
        };
        Ok(Self {
            data,
            owner,
            registry,
            pool: Arc::new(Pool::new()),
            checker: Checker::default(),
            open: Mutex::default(),
            checked: Mutex::default(),
        })
    }

    fn list(data: &Path, owner: &Owner) -> Result<Registry, Error> {
        open::private_folder(&data.join("projects"))?;
        let registry = match Registry::open(data) {
            Err(Error::Damaged { why, .. }) => {
                tracing::warn!(why, "the list of projects is damaged and is made again from the folders");
                let _mine = owner.take()?;
                Registry::remove_files(data)?;
                Registry::open(data)?
            }
            opened => opened?,
        };
        scan::reconcile(data, &registry)?;
        Ok(registry)
    }

    fn row(&self, id: ProjectId) -> Result<ProjectRow, Error> {
        self.registry.get(id)?.ok_or_else(|| Error::NotFound { project: id.to_string() })
    }

    fn home(&self, id: ProjectId) -> PathBuf {
        self.data.join("projects").join(id.to_string())
    }

    fn trashed_home(&self, id: ProjectId, at: Timestamp) -> PathBuf {
        self.data.join("trash").join(format!("{id}.{}", at.micros()))
    }

    /// An empty log in a folder aside.
    fn draft(&self, id: ProjectId, name: &str) -> Result<PathBuf, Error> {
        let draft = self.data.join("projects").join(format!(".new-{id}"));
        match std::fs::remove_dir_all(&draft) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(io("remove", &draft)(error));
            }
            _ => open::private_folder(&draft)?,
        }
        open::create_log(&draft.join("log.db"), id, name)?;
        open::sync_folder(&draft)?;
        Ok(draft)
    }

    /// Opens what is in the list, and checks it as far as that takes no time.
    fn load(&self, id: ProjectId) -> Result<Arc<SqliteLog>, Error> {
        let row = self.row(id)?;
        if row.status != Status::Active {
            return Err(Error::Trashed { project: id.to_string() });
        }
        let folder = self.home(id);
        scan::real_folder(&folder)?;
        let shared = Arc::new(Shared::open(id, folder)?);
        match check::on_open(&shared) {
            Ok(0) => {}
            Ok(older) if locked(&self.checked).insert(id) => self.checker.later(&shared, older),
            Ok(_) => {}
            // Damage is the project's own trouble and leaves it readable; anything else is the caller's.
            Err(error) if health_after(&error).is_some() => {}
            Err(error) => return Err(error),
        }
        let lane = Lane::new(shared, self.owner.clone());
        Ok(Arc::new(SqliteLog::new(lane, self.pool.clone())))
    }

    /// Closes a project that may be open.
    fn shut(&self, open: &mut HashMap<ProjectId, Weak<SqliteLog>>, id: ProjectId) -> Result<(), Error> {
        match open.remove(&id).and_then(|log| log.upgrade()) {
            Some(log) => log.close(),
            None => Ok(()),
        }
    }

    fn move_folder(&self, from: &Path, to: &Path) -> Result<(), Error> {
        std::fs::rename(from, to).map_err(io("move", from))?;
        for folder in [from.parent(), to.parent()].into_iter().flatten() {
            open::sync_folder(folder)?;
        }
        Ok(())
    }
}

impl Store for SqliteStore {
    fn lock(&self) -> Result<Ownership, Error> {
        self.owner.take().map(Ownership::new)
    }

    fn create(&self, id: ProjectId, name: &str) -> Result<Arc<dyn Log>, Error> {
        self.owner.ensure()?;
        let mut open = locked(&self.open);
        if self.registry.get(id)?.is_some() {
            return Err(Error::IdTaken { project: id.to_string() });
        }
        self.registry.free(name, None)?;
        // Made aside and moved into place whole: a project is there or it is not.
        let draft = self.draft(id, name)?;
        let home = self.home(id);
        self.move_folder(&draft, &home)?;
        self.registry.put(&ProjectRow {
            id,
            name: name.to_owned(),
            status: Status::Active,
            damaged: None,
            last_seq: 0,
            updated_at: Timestamp::default(),
            path: Some(home),
        })?;
        let log = self.load(id)?;
        open.insert(id, Arc::downgrade(&log));
        Ok(log)
    }

    fn open(&self, id: ProjectId) -> Result<Arc<dyn Log>, Error> {
        let mut open = locked(&self.open);
        if let Some(log) = open.get(&id).and_then(Weak::upgrade)
            && !log.is_closed()
        {
            if log.health() == Health::Ok {
                return Ok(log);
            }
            // What made it read-only may be over: it is looked at anew, and nobody writes through the old one again.
            log.close()?;
        }
        let log = self.load(id)?;
        open.insert(id, Arc::downgrade(&log));
        open.retain(|_, log| log.strong_count() > 0);
        Ok(log)
    }

    fn projects(&self) -> Result<Vec<ProjectRow>, Error> {
        self.registry.all()
    }

    fn find(&self, id_or_name: &str) -> Result<Option<ProjectRow>, Error> {
        match id_or_name.parse() {
            Ok(id) => self.registry.get(id),
            Err(_) => self.registry.named(id_or_name),
        }
    }

    fn rename(&self, id: ProjectId, name: &str) -> Result<(), Error> {
        self.owner.ensure()?;
        let _one_at_a_time = locked(&self.open);
        let row = self.row(id)?;
        if row.status == Status::Active {
            self.registry.free(name, Some(id))?;
        }
        self.registry.put(&ProjectRow { name: name.to_owned(), ..row })
    }

    fn trash(&self, id: ProjectId, now: Timestamp) -> Result<(), Error> {
        self.owner.ensure()?;
        let mut open = locked(&self.open);
        let row = self.row(id)?;
        if row.status != Status::Active {
            return Err(Error::Trashed { project: id.to_string() });
        }
        self.shut(&mut open, id)?;
        open::private_folder(&self.data.join("trash"))?;
        let to = self.trashed_home(id, now);
        self.move_folder(&self.home(id), &to)?;
        self.registry.put(&ProjectRow { status: Status::Trashed { at: now }, path: Some(to), ..row })
    }

    fn restore(&self, id: ProjectId) -> Result<(), Error> {
        self.owner.ensure()?;
        let _one_at_a_time = locked(&self.open);
        let row = self.row(id)?;
        let Status::Trashed { at } = row.status else { return Ok(()) };
        self.registry.free(&row.name, Some(id))?;
        let home = self.home(id);
        self.move_folder(&self.trashed_home(id, at), &home)?;
        self.registry.put(&ProjectRow { status: Status::Active, path: Some(home), ..row })
    }

    fn renew(&self, id: ProjectId, now: Timestamp) -> Result<PathBuf, Error> {
        self.owner.ensure()?;
        let mut open = locked(&self.open);
        let row = self.row(id)?;
        if row.status != Status::Active {
            return Err(Error::Trashed { project: id.to_string() });
        }
        self.shut(&mut open, id)?;
        let draft = self.draft(id, &row.name)?;
        let (home, archive) = (self.home(id), self.data.join("archive"));
        open::private_folder(&archive)?;
        let kept = archive.join(format!("{id}.{}", now.micros()));
        self.move_folder(&home, &kept)?;
        self.move_folder(&draft, &home)?;
        self.registry.put(&ProjectRow {
            damaged: None,
            last_seq: 0,
            updated_at: now,
            path: Some(home),
            ..row
        })?;
        Ok(kept)
    }

    fn purge(&self, id: ProjectId) -> Result<(), Error> {
        self.owner.ensure()?;
        let mut open = locked(&self.open);
        let row = self.row(id)?;
        self.shut(&mut open, id)?;
        let path = match row.status {
            Status::Active => self.home(id),
            Status::Trashed { at } => self.trashed_home(id, at),
        };
        // A link is removed as a link: what it points to is not ours.
        let removed = match std::fs::symlink_metadata(&path) {
            Ok(about) if about.is_dir() => std::fs::remove_dir_all(&path),
            Ok(_) => std::fs::remove_file(&path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        };
        removed.map_err(io("remove", &path))?;
        self.registry.remove(id)
    }

    fn note(&self, id: ProjectId, last_seq: u64, updated_at: Timestamp) {
        self.registry.note(id, last_seq, updated_at);
    }
}
