//! Why the store could not do what was asked.

use std::path::PathBuf;

use atelier_domain::event::DecodeError;
use atelier_domain::{BranchId, Hash};

use crate::codes;

/// Why the store could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Somebody else appended first.
    #[error("the log has moved on: event {expected} was expected to be the last, {actual} is")]
    Conflict {
        /// What the caller believed.
        expected: u64,
        /// What is.
        actual: u64,
    },
    /// Another active project has the name.
    #[error("there is already a project named `{name}`")]
    NameTaken {
        /// The name of the other one.
        name: String,
    },
    /// Nothing with this id or name.
    #[error("there is no project `{project}`")]
    NotFound {
        /// What was asked for.
        project: String,
    },
    /// A project with this id exists.
    #[error("there is already a project with the id {project}")]
    IdTaken {
        /// The id.
        project: String,
    },
    /// The project is in the trash.
    #[error("the project {project} is in the trash")]
    Trashed {
        /// Its id.
        project: String,
    },
    /// The project cannot be written.
    #[error("the project is read-only: {reason}")]
    ReadOnly {
        /// Why.
        reason: String,
        /// What to do.
        fix: String,
    },
    /// Written by a newer version.
    #[error("{what} has format {found}, this version reads up to {supported}", what = path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The number found.
        found: i64,
        /// The newest number this version reads.
        supported: i64,
    },
    /// What is stored is not what was stored.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// What.
        what: String,
        /// How it shows.
        why: String,
        /// The number of the event, where it is one.
        seq: Option<u64>,
    },
    /// A stored event cannot be understood.
    #[error("event {seq} cannot be read")]
    Decode {
        /// Its number.
        seq: u64,
        /// Why.
        #[source]
        source: std::sync::Arc<DecodeError>,
    },
    /// Another process owns the data folder.
    #[error("the data folder is in use by another process{who}", who = pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default())]
    Locked {
        /// Which one, where it can be told.
        pid: Option<u32>,
    },
    /// No such branch.
    #[error("there is no branch {0}")]
    UnknownBranch(BranchId),
    /// A fork that makes no sense.
    #[error("the branch {branch} cannot be forked: {why}")]
    BadFork {
        /// The new branch.
        branch: BranchId,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A long text that does not match its address.
    #[error("the text given as {0} has another hash")]
    BadBlob(Hash),
    /// An event cannot be written as JSON.
    #[error("an event of kind `{kind}` cannot be written")]
    Encode {
        /// Its kind.
        kind: &'static str,
        /// Why.
        #[source]
        source: std::sync::Arc<serde_json::Error>,
    },
    /// There is no room for what was to be written.
    #[error("could not {doing} {path}: the disk is full", path = path.display())]
    DiskFull {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
    },
    /// The place does not let itself be written.
    #[error("could not {doing} {path}: the folder is read-only, or its rights do not let us write", path = path.display())]
    FolderReadOnly {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("could not {doing} {path}", path = path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What it said.
        #[source]
        source: std::sync::Arc<std::io::Error>,
    },
    /// The database below refused.
    #[error("could not {doing}")]
    Database {
        /// What was tried.
        doing: &'static str,
        /// Whether trying again may help.
        retryable: bool,
        /// What it said.
        #[source]
        source: std::sync::Arc<dyn std::error::Error + Send + Sync>,
    },
    /// The log was closed.
    #[error("the project was closed")]
    Closed,
}

impl Error {
    /// The stable name of the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Conflict { .. } => codes::LOG_MOVED_ON,
            Error::NameTaken { .. } => codes::NAME_TAKEN,
            Error::NotFound { .. } => codes::PROJECT_NOT_FOUND,
            Error::IdTaken { .. } => codes::ID_TAKEN,
            Error::Trashed { .. } => codes::PROJECT_TRASHED,
            Error::ReadOnly { .. } => codes::PROJECT_READ_ONLY,
            Error::NewerFormat { .. } => codes::NEWER_FORMAT,
            Error::Damaged { .. } => codes::DATA_DAMAGED,
            Error::Decode { .. } => codes::EVENT_UNREADABLE,
            Error::Locked { .. } => codes::DATA_FOLDER_IN_USE,
            Error::UnknownBranch(_) => codes::BRANCH_NOT_FOUND,
            Error::BadFork { .. } => codes::BAD_FORK,
            Error::BadBlob(_) => codes::BAD_TEXT_HASH,
            Error::Encode { .. } => codes::EVENT_UNWRITABLE,
            Error::DiskFull { .. } => codes::DISK_FULL,
            Error::FolderReadOnly { .. } => codes::FOLDER_READ_ONLY,
            Error::Io { .. } => codes::STORAGE_IO,
            Error::Database { .. } => codes::STORAGE_FAILED,
            Error::Closed => codes::PROJECT_CLOSED,
        }
    }

    /// What a person can try.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Error::ReadOnly { fix, .. } => fix,
            Error::NameTaken { .. } => "choose another name, or rename the other project",
            Error::NotFound { .. } => "`atelier project list` shows all projects",
            Error::Trashed { .. } => "restore it from the trash first",
            Error::NewerFormat { .. } => "update atelier; it never writes what a newer version wrote",
            Error::Damaged { .. } | Error::Decode { .. } => {
                "`atelier verify` shows what is damaged; a copy of the project's folder can take its place"
            }
            Error::Locked { .. } => "use that process, stop it, or choose another data folder with --data",
            Error::DiskFull { .. } => {
                "free some space on that disk, then try again; what is there can still be read"
            }
            Error::FolderReadOnly { .. } => {
                "make the folder writable, or choose another data folder with --data; what is there can still be read"
            }
            Error::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::PermissionDenied => {
                    "check the rights of that place, or choose another data folder"
                }
                _ => "check that the disk is there and works",
            },
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// Whether the place could not be written, while all that is there may be readable.
    pub(crate) fn is_unwritable(&self) -> bool {
        matches!(self, Error::DiskFull { .. } | Error::FolderReadOnly { .. } | Error::Io { .. })
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Error::Conflict { .. } | Error::Database { retryable: true, .. })
    }
}
