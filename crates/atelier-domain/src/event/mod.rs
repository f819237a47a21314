//! The catalogue of events: what is worth keeping for years.
//!
//! One file and one small enum per aggregate; this file joins them and carries the envelope. Rules: add fields with a
//! default, never rename or reuse a tag, a breaking change is a new variant; each variant has a golden fixture in
//! `fixtures/events/`. A stored event is its `kind`, its `schema` number and the JSON of its body.

mod aggregate;
pub mod artifact;
pub mod attempt;
pub mod branch;
pub mod bucket;
pub mod canon;
pub mod gate;
pub mod memory;
pub mod message;
pub mod name;
pub mod project;
pub mod receipt;
pub mod run;
pub mod step;

use serde::{Deserialize, Serialize};

pub use artifact::ArtifactEvent;
pub use attempt::AttemptEvent;
pub use branch::BranchEvent;
pub use bucket::BucketEvent;
pub use canon::CanonEvent;
pub use gate::GateEvent;
pub use memory::MemoryEvent;
pub use message::MessageEvent;
pub use name::NameEvent;
pub use project::ProjectEvent;
pub use receipt::ReceiptEvent;
pub use run::RunEvent;
pub use step::StepEvent;

use crate::{BranchId, EventId, ProjectId, RunId, Timestamp};

/// The schema number that new events are written with.
pub const SCHEMA: u16 = 1;

/// Who made something happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    /// A person at a screen or terminal.
    Human,
    /// An agent of a crew.
    Agent,
    /// The studio itself: engine, recovery, policy.
    System,
    /// Data that came from elsewhere.
    Import,
}

/// Who made something happen, by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// The agent's id, or `you`, `engine`, ….
    pub id: String,
}

impl Actor {
    /// The person at this studio.
    pub fn human() -> Self {
        Self { kind: ActorKind::Human, id: "you".into() }
    }

    /// An agent of a crew.
    pub fn agent(id: &str) -> Self {
        Self { kind: ActorKind::Agent, id: id.into() }
    }

    /// The engine, acting by its own rules.
    pub fn engine() -> Self {
        Self { kind: ActorKind::System, id: "engine".into() }
    }
}

/// An event that was decided on and is not stored yet: everything but its place in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its id.
    pub id: EventId,
    /// The branch it belongs to.
    pub branch: BranchId,
    /// When it was decided.
    pub at: Timestamp,
    /// Who made it happen.
    pub actor: Actor,
    /// The run it belongs to.
    pub correlation: Option<RunId>,
    /// The event that led to it.
    pub causation: Option<EventId>,
    /// What happened.
    pub event: Event,
}

/// A stored event: what happened, and everything needed to place it.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    /// Its id.
    pub id: EventId,
    /// The project whose log it is in.
    pub project: ProjectId,
    /// The branch it belongs to.
    pub branch: BranchId,
    /// Its number: from 1, gap-free over all branches of the project.
    pub seq: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// Who made it happen.
    pub actor: Actor,
    /// The run it belongs to.
    pub correlation: Option<RunId>,
    /// The event that led to it.
    pub causation: Option<EventId>,
    /// The schema number of its body.
    pub schema: u16,
    /// What happened.
    pub event: Event,
}

impl Envelope {
    /// A draft that found its place.
    pub fn place(draft: Draft, project: ProjectId, seq: u64) -> Self {
        let Draft { id, branch, at, actor, correlation, causation, event } = draft;
        Self { id, project, branch, seq, at, actor, correlation, causation, schema: SCHEMA, event }
    }
}

/// Why a stored event cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Written by a newer version, or not by us.
    #[error("the event kind `{0}` is unknown to this version")]
    UnknownKind(String),
    /// The schema number is newer than this version.
    #[error("the event kind `{kind}` has schema {schema}, this version reads up to {SCHEMA}")]
    NewerSchema {
        /// The kind.
        kind: String,
        /// The number found.
        schema: u16,
    },
    /// The body is not what its kind promises.
    #[error("the body of a `{kind}` event cannot be read")]
    Body {
        /// The kind.
        kind: String,
        /// What the parser said.
        #[source]
        source: serde_json::Error,
    },
}

