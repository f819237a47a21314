//! What went wrong below, in the words of the store.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::ErrorCode;

use crate::{Error, Health};

/// Turns what SQLite said into what the store says.
pub(super) fn database(doing: &'static str, path: &Path) -> impl Fn(rusqlite::Error) -> Error {
    let path = path.to_owned();
    move |source| match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::ConstraintViolation) => {
            Error::Damaged { what: path.display().to_string(), why: source.to_string(), seq: None }
        }
        Some(ErrorCode::DiskFull) => Error::DiskFull { doing, path: path.clone() },
        // Some of what SQLite writes fails without saying why.
        Some(ErrorCode::SystemIoFailure) if is_full(&path) => Error::DiskFull { doing, path: path.clone() },
        Some(ErrorCode::SystemIoFailure) => io(doing, &path)(std::io::Error::other(source)),
        Some(ErrorCode::ReadOnly) => Error::FolderReadOnly { doing, path: path.clone() },
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            io(doing, &path)(std::io::Error::new(std::io::ErrorKind::PermissionDenied, source))
        }
        code => {
            let retryable = matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked));
            Error::Database { doing, retryable, source: Arc::new(source) }
        }
    }
}

/// Turns what the operating system said into what the store says.
pub(super) fn io(doing: &'static str, path: &Path) -> impl Fn(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::DiskFull { doing, path: path.clone() },
        ErrorKind::ReadOnlyFilesystem => Error::FolderReadOnly { doing, path: path.clone() },
        _ => Error::Io { doing, path: path.clone(), source: Arc::new(source) },
    }
}

/// Less than this is no room: the smallest thing that is written takes a few pages.
const NO_ROOM: u64 = 64 << 10;

/// Whether the disk of a file has no room left.
pub(super) fn is_full(path: &Path) -> bool {
    fs4::available_space(path.parent().unwrap_or(path)).is_ok_and(|left| left < NO_ROOM)
}

/// The health of a project after an error; `None` when the error does not last.
pub(super) fn health_after(error: &Error) -> Option<Health> {
    let again = "then open the project again; nothing that was acknowledged is lost";
    let (reason, fix) = match error {
        Error::Damaged { what, why, .. } => {
            (format!("{what} is damaged: {why}"), error.hint().unwrap_or_default())
        }
        Error::Decode { source, .. } => (format!("{error}: {source}"), error.hint().unwrap_or_default()),
        Error::DiskFull { path, .. } => {
            (format!("the disk is full ({})", path.display()), format!("free some space, {again}"))
        }
        Error::FolderReadOnly { path, .. } => {
            let folder = path.parent().unwrap_or(path).display();
            (format!("the folder is read-only ({folder})"), format!("make it writable, {again}"))
        }
        Error::Io { source, .. } => {
            (format!("{error}: {source}"), format!("check the disk and the rights, {again}"))
        }
        _ => return None,
    };
    Some(Health::ReadOnly { reason, fix })
}

/// The value behind a lock. A thread that failed while it held one left the value whole: each change is one step.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
