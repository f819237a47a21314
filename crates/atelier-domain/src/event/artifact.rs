//! Artifacts: versioned products of runs that a person reads as files.

use super::aggregate::{aggregate, body};
use super::bucket::Source;
use crate::{ArtifactId, Text};

aggregate! {
    /// What happens to an artifact.
    ArtifactEvent {
        /// A version of it was saved.
        Saved(ArtifactSaved) = "artifact.saved",
        /// It is no longer there; its versions stay in the log.
        Withdrawn(ArtifactWithdrawn) = "artifact.withdrawn",
    }
}

body! {
    /// A version of an artifact was saved.
    ArtifactSaved {
        /// The artifact; the same for all its versions.
        artifact: ArtifactId,
        /// What it is: `bible`, `chapter`, ….
        kind: String,
        /// Its name, unique in its kind; the stem of its file.
        name: String,
        /// From 1, rising.
        version: u32,
        /// Its content as canonical JSON.
        content: Text,
        /// Its content as Markdown, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        markdown: Option<Text>,
        /// The run that made it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<Source>,
    }
    /// An artifact is no longer there.
    ArtifactWithdrawn {
        /// What it was.
        kind: String,
        /// Its name.
        name: String,
    }
}
