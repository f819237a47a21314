//! What is told of models besides their answers.

use crate::spec::{ModelSpec, ProviderKind};

/// What the rest of the house has to know of a model before it calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelTraits {
    pub context_tokens: u32,
    /// A small embedded model: agents use the profile for such.
    pub tiny: bool,
    /// `count_tokens` counts with the model's own tokenizer.
    pub exact_tokens: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelListing {
    pub spec: ModelSpec,
    pub provider: ProviderKind,
    /// The server's base URL; embedded models have none.
    pub endpoint: Option<String>,
    pub available: bool,
    /// Why it is not available, or what is to be known of it.
    pub detail: String,
    /// What to do where it is not available.
    pub hint: String,
    pub context_tokens: Option<u32>,
    pub size_bytes: Option<u64>,
}

/// One tiny call, to see whether a model works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestReport {
    pub spec: ModelSpec,
    /// As the server reports it.
    pub model: String,
    pub text: String,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub first_token_ms: Option<u64>,
    pub total_ms: u64,
}

/// A model that a provider says it has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Known {
    pub(crate) name: String,
    pub(crate) context_tokens: Option<u32>,
    pub(crate) size_bytes: Option<u64>,
    pub(crate) detail: String,
}
