//! Memory: passages that are kept to be found again.

use super::aggregate::{aggregate, body};
use super::bucket::Source;
use crate::{BucketId, MemoryId, Text};

aggregate! {
    /// What happens to the memory.
    MemoryEvent {
        /// A passage was added.
        Added(MemoryAdded) = "memory.added",
        /// A passage is remembered no longer.
        Removed(MemoryRemoved) = "memory.removed",
        /// Nothing is remembered any more.
        Cleared(MemoryCleared) = "memory.cleared",
    }
}

body! {
    /// A passage was added.
    MemoryAdded {
        /// Its id.
        memory: MemoryId,
        /// The passage.
        text: Text,
        /// Where it comes from, in a word: `note`, `scene`, `decision`, `feedback`.
        #[serde(default = "note", skip_serializing_if = "is_note")]
        kind: String,
        /// The buckets it is about.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        about: Vec<BucketId>,
        /// The run that added it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<Source>,
    }
    /// A passage is remembered no longer.
    MemoryRemoved {
        /// Which one.
        memory: MemoryId,
    }
    /// Nothing is remembered any more.
    MemoryCleared {}
}

/// What a passage is where nothing is said: something a person noted down.
pub const NOTE: &str = "note";

fn note() -> String {
    NOTE.into()
}

#[allow(clippy::ptr_arg, reason = "serde hands over the field's own type")]
fn is_note(kind: &String) -> bool {
    kind == NOTE
}
