//! Events and messages.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::PriorityWord;

/// Who made something happen.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum ActorKind {
    Human,
    Agent,
    System,
    Import,
}

/// Who made something happen, by name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// The agent's id, `you`, `engine`.
    pub id: String,
}

/// A stored event. The body of each kind is described in `docs/schema/events.json`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Its id.
    #[schema(pattern = "^evt_[0-9a-f]{32}$")]
    pub id: String,
    /// The project in whose log it is.
    #[schema(pattern = "^prj_[0-9a-f]{32}$")]
    pub project: String,
    /// The branch it belongs to.
    pub branch: String,
    /// Its number: from 1, without gaps over all branches.
    pub seq: u64,
    /// When it was decided.
    pub at: String,
    /// Who made it happen.
    pub actor: Actor,
    /// The run it belongs to.
    #[schema(required = true)]
    pub correlation: Option<String>,
    /// The event that led to it.
    #[schema(required = true)]
    pub causation: Option<String>,
    /// Its tag, such as `run.started`.
    pub kind: String,
    /// The schema number of its body.
    pub schema: u16,
    /// What happened. A long text stands as `{"blob","bytes"}` unless `texts=inline` was asked for.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    pub body: Map<String, Value>,
}

/// What a message is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum MessageKind {
    Feedback,
}

/// What agents and people say to each other.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Rising per project.
    pub n: u64,
    /// Its id.
    pub id: String,
    /// When it was sent.
    pub at: String,
    /// Who sent it.
    pub from: String,
    /// To whom; to all where absent.
    #[schema(required = true)]
    pub to: Option<String>,
    /// What it is.
    pub kind: MessageKind,
    /// What it says.
    pub payload: MessagePayload,
    /// How much it matters.
    pub priority: PriorityWord,
    /// The run its event belongs to.
    pub correlation: Option<String>,
    /// The run it is about.
    pub run: Option<String>,
}

/// What a message says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MessagePayload {
    /// The words.
    pub text: String,
    /// The step they are about.
    pub step: Option<String>,
}
