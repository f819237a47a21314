//! Failures, told to people in three lines and to programs as JSON.

use atelier_runtime::{Exit, Failure};
use serde_json::json;

use crate::codes;
use crate::output;
use crate::text::{clean, short};

/// Tells what came to nothing: `doing` is what was tried. Gives the exit code.
pub(crate) fn failure(doing: &str, failure: &Failure, json: bool) -> Exit {
    if failure.code == codes::OUTPUT_CLOSED {
        return Exit::Ok;
    }
    let hint = hint(failure);
    if json {
        let error = json!({"error": {"code": failure.code, "message": failure.message, "hint": hint}});
        // Where nobody reads it, there is the exit code.
        drop(output::data(&format!("{error}\n")));
    }
    output::talk(&format!("error: could not {}", short(&doing.replace('\n', " "), 200)));
    output::talk(&format!("  why: {}", indented(&clean(&failure.message))));
    output::talk(&format!("  try: {}", indented(&hint)));
    failure.exit
}

fn hint(failure: &Failure) -> String {
    if !failure.hint.is_empty() {
        return failure.hint.clone();
    }
    let hint = match failure.exit {
        Exit::Usage => "`atelier --help` tells what can be asked",
        Exit::NotFound => "list what there is; `atelier --help` tells how",
        Exit::Unavailable => "`atelier doctor` tells which models can be reached",
        _ => "`atelier doctor` looks at what may be wrong",
    };
    hint.to_owned()
}

/// Further lines of a message stay below the first.
fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n       ")
}
