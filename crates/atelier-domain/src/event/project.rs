//! The project itself.

use std::collections::BTreeMap;

use super::aggregate::{aggregate, body};
use crate::Text;

aggregate! {
    /// What happens to a project as a whole.
    ProjectEvent {
        /// It began.
        Created(ProjectCreated) = "project.created",
        /// It has another name.
        Renamed(ProjectRenamed) = "project.renamed",
        /// Settings were set or removed.
        SettingsChanged(SettingsChanged) = "project.settings_changed",
        /// What stands in a form was kept.
        FormKept(FormKept) = "project.form_kept",
    }
}

body! {
    /// A project began.
    ProjectCreated {
        /// Its name, in NFC.
        name: String,
        /// How often it was reset before: what is told under another epoch is another history.
        #[serde(default, skip_serializing_if = "is_zero")]
        epoch: u64,
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
    /// What stands in a form was kept, so that nothing has to be typed again.
    FormKept {
        /// The workflow or agent whose form it is.
        form: String,
        /// Fields with a new value, as canonical JSON.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        set: BTreeMap<String, Text>,
        /// Fields that stand empty again.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<String>,
    }
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}
