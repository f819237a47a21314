//! The one place where databases are opened, made and told apart from foreign or newer ones.

use std::fs::{DirBuilder, File, OpenOptions};
use std::path::Path;
use std::time::Duration;

use atelier_domain::ProjectId;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use uuid::Uuid;

use super::dictionary::RARE;
use super::fault::{database, io, is_full};
use crate::Error;

/// The format of a log that this version writes. Older ones are brought up by a step per number; there is none yet.
pub(super) const LOG_FORMAT: i64 = 1;

/// Tells our files from other databases: "ATLR".
const APPLICATION: i64 = 0x4154_4c52;

/// Makes an empty log in an existing folder. The connection is closed again, and the file is on disk.
pub(super) fn create_log(path: &Path, project: ProjectId, name: &str) -> Result<(), Error> {
    touch(path)?;
    let failed = database("make the log", path);
    let mut db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    pragmas(&db, path, "FULL")?;
    let tx = db.transaction().map_err(&failed)?;
    tx.execute_batch(include_str!("schema.sql")).map_err(&failed)?;
    stamp(&tx, LOG_FORMAT).map_err(&failed)?;
    let bytes = project.uuid().into_bytes();
    tx.execute("INSERT INTO meta VALUES('project', ?1), ('name', ?2)", params![bytes, name])
        .map_err(&failed)?;
    tx.execute("INSERT INTO branches(n, id, name) VALUES(0, ?1, 'main')", [[0u8; 16]]).map_err(&failed)?;
    for (n, kind) in RARE.iter().enumerate() {
        tx.execute("INSERT INTO kinds VALUES(?1, ?2)", params![n as i64, kind]).map_err(&failed)?;
    }
    tx.commit().map_err(&failed)?;
    db.close().map_err(|(_, error)| failed(error))
}

/// A connection that writes a log. Nobody else may have one on the same file.
pub(super) fn writer(path: &Path) -> Result<Connection, Error> {
    regular(path)?;
    let db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    format(&db, path, LOG_FORMAT)?;
    pragmas(&db, path, "FULL")?;
    // Checkpoints are made between the answers, not on the way to one.
    db.pragma_update(None, "wal_autocheckpoint", 0).map_err(database("open the log", path))?;
    // A large transaction may use more memory than the rest of the time; it is not written twice.
    db.pragma_update(None, "cache_spill", false).map_err(database("open the log", path))?;
    Ok(db)
}

/// How a log is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Beside a writer.
    Shared,
    /// From a place that cannot be written, not even the few bytes that readers and writers agree with: as a file that
    /// nobody changes. The folder's owner may, because nobody else writes there.
    Alone,
}

/// A connection that reads a log.
pub(super) fn reader(path: &Path, how: Reading) -> Result<Connection, Error> {
    regular(path)?;
    let db = match how {
        Reading::Shared => connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        Reading::Alone => alone(path)?,
    };
    format(&db, path, LOG_FORMAT)?;
    small(&db, path, 32)?;
    Ok(db)
}

/// A connection that reads a log, and what kept it from being read as usual. What was written last stands beside the
/// log until it is brought there: only a log that has nothing beside it can be read alone.
pub(super) fn any_reader(path: &Path) -> Result<(Connection, Option<Error>), Error> {
    match reader(path, Reading::Shared) {
        Ok(db) => Ok((db, None)),
        Err(error) if error.is_unwritable() && is_whole(path) => match reader(path, Reading::Alone) {
            Ok(db) => Ok((db, Some(unwritable(error, path)))),
            Err(_) => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// A list of projects in memory, for a folder that cannot be written. It begins with what the file says.
pub(super) fn registry_in_memory(path: &Path, schema: &str) -> Result<Connection, Error> {
    let failed = database("make a list of projects for", path);
    let mut db = Connection::open_in_memory().map_err(&failed)?;
    db.execute_batch(schema).map_err(&failed)?;
    if let Err(error) = copy_projects(path, &mut db) {
        tracing::info!(%error, "the list of projects is made from their folders");
    }
    Ok(db)
}

fn copy_projects(path: &Path, to: &mut Connection) -> Result<(), Error> {
    let failed = database("read the list of projects", path);
    let from = match connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY) {
        Ok(db) if number(&db, "user_version").is_ok() => db,
        _ if is_whole(path) => alone(path)?,
        unreadable => unreadable?,
    };
    let tx = to.transaction().map_err(&failed)?;
    {
        let mut rows = from.prepare("SELECT * FROM projects").map_err(&failed)?;
        let columns = rows.column_count();
        let mut rows = rows.query([]).map_err(&failed)?;
        let mut put =
            tx.prepare("INSERT INTO projects VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)").map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            let values: Vec<rusqlite::types::Value> =
                (0..columns).map(|column| row.get(column)).collect::<Result<_, _>>().map_err(&failed)?;
            put.execute(rusqlite::params_from_iter(values)).map_err(&failed)?;
        }
    }
    tx.commit().map_err(&failed)
}

/// Whether all that was written to a database is in the file itself.
fn is_whole(path: &Path) -> bool {
    std::fs::metadata(path.with_extension("db-wal")).map_or(true, |beside| beside.len() == 0)
}

/// Why a place that can be read cannot be written.
fn unwritable(error: Error, path: &Path) -> Error {
    let (doing, path) = ("write", path.to_owned());
    match error {
        Error::Io { .. } if is_full(&path) => Error::DiskFull { doing, path },
        Error::Io { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
            Error::FolderReadOnly { doing, path }
        }
        error => error,
    }
}

/// The list of projects, made when missing.
pub(super) fn registry(path: &Path, schema: &str, version: i64) -> Result<Connection, Error> {
    if !path.exists() {
        touch(path)?;
    }
    regular(path)?;
    let failed = database("open the list of projects", path);
    let mut db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Derived data: what a power cut takes is found again in the folders.
    pragmas(&db, path, "NORMAL")?;
    db.pragma_update(None, "secure_delete", true).map_err(&failed)?;
    // Two processes may find it missing at the same time; the second waits here and finds it made.
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(&failed)?;
    if number(&tx, "user_version").map_err(&failed)? == 0 {
        tx.execute_batch(schema).map_err(&failed)?;
        stamp(&tx, version).map_err(&failed)?;
    }
    tx.commit().map_err(&failed)?;
    format(&db, path, version)?;
    let verdict: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(&failed)?;
    match verdict.as_str() {
        "ok" => Ok(db),
        _ => Err(Error::Damaged { what: path.display().to_string(), why: verdict, seq: None }),
    }
}

/// The project that a log says it belongs to, and the name it was made with.
pub(super) fn identity(db: &Connection, path: &Path) -> Result<(ProjectId, String), Error> {
    let failed = database("read the log's identity", path);
    let get = "SELECT value FROM meta WHERE key = ?1";
    let id: Option<[u8; 16]> =
        db.query_row(get, ["project"], |row| row.get(0)).optional().map_err(&failed)?;
    let name: Option<String> = db.query_row(get, ["name"], |row| row.get(0)).optional().map_err(&failed)?;
    match (id, name) {
        (Some(id), Some(name)) => Ok((ProjectId::from_uuid(Uuid::from_bytes(id)), name)),
        _ => Err(Error::Damaged {
            what: path.display().to_string(),
            why: "it does not say which project it belongs to".into(),
            seq: None,
        }),
    }
}

/// Makes a folder that only its owner may enter.
pub(super) fn private_folder(path: &Path) -> Result<(), Error> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(io("make the folder", path))
}

