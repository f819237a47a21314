//! What a branch remembers, and which names were refused on it.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::content::Content;
use crate::event::bucket::Source;
use crate::event::memory::{MemoryAdded, MemoryEvent};
use crate::event::name::NameEvent;
use crate::{BucketId, Envelope, MemoryId, Text, Timestamp, name};

/// A passage that is remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Its id.
    pub id: MemoryId,
    /// The passage.
    pub text: Text,
    /// Where it comes from, in a word.
    pub kind: String,
    /// The buckets it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<BucketId>,
    /// The run that added it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// When it was added.
    pub added_at: Timestamp,
    /// The event that added it.
    pub seq: u64,
}

/// What was refused about a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedName {
    /// As it was written.
    pub name: String,
    /// Whether it is not offered as a new bucket.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_no_name: bool,
    /// The buckets it does not mean.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub buckets: BTreeSet<BucketId>,
}

impl Content {
    pub(super) fn apply_memory(&mut self, envelope: &Envelope, event: &MemoryEvent) {
        match event {
            MemoryEvent::Added(added) => {
                self.memory.insert(added.memory, Arc::new(Memory::begin(envelope, added)));
            }
            MemoryEvent::Removed(removed) => {
                self.memory.remove(&removed.memory);
            }
            MemoryEvent::Cleared(_) => self.memory = imbl::OrdMap::new(),
        }
    }

    pub(super) fn apply_name(&mut self, event: &NameEvent) {
        let (name, bucket, refused) = match event {
            NameEvent::Refused(refused) => (&refused.name, refused.bucket, true),
            NameEvent::Allowed(allowed) => (&allowed.name, allowed.bucket, false),
        };
        let key = name::key(name);
        let mut known = self.refused_names.get(&key).map(|known| (**known).clone()).unwrap_or_default();
        if known.name.is_empty() {
            known.name.clone_from(name);
        }
        match (bucket, refused) {
            (None, _) => known.is_no_name = refused,
            (Some(bucket), true) => _ = known.buckets.insert(bucket),
            (Some(bucket), false) => _ = known.buckets.remove(&bucket),
        }
        if known.is_no_name || !known.buckets.is_empty() {
            self.refused_names.insert(key, Arc::new(known));
        } else {
            self.refused_names.remove(&key);
        }
    }
}

impl Memory {
    fn begin(envelope: &Envelope, added: &MemoryAdded) -> Self {
        Self {
            id: added.memory,
            text: added.text.clone(),
            kind: added.kind.clone(),
            about: added.about.clone(),
            source: added.source.clone(),
            added_at: envelope.at,
            seq: envelope.seq,
        }
    }
}
