//! What a store says about itself and its projects.

use std::path::PathBuf;

use atelier_domain::{ProjectId, Timestamp};

/// Whether a project can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It can.
    Ok,
    /// It can be read, as far as it is readable.
    ReadOnly {
        /// Why, in words.
        reason: String,
        /// What to do about it.
        fix: String,
    },
}

/// Where a project stands in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// In use.
    Active,
    /// In the trash since then.
    Trashed {
        /// When it was moved there.
        at: Timestamp,
    },
}

/// A project in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRow {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: Status,
    /// Why it cannot be read, when it was found broken.
    pub damaged: Option<String>,
    /// The number of its last event, as far as the list knows.
    pub last_seq: u64,
    /// When it last changed, as far as the list knows.
    pub updated_at: Timestamp,
    /// Its folder, where it has one.
    pub path: Option<PathBuf>,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub what: String,
    /// Where.
    pub where_: String,
    /// What to do.
    pub fix: String,
}

/// What a full check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Events that were read and are good, counted from the first.
    pub events: u64,
    /// The number of the first bad event.
    pub first_bad: Option<u64>,
    /// All that is wrong.
    pub problems: Vec<Problem>,
}

/// What is stored, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Events.
    pub events: u64,
    /// Bytes of the log on disk, long texts and what is not yet in its final place included.
    pub bytes_log: u64,
    /// Long texts.
    pub blobs: u64,
    /// Bytes of long texts, as stored.
    pub bytes_blobs: u64,
    /// Bytes of snapshots on disk.
    pub bytes_snapshots: u64,
}