/// Opens a file that only its owner may read, made when missing.
pub(super) fn private_file(path: &Path, options: &mut OpenOptions) -> Result<File, Error> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path).map_err(io("open", path))
}

/// Makes sure that a folder's entries are on disk.
pub(super) fn sync_folder(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    File::open(path).and_then(|folder| folder.sync_all()).map_err(io("save the folder", path))?;
    Ok(())
}

/// Makes the empty file first: SQLite gives its companions the same rights.
fn touch(path: &Path) -> Result<(), Error> {
    private_file(path, OpenOptions::new().write(true).create(true).truncate(false)).map(drop)
}

fn regular(path: &Path) -> Result<(), Error> {
    let about = std::fs::symlink_metadata(path).map_err(io("open", path))?;
    if about.is_file() {
        return Ok(());
    }
    Err(Error::Damaged {
        what: path.display().to_string(),
        why: "it is not an ordinary file".into(),
        seq: None,
    })
}

/// A file that nobody changes while it is read.
#[expect(clippy::disallowed_methods, reason = "the one place that opens databases")]
fn alone(path: &Path) -> Result<Connection, Error> {
    let failed = database("open", path);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(char::from(*byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    let db = Connection::open_with_flags(uri, flags).map_err(failed)?;
    db.set_prepared_statement_cache_capacity(12);
    Ok(db)
}

#[expect(clippy::disallowed_methods, reason = "the one place that opens databases")]
fn connect(path: &Path, mode: OpenFlags) -> Result<Connection, Error> {
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(database("open", path))?;
    db.busy_timeout(Duration::from_secs(5)).map_err(database("open", path))?;
    db.set_prepared_statement_cache_capacity(12);
    Ok(db)
}

fn pragmas(db: &Connection, path: &Path, synchronous: &str) -> Result<(), Error> {
    let failed = database("open", path);
    let mode: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(&failed)?;
    if mode != "wal" {
        let why = format!("it cannot keep a write-ahead log there (it answers `{mode}`)");
        return Err(Error::Damaged { what: path.display().to_string(), why, seq: None });
    }
    db.pragma_update(None, "synchronous", synchronous).map_err(&failed)?;
    small(db, path, 48)
}

/// Many projects are open at once: each keeps little in memory. The operating system keeps the rest.
fn small(db: &Connection, path: &Path, kibibytes: i64) -> Result<(), Error> {
    db.pragma_update(None, "cache_size", -kibibytes).map_err(database("open", path))
}

fn stamp(db: &Connection, version: i64) -> rusqlite::Result<()> {
    db.pragma_update(None, "application_id", APPLICATION)?;
    db.pragma_update(None, "user_version", version)
}

fn number(db: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    db.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))
}

fn format(db: &Connection, path: &Path, supported: i64) -> Result<(), Error> {
    let failed = database("open", path);
    let found = number(db, "user_version").map_err(&failed)?;
    if number(db, "application_id").map_err(&failed)? != APPLICATION || found < 1 {
        let why = "it was not written by atelier".to_owned();
        return Err(Error::Damaged { what: path.display().to_string(), why, seq: None });
    }
    if found > supported {
        return Err(Error::NewerFormat { path: path.to_owned(), found, supported });
    }
    Ok(())
}
