//! The codes of what the store refuses or fails at: one spelling, one place. Each has its page, `docs/errors/<code>.md`.

/// Somebody else appended first.
pub const LOG_MOVED_ON: &str = "log_moved_on";
/// Another active project has the name.
pub const NAME_TAKEN: &str = "name_taken";
/// Nothing with this id or name.
pub const PROJECT_NOT_FOUND: &str = "project_not_found";
/// A project with this id exists.
pub const ID_TAKEN: &str = "id_taken";
/// The project is in the trash.
pub const PROJECT_TRASHED: &str = "project_trashed";
/// The project cannot be written.
pub const PROJECT_READ_ONLY: &str = "project_read_only";
/// Written by a newer version.
pub const NEWER_FORMAT: &str = "newer_format";
/// What is stored is not what was stored.
pub const DATA_DAMAGED: &str = "data_damaged";
/// A stored event cannot be understood.
pub const EVENT_UNREADABLE: &str = "event_unreadable";
/// Another process owns the data folder.
pub const DATA_FOLDER_IN_USE: &str = "data_folder_in_use";
/// No such branch.
pub const BRANCH_NOT_FOUND: &str = "branch_not_found";
/// A fork that makes no sense.
pub const BAD_FORK: &str = "bad_fork";
/// A long text that does not match its address.
pub const BAD_TEXT_HASH: &str = "bad_text_hash";
/// An event cannot be written as JSON.
pub const EVENT_UNWRITABLE: &str = "event_unwritable";
/// There is no room for what was to be written.
pub const DISK_FULL: &str = "disk_full";
/// The place does not let itself be written.
pub const FOLDER_READ_ONLY: &str = "folder_read_only";
/// The operating system refused.
pub const STORAGE_IO: &str = "storage_io";
/// The database below refused.
pub const STORAGE_FAILED: &str = "storage_failed";
/// The log was closed.
pub const PROJECT_CLOSED: &str = "project_closed";
