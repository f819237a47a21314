//! What holds on a branch: buckets, canon rules, artifacts, and with `memory.rs` what is remembered.

use std::collections::BTreeSet;
use std::sync::Arc;

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use super::memory::{Memory, RefusedName};
use crate::event::bucket::{BucketCreated, BucketEdited, BucketEvent, Fields, Source};
use crate::event::canon::{CanonEvent, RuleKind};
use crate::event::{ActorKind, ArtifactEvent};
use crate::{ArtifactId, BucketId, Envelope, Event, MemoryId, RuleId, Text, Timestamp, name};

/// The content of a branch; cloning it is free.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Buckets.
    pub buckets: OrdMap<BucketId, Arc<Bucket>>,
    /// Canon rules.
    pub rules: OrdMap<RuleId, Arc<Rule>>,
    /// Artifacts, by `kind/name`.
    pub artifacts: OrdMap<String, Arc<Artifact>>,
    /// What is remembered.
    #[serde(default, skip_serializing_if = "OrdMap::is_empty")]
    pub memory: OrdMap<MemoryId, Arc<Memory>>,
    /// Names that were refused, by what they are compared by.
    #[serde(default, skip_serializing_if = "OrdMap::is_empty")]
    pub refused_names: OrdMap<String, Arc<RefusedName>>,
}

/// A bucket as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its id.
    pub id: BucketId,
    /// Its type.
    pub r#type: String,
    /// Its title.
    pub title: String,
    /// Other names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Its fields.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub fields: Fields,
    /// Its text.
    pub body: Text,
    /// Whether it is out of use.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// How often it was changed, its making included.
    pub version: u32,
    /// Fields (and `title`, `body`, `aliases`) that a person wrote: agents change them only through a gate.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub held: BTreeSet<String>,
    /// The run that last wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The event that last changed it.
    pub seq: u64,
}

/// Where a rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum RuleStatus {
    Proposed,
    Accepted,
    Retired,
}

/// A canon rule as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// What must hold.
    pub text: String,
    /// Who decides.
    pub kind: RuleKind,
    /// How sure its source is, in thousandths.
    pub confidence_milli: u16,
    /// Where it stands.
    pub status: RuleStatus,
    /// The run that proposed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// An artifact: its newest version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Artifact {
    /// Its id.
    pub id: ArtifactId,
    /// What it is.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The version.
    pub version: u32,
    /// Its content, as canonical JSON.
    pub content: Text,
    /// Its content, as Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markdown: Option<Text>,
    /// The run that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The event that saved it.
    pub seq: u64,
}

impl Content {
    /// The bucket in use with this type and a title that means the same.
    pub fn find(&self, r#type: &str, title: &str) -> Option<&Arc<Bucket>> {
        let key = name::key(title);
        self.buckets.values().find(|b| !b.archived && b.r#type == r#type && name::key(&b.title) == key)
    }

    /// Buckets in use, of one type or all, in the order they were made.
    pub fn live<'a>(&'a self, r#type: Option<&'a str>) -> impl Iterator<Item = &'a Arc<Bucket>> {
        self.buckets.values().filter(move |b| !b.archived && r#type.is_none_or(|t| t == b.r#type))
    }

    pub(super) fn apply(&mut self, envelope: &Envelope) {
        match &envelope.event {
            Event::Bucket(event) => self.apply_bucket(envelope, event),
            Event::Canon(event) => self.apply_canon(event),
            Event::Memory(event) => self.apply_memory(envelope, event),
            Event::Name(event) => self.apply_name(event),
            Event::Artifact(ArtifactEvent::Withdrawn(gone)) => {
                self.artifacts.remove(&format!("{}/{}", gone.kind, gone.name));
            }
            Event::Artifact(ArtifactEvent::Saved(saved)) => {
                let artifact = Artifact {
                    id: saved.artifact,
                    kind: saved.kind.clone(),
                    name: saved.name.clone(),
                    version: saved.version,
                    content: saved.content.clone(),
                    markdown: saved.markdown.clone(),
                    source: saved.source.clone(),
                    seq: envelope.seq,
                };
                self.artifacts.insert(format!("{}/{}", saved.kind, saved.name), Arc::new(artifact));
            }
            _ => {}
        }
    }

    fn apply_bucket(&mut self, envelope: &Envelope, event: &BucketEvent) {
        match event {
            BucketEvent::Created(created) => {
                self.buckets.insert(created.bucket, Arc::new(Bucket::begin(envelope, created)));
            }
            BucketEvent::Edited(edited) => self.change(envelope, edited.bucket, |b| b.edit(envelope, edited)),
            BucketEvent::Archived(archived) => self.change(envelope, archived.bucket, |b| b.archived = true),
            BucketEvent::Restored(restored) => self.change(envelope, restored.bucket, |b| b.archived = false),
        }
    }

    fn change(&mut self, envelope: &Envelope, id: BucketId, change: impl FnOnce(&mut Bucket)) {
        if let Some(bucket) = self.buckets.get_mut(&id) {
            let bucket = Arc::make_mut(bucket);
            bucket.version += 1;
            bucket.updated_at = envelope.at;
            bucket.seq = envelope.seq;
            change(bucket);
        }
    }

    fn apply_canon(&mut self, event: &CanonEvent) {
        let (id, status) = match event {
            CanonEvent::RuleProposed(proposed) => {
                let rule = Rule {
                    id: proposed.rule,
                    text: proposed.text.clone(),
                    kind: proposed.kind,
                    confidence_milli: proposed.confidence_milli,
                    status: RuleStatus::Proposed,
                    source: proposed.source.clone(),
                };
                self.rules.insert(proposed.rule, Arc::new(rule));
                return;
            }
            CanonEvent::RuleAccepted(accepted) => (accepted.rule, RuleStatus::Accepted),
            CanonEvent::RuleRetired(retired) => (retired.rule, RuleStatus::Retired),
        };
        if let Some(rule) = self.rules.get_mut(&id) {
            Arc::make_mut(rule).status = status;
        }
    }
}

impl Bucket {
    fn begin(envelope: &Envelope, created: &BucketCreated) -> Self {
        let mut bucket = Self {
            id: created.bucket,
            r#type: created.r#type.clone(),
            title: created.title.clone(),
            aliases: created.aliases.clone(),
            fields: created.fields.clone(),
            body: created.body.clone(),
            archived: false,
            version: 1,
            held: BTreeSet::new(),
            source: created.source.clone(),
            created_at: envelope.at,
            updated_at: envelope.at,
            seq: envelope.seq,
        };
        if envelope.actor.kind == ActorKind::Human {
            bucket.held = created.fields.keys().cloned().chain(["title".into(), "body".into()]).collect();
        }
        bucket
    }

    fn edit(&mut self, envelope: &Envelope, edited: &BucketEdited) {
        let mut touched: Vec<String> = edited.set.keys().chain(&edited.removed).cloned().collect();
        if let Some(title) = &edited.title {
            self.title.clone_from(title);
            touched.push("title".into());
        }
        if let Some(aliases) = &edited.aliases {
            self.aliases.clone_from(aliases);
            touched.push("aliases".into());
        }
        if let Some(body) = &edited.body {
            self.body = body.clone();
            touched.push("body".into());
        }
        for (key, value) in &edited.set {
            self.fields.insert(key.clone(), value.clone());
        }
        for key in &edited.removed {
            self.fields.remove(key);
        }
        if let Some(source) = &edited.source {
            self.source = Some(source.clone());
        }
        if envelope.actor.kind == ActorKind::Human {
            self.held.extend(touched);
        }
    }
}
