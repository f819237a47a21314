//! Models and settings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Level, RunFailure};

/// A model that is there, or is set and is not.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Model {
    /// `PROVIDER:MODEL[@BASE_URL]`.
    pub model: String,
    /// The provider.
    pub provider: String,
    /// Its server; embedded models have none.
    pub endpoint: Option<String>,
    /// Whether it can be asked.
    pub available: bool,
    /// Why not, or what is to be known of it.
    pub detail: String,
    /// What to do where it cannot be asked.
    pub hint: String,
    /// How much it reads.
    pub context_tokens: Option<u32>,
    /// How big it is.
    pub size_bytes: Option<u64>,
}

/// What one tiny call came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ModelTest {
    /// Whether it answered.
    pub ok: bool,
    /// The model.
    pub model: String,
    /// What the server calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<String>,
    /// What it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Tokens read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Tokens written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// Until the first token.
    #[serde(default)]
    pub first_token_ms: Option<u64>,
    /// Until the last one.
    #[serde(default)]
    pub total_ms: Option<u64>,
    /// Why it did not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RunFailure>,
}

/// A setting, with where its value came from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Setting {
    /// Its key.
    pub key: String,
    /// Its value.
    #[schema(required = true)]
    pub value: Option<String>,
    /// `builtin`, `file`, `environment` or `project`.
    #[schema(required = true)]
    pub origin: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// From when on a new value holds, where that is not at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds_from: Option<String>,
}

/// What one level of the cascade says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CascadeLevel {
    /// The level.
    pub level: Level,
    /// The setting that speaks for it.
    pub key: Option<String>,
    /// The model it names.
    #[schema(required = true)]
    pub model: Option<String>,
    /// Where the setting came from.
    pub origin: Option<String>,
    /// Whether it is the one that is chosen.
    pub wins: bool,
}

/// Which level chooses the model of an agent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Cascade {
    /// The agent.
    pub agent: String,
    /// The model that is chosen.
    pub model: String,
    /// The level that chooses it.
    pub level: Level,
    /// Why, in words.
    pub why: String,
    /// Every level, from the one that outranks all.
    pub levels: Vec<CascadeLevel>,
}
