//! Buckets and outputs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// The container for anything in the story.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Bucket {
    /// Its id.
    #[schema(pattern = "^bkt_[0-9a-f]{32}$")]
    pub id: String,
    /// Its type.
    pub r#type: String,
    /// What it is called.
    pub title: String,
    /// What else it is called.
    pub aliases: Vec<String>,
    /// Its fields.
    pub fields: BTreeMap<String, Value>,
    /// Its text.
    pub body: String,
    /// `active` or `archived`.
    pub status: String,
    /// From 1, rising.
    pub version: u32,
    /// What made it.
    pub source: Option<BucketSource>,
    /// When it was made.
    pub created_at: String,
    /// When it was changed.
    pub updated_at: String,
}

/// The run and step that made something.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BucketSource {
    /// The run.
    pub run: String,
    /// The path of the step.
    pub step: String,
}

/// A file a person can read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Output {
    /// Its path in `outputs/`.
    pub path: String,
    /// How long it is.
    pub bytes: u64,
    /// When it was written.
    pub updated_at: String,
}