macro_rules! events {
    ($($variant:ident($aggregate:ty)),* $(,)?) => {
        /// Anything that can happen in a project.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Event { $(#[allow(missing_docs)] $variant($aggregate)),* }

        impl Event {
            /// The tag the event is stored under, such as `run.started`.
            pub fn kind(&self) -> &'static str {
                match self { $(Event::$variant(event) => event.kind()),* }
            }

            /// The JSON of the body.
            pub fn body(&self) -> Result<String, serde_json::Error> {
                match self { $(Event::$variant(event) => event.body()),* }
            }

            /// Reads a stored event back.
            pub fn decode(kind: &str, schema: u16, body: &str) -> Result<Event, DecodeError> {
                if schema > SCHEMA {
                    return Err(DecodeError::NewerSchema { kind: kind.to_owned(), schema });
                }
                $(if let Some(read) = <$aggregate>::decode(kind, body) {
                    return read.map(Event::$variant).map_err(|source| DecodeError::Body { kind: kind.to_owned(), source });
                })*
                Err(DecodeError::UnknownKind(kind.to_owned()))
            }

            /// Every tag of the catalogue.
            pub fn kinds() -> Vec<&'static str> {
                [$(<$aggregate>::KINDS),*].concat()
            }

            /// The JSON Schema of each body, by tag.
            pub fn schemas(generator: &mut schemars::SchemaGenerator) -> Vec<(&'static str, schemars::Schema)> {
                let mut all = Vec::new();
                $(all.extend(<$aggregate>::schemas(generator));)*
                all
            }
        }

        $(impl From<$aggregate> for Event {
            fn from(event: $aggregate) -> Self { Event::$variant(event) }
        })*
    };
}

// The busiest aggregates come first: decoding tries them in this order.
events! {
    Attempt(AttemptEvent), Step(StepEvent), Receipt(ReceiptEvent), Run(RunEvent), Bucket(BucketEvent), Message(MessageEvent),
    Gate(GateEvent), Artifact(ArtifactEvent), Canon(CanonEvent), Branch(BranchEvent), Project(ProjectEvent),
    Memory(MemoryEvent), Name(NameEvent),
}

impl Serialize for Envelope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::{Error, SerializeStruct};
        let body =
            self.event.body().and_then(serde_json::value::RawValue::from_string).map_err(S::Error::custom)?;
        let mut out = serializer.serialize_struct("Envelope", 11)?;
        out.serialize_field("id", &self.id)?;
        out.serialize_field("project", &self.project)?;
        out.serialize_field("branch", &self.branch)?;
        out.serialize_field("seq", &self.seq)?;
        out.serialize_field("at", &self.at)?;
        out.serialize_field("actor", &self.actor)?;
        out.serialize_field("correlation", &self.correlation)?;
        out.serialize_field("causation", &self.causation)?;
        out.serialize_field("kind", self.event.kind())?;
        out.serialize_field("schema", &self.schema)?;
        out.serialize_field("body", &body)?;
        out.end()
    }
}

impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            id: EventId,
            project: ProjectId,
            branch: BranchId,
            seq: u64,
            at: Timestamp,
            actor: Actor,
            correlation: Option<RunId>,
            causation: Option<EventId>,
            kind: String,
            schema: u16,
            body: Box<serde_json::value::RawValue>,
        }
        let wire = Wire::deserialize(deserializer)?;
        let event =
            Event::decode(&wire.kind, wire.schema, wire.body.get()).map_err(serde::de::Error::custom)?;
        let Wire { id, project, branch, seq, at, actor, correlation, causation, schema, .. } = wire;
        Ok(Envelope { id, project, branch, seq, at, actor, correlation, causation, schema, event })
    }
}
