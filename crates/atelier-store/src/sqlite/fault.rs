//! What went wrong below, in the words of the store.

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
        Some(ErrorCode::DiskFull) => {
            io(doing, &path)(std::io::Error::new(std::io::ErrorKind::StorageFull, source))
        }
        Some(ErrorCode::SystemIoFailure) => io(doing, &path)(std::io::Error::other(source)),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
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
    move |source| Error::Io { doing, path: path.clone(), source: Arc::new(source) }
}

/// The health of a project after an error; `None` when the error does not last.
pub(super) fn health_after(error: &Error) -> Option<Health> {
    let again = "then open the project again; nothing that was acknowledged is lost";
    let (reason, fix) = match error {
        Error::Damaged { what, why, .. } => {
            (format!("{what} is damaged: {why}"), error.hint().unwrap_or_default())
        }
        Error::Decode { source, .. } => (format!("{error}: {source}"), error.hint().unwrap_or_default()),
        Error::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
            ("the disk is full".to_owned(), format!("free some space, {again}"))
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
