//! The codes of what the runtime refuses or fails at: one spelling, one place. Each has its page, `docs/errors/<code>.md`.

pub use atelier_engine::codes::{BAD_INPUT, BAD_NAME, MISSING_TEXT, RUN_IS_OVER, TEXT_TOO_LONG, UNREADABLE};
pub use atelier_models::codes::CONTEXT_TOO_LONG;
pub use atelier_store::codes::{DATA_FOLDER_IN_USE, STORAGE_IO};

/// The title fits more than one thing.
pub const AMBIGUOUS: &str = "ambiguous";
/// A definition that cannot be stored.
pub const BAD_DEFINITION: &str = "bad_definition";
/// The keys file cannot be used.
pub const BAD_KEYS: &str = "bad_keys";
/// A mode that does not exist.
pub const BAD_MODE: &str = "bad_mode";
/// What was given is no model.
pub const BAD_MODEL: &str = "bad_model";
/// A setting that does not exist or has no such value.
pub const BAD_SETTING: &str = "bad_setting";
/// A prompt template failed.
pub const BAD_TEMPLATE: &str = "bad_template";
/// A crew file has mistakes.
pub const BROKEN_CREW: &str = "broken_crew";
/// The project or the studio is being closed.
pub const CLOSING: &str = "closing";
/// The settings cannot be written.
pub const CONFIG_UNWRITABLE: &str = "config_unwritable";
/// A folder of crews cannot be read.
pub const CREWS_UNREADABLE: &str = "crews_unreadable";
/// Something that cannot happen happened.
pub const INTERNAL: &str = "internal";
/// A file of the project cannot be written.
pub const MIRROR_UNWRITABLE: &str = "mirror_unwritable";
/// A model cannot be used on this machine.
pub const MODEL_UNUSABLE: &str = "model_unusable";
/// A request without anything to send.
pub const NO_CALL: &str = "no_call";
/// No place for files of this user.
pub const NO_HOME: &str = "no_home";
/// Nobody carries on what is started.
pub const NO_SERVER: &str = "no_server";
/// Nothing of that name.
pub const NOT_FOUND: &str = "not_found";
/// The keys file can be read by others.
pub const OPEN_KEYS: &str = "open_keys";
/// An output too long to be read whole.
pub const OUTPUT_TOO_LONG: &str = "output_too_long";
/// An output that cannot be read.
pub const OUTPUT_UNREADABLE: &str = "output_unreadable";
/// A crew is at work in the project.
pub const PROJECT_AT_WORK: &str = "project_at_work";
/// The attempt has already ended.
pub const STALE: &str = "stale";
/// Nothing begins until the studio or project is started again.
pub const STOPPED: &str = "stopped";
/// A setting that only the whole studio has.
pub const STUDIO_SETTING: &str = "studio_setting";
/// A stored text is not where it should be.
pub const TEXT_LOST: &str = "text_lost";
/// No kind of event has this name.
pub const UNKNOWN_KIND: &str = "unknown_kind";
/// The work on a step broke off.
pub const WORKER_BROKE: &str = "worker_broke";
