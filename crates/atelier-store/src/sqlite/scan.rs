//! The folders of projects, as they are: what the list of projects is made from.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use atelier_domain::event::ProjectEvent;
use atelier_domain::{Event, ProjectId, Timestamp, name};

use super::fault::io;
use super::registry::Registry;
use super::shared::Shared;
use super::{open, read};
use crate::{Error, ProjectRow, Query, Status};

/// A folder that holds a project.
pub(super) struct Folder {
    pub(super) id: ProjectId,
    pub(super) path: PathBuf,
    pub(super) status: Status,
}

/// All folders of projects, those in the trash included.
pub(super) fn folders(data: &Path) -> Result<Vec<Folder>, Error> {
    let mut found = Vec::new();
    each(&data.join("projects"), |name, path| {
        let Ok(id) = name.parse() else { return false };
        found.push(Folder { id, path, status: Status::Active });
        true
    })?;
    each(&data.join("trash"), |name, path| {
        let Some((id, at)) = name.split_once('.') else { return false };
        let (Ok(id), Ok(at)) = (id.parse(), at.parse()) else { return false };
        found.push(Folder { id, path, status: Status::Trashed { at: Timestamp::from_micros(at) } });
        true
    })?;
    Ok(found)
}

/// The row for a folder. One that cannot be read gets a row that says so.
pub(super) fn row(folder: &Folder) -> ProjectRow {
    let read = real_folder(&folder.path).and_then(|()| known(folder));
    read.unwrap_or_else(|error| ProjectRow {
        id: folder.id,
        name: folder.id.to_string(),
        status: folder.status,
        damaged: Some(error.to_string()),
        last_seq: 0,
        updated_at: Timestamp::default(),
        path: Some(folder.path.clone()),
    })
}

/// Refuses a folder that is a link to somewhere else.
pub(super) fn real_folder(path: &Path) -> Result<(), Error> {
    let about = std::fs::symlink_metadata(path).map_err(io("open", path))?;
    if about.is_dir() {
        return Ok(());
    }
    Err(Error::Damaged {
        what: path.display().to_string(),
        why: "it is not an ordinary folder".into(),
        seq: None,
    })
}

/// Makes the list say what the folders say: adds what is missing, removes what is gone.
pub(super) fn reconcile(data: &Path, registry: &Registry) -> Result<(), Error> {
    let folders = folders(data)?;
    let listed = registry.all()?;
    let there: HashSet<ProjectId> = folders.iter().map(|folder| folder.id).collect();
    for row in listed.iter().filter(|row| !there.contains(&row.id)) {
        registry.remove(row.id)?;
    }
    let listed: HashMap<ProjectId, &ProjectRow> = listed.iter().map(|row| (row.id, row)).collect();
    for folder in &folders {
        let known = listed.get(&folder.id).copied();
        if known.is_some_and(|known| known.path.as_ref() == Some(&folder.path) && known.damaged.is_none()) {
            continue;
        }
        let row = row(folder);
        if known != Some(&row) {
            add(registry, row)?;
        }
    }
    Ok(())
}

/// Adds a row; of two projects with one name the later gets a number behind it in the list.
fn add(registry: &Registry, mut row: ProjectRow) -> Result<(), Error> {
    if row.status == Status::Active && row.damaged.is_none() {
        let title = row.name.clone();
        let mut n = 2;
        while registry.free(&row.name, Some(row.id)).is_err() {
            row.name = format!("{title} ({n})");
            n += 1;
        }
    }
    registry.put(&row)
}

fn known(folder: &Folder) -> Result<ProjectRow, Error> {
    let shared = Shared::open(folder.id, folder.path.clone())?;
    let newest = |kinds: &[&str]| {
        let query = Query { kinds, newest_first: true, limit: Some(1), ..Query::default() };
        read::read(&shared, query).map(|mut found| found.pop())
    };
    let named = newest(&["project.created", "project.renamed"])?;
    let name = match named.map(|envelope| envelope.event) {
        Some(Event::Project(ProjectEvent::Created(created))) => created.name,
        Some(Event::Project(ProjectEvent::Renamed(renamed))) => renamed.name,
        _ => shared.read(|db| open::identity(db, &shared.path))?.1,
    };
    // The list holds nothing that a person could not have typed.
    let name = name::parse(&name).unwrap_or_else(|_| folder.id.to_string());
    Ok(ProjectRow {
        id: folder.id,
        name,
        status: folder.status,
        damaged: None,
        last_seq: shared.last_seq(),
        updated_at: newest(&[])?.map(|envelope| envelope.at).unwrap_or_default(),
        path: Some(folder.path.clone()),
    })
}

/// Calls `take` with each name in a folder; what it does not take is left alone.
fn each(folder: &Path, mut take: impl FnMut(&str, PathBuf) -> bool) -> Result<(), Error> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io("look into", folder)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(io("look into", folder))?;
        let name = entry.file_name();
        let taken = name.to_str().is_some_and(|name| name.starts_with('.') || take(name, entry.path()));
        if !taken {
            tracing::warn!(path = %entry.path().display(), "this is no project; it is left alone");
        }
    }
    Ok(())
}
