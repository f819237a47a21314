//! The codes of what the command line itself refuses or fails at: one spelling, one place. Each has its page, `docs/errors/<code>.md`.

pub(crate) use atelier_runtime::codes::{BAD_INPUT, DATA_FOLDER_IN_USE, MISSING_TEXT, TEXT_TOO_LONG};
pub(crate) use atelier_server::codes::{OWNER_GONE, OWNER_LEFT};

/// An argument of a measurement is missing or wrong.
pub(crate) const BAD_ARGUMENT: &str = "bad_argument";
/// A measurement could not be made.
pub(crate) const BENCH_FAILED: &str = "bench_failed";
/// A file that a command was given cannot be read.
pub(crate) const FILE_UNREADABLE: &str = "file_unreadable";
/// An input was given twice.
pub(crate) const INPUT_TWICE: &str = "input_twice";
/// A model could not be installed.
pub(crate) const INSTALL_FAILED: &str = "install_failed";
/// No folder for the data.
pub(crate) const NO_DATA_FOLDER: &str = "no_data_folder";
/// A yes is missing.
pub(crate) const NOT_AGREED: &str = "not_agreed";
/// A command without a feature yet.
pub(crate) const NOT_IN_THIS_VERSION: &str = "not_in_this_version";
/// A text that is not UTF-8.
pub(crate) const NOT_UTF8: &str = "not_utf8";
/// Nobody reads what is said any more; no failure.
pub(crate) const OUTPUT_CLOSED: &str = "output_closed";
/// The standard output cannot be written.
pub(crate) const OUTPUT_UNWRITABLE: &str = "output_unwritable";
/// Signals cannot be listened to.
pub(crate) const SIGNALS_UNUSABLE: &str = "signals_unusable";
/// The standard input cannot be read.
pub(crate) const STDIN_UNREADABLE: &str = "stdin_unreadable";
/// No thread could be started.
pub(crate) const THREADS_UNUSABLE: &str = "threads_unusable";
/// A word that is no action of the gate.
pub(crate) const UNKNOWN_ACTION: &str = "unknown_action";
/// No such measurement.
pub(crate) const UNKNOWN_BENCH: &str = "unknown_bench";
/// The command line makes no sense.
pub(crate) const USAGE: &str = "usage";
