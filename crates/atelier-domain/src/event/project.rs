//! The project itself.

use std::collections::BTreeMap;

use super::aggregate::{aggregate, body};

aggregate! {
    /// What happens to a project as a whole.
    ProjectEvent {
        /// It began.
        Created(ProjectCreated) = "project.created",
        /// It has another name.
        Renamed(ProjectRenamed) = "project.renamed",
        /// Settings were set or removed.
        SettingsChanged(SettingsChanged) = "project.settings_changed",
    }
}

body! {
    /// A project began.
    ProjectCreated {
        /// Its name, in NFC.
        name: String,
    }
    /// A project has another name.
    ProjectRenamed {
        /// The new name, in NFC.
        name: String,
    }
    /// Settings of this project were set or removed.
    SettingsChanged {
        /// New values, by key.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        set: BTreeMap<String, String>,
        /// Keys that hold no longer.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<String>,
    }
}
