//! Buckets: the universal container of a project's content.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::aggregate::{aggregate, body};
use crate::{BucketId, RunId, Text};

aggregate! {
    /// What happens to a bucket.
    BucketEvent {
        /// It was made.
        Created(BucketCreated) = "bucket.created",
        /// Some of it changed.
        Edited(BucketEdited) = "bucket.edited",
        /// It is out of use, and kept.
        Archived(BucketArchived) = "bucket.archived",
        /// It is in use again.
        Restored(BucketRestored) = "bucket.restored",
    }
}

/// Where a bucket or rule came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Source {
    /// The run.
    pub run: RunId,
    /// The step of it, by path.
    pub step: String,
}

/// The values of a bucket's fields, by key; whole numbers only.
pub type Fields = BTreeMap<String, serde_json::Value>;

body! {
    /// A bucket was made.
    BucketCreated {
        /// Its id.
        bucket: BucketId,
        /// Its type, such as `character`.
        r#type: String,
        /// Its title.
        title: String,
        /// Other names it goes by.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        aliases: Vec<String>,
        /// Its fields.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        fields: Fields,
        /// Its text, in Markdown.
        #[serde(default, skip_serializing_if = "is_empty")]
        body: Text,
        /// The run that made it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<Source>,
    }
    /// Some of a bucket changed; what is absent stays as it was.
    BucketEdited {
        /// Which one.
        bucket: BucketId,
        /// The new title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// The new list of other names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        aliases: Option<Vec<String>>,
        /// Fields that were set.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        set: Fields,
        /// Fields that were removed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<String>,
        /// The new text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Text>,
        /// The run that changed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<Source>,
    }
    /// A bucket is out of use, and kept.
    BucketArchived {
        /// Which one.
        bucket: BucketId,
    }
    /// A bucket is in use again.
    BucketRestored {
        /// Which one.
        bucket: BucketId,
    }
}

fn is_empty(text: &Text) -> bool {
    matches!(text, Text::Inline(text) if text.is_empty())
}
