//! Ollama's native protocol as JSON: what is sent, what comes back.

use super::openai_wire::{Message, messages};
use crate::chat::ChatRequest;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    stream: bool,
    /// Without it the server drops the oldest messages and does not say so.
    truncate: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a serde_json::Value>,
    /// Only for models that can think: others refuse the field. Unset means on, and thinking would eat the tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    think: Option<bool>,
    options: Options,
}

#[derive(Serialize)]
struct Options {
    num_ctx: u32,
    num_predict: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
}

impl<'a> Body<'a> {
    pub(super) fn new(
        model: &'a str,
        request: &'a ChatRequest,
        with_format: bool,
        num_ctx: u32,
        thinks: bool,
    ) -> Self {
        let options = Options {
            num_ctx,
            num_predict: request.max_output_tokens,
            temperature: request.temperature_milli.map(|milli| f64::from(milli) / 1000.0),
            seed: request.seed,
        };
        Self {
            model,
            messages: messages(request),
            stream: true,
            truncate: false,
            format: request.schema.as_deref().filter(|_| with_format),
            think: thinks.then_some(false),
            options,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Line<'a> {
    #[serde(borrow)]
    pub(super) model: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) message: Option<Said<'a>>,
    #[serde(default)]
    pub(super) done: bool,
    #[serde(borrow)]
    pub(super) done_reason: Option<Cow<'a, str>>,
    pub(super) prompt_eval_count: Option<u64>,
    pub(super) eval_count: Option<u64>,
    pub(super) error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
pub(super) struct Said<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) thinking: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
pub(super) struct ShowBody<'a> {
    pub(super) model: &'a str,
}

#[derive(Deserialize)]
pub(super) struct Show {
    #[serde(default)]
    capabilities: Vec<String>,
    #[serde(default)]
    model_info: BTreeMap<String, serde_json::Value>,
}

impl Show {
    pub(super) fn thinks(&self) -> bool {
        self.capabilities.iter().any(|word| word == "thinking")
    }

    /// The longest context the model was made for, under its architecture's name.
    pub(super) fn context_tokens(&self) -> Option<u32> {
        let found = self.model_info.iter().find(|(key, _)| key.ends_with(".context_length"));
        found.and_then(|(_, value)| value.as_u64()).and_then(|tokens| u32::try_from(tokens).ok())
    }
}

#[derive(Deserialize)]
pub(super) struct Tags {
    pub(super) models: Vec<Tag>,
}

#[derive(Deserialize)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) size: Option<u64>,
    #[serde(default)]
    pub(super) details: TagDetails,
}

#[derive(Deserialize, Default)]
pub(super) struct TagDetails {
    #[serde(default)]
    pub(super) parameter_size: String,
    #[serde(default)]
    pub(super) quantization_level: String,
    pub(super) context_length: Option<u32>,
}
