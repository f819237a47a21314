//! The OpenAI chat protocol as bytes: what is sent, what comes back in its several spellings.

use crate::chat::{ChatRequest, Usage};
use crate::endpoint::SchemaMode;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
}

#[derive(Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ResponseFormat<'a> {
    JsonSchema { json_schema: JsonSchema<'a> },
    JsonObject,
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: String,
    schema: &'a serde_json::Value,
    strict: bool,
}

impl<'a> Body<'a> {
    pub(super) fn new(
        model: &'a str,
        request: &'a ChatRequest,
        mode: SchemaMode,
        newest_names: bool,
    ) -> Self {
        let limit = Some(request.max_output_tokens);
        Self {
            model,
            messages: messages(request),
            stream: true,
            stream_options: StreamOptions { include_usage: true },
            max_tokens: limit.filter(|_| !newest_names),
            max_completion_tokens: limit.filter(|_| newest_names),
            temperature: request.temperature_milli.map(|milli| f64::from(milli) / 1000.0),
            seed: request.seed,
            response_format: response_format(request, mode),
        }
    }
}

pub(super) fn messages(request: &ChatRequest) -> Vec<Message<'_>> {
    let one = |message: &'_ crate::chat::ChatMessage| message.role.as_str();
    request.messages.iter().map(|message| Message { role: one(message), content: &message.content }).collect()
}

fn response_format(request: &ChatRequest, mode: SchemaMode) -> Option<ResponseFormat<'_>> {
    let schema = request.schema.as_deref()?;
    match mode {
        SchemaMode::Schema => {
            let json_schema = JsonSchema { name: wire_name(&request.schema_name), schema, strict: true };
            Some(ResponseFormat::JsonSchema { json_schema })
        }
        SchemaMode::JsonObject => Some(ResponseFormat::JsonObject),
        SchemaMode::Plain => None,
    }
}

/// Servers take letters, digits, `_` and `-`, at most 64 of them.
fn wire_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let name: String = name.chars().take(64).map(plain).collect();
    if name.is_empty() { "answer".to_owned() } else { name }
}

/// A chunk of a stream, and a whole answer of servers that do not stream.
#[derive(Deserialize)]
pub(super) struct Chunk<'a> {
    #[serde(borrow)]
    pub(super) choices: Option<Vec<Choice<'a>>>,
    pub(super) usage: Option<WireUsage>,
    #[serde(borrow)]
    pub(super) model: Option<Cow<'a, str>>,
    pub(super) error: Option<serde_json::Value>,
    #[serde(borrow)]
    object: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(default)]
    pub(super) index: u32,
    #[serde(borrow)]
    pub(super) delta: Option<Piece<'a>>,
    #[serde(borrow)]
    pub(super) message: Option<Piece<'a>>,
    #[serde(borrow)]
    pub(super) finish_reason: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
pub(super) struct Piece<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Cow<'a, str>>,
    #[serde(borrow)]
    reasoning: Option<Cow<'a, str>>,
    #[serde(borrow)]
    reasoning_content: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Clone, Copy)]
pub(super) struct WireUsage {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Deserialize, Clone, Copy)]
struct PromptDetails {
    cached_tokens: Option<u64>,
}

impl Chunk<'_> {
    /// An error in the place of a chunk: as an `error` field, or flat with `object: error`.
    pub(super) fn complaint(&self, raw: &str) -> Option<serde_json::Value> {
        let flat = self.object.as_deref() == Some("error");
        if self.error.as_ref().is_some_and(|error| !error.is_null()) || flat {
            return serde_json::from_str(raw).ok();
        }
        None
    }
}

impl Piece<'_> {
    /// Servers call it one or the other, some send both.
    pub(super) fn thought(&self) -> &str {
        let filled = |text: &Option<Cow<'_, str>>| text.as_ref().is_some_and(|text| !text.is_empty());
        let place = if filled(&self.reasoning) { &self.reasoning } else { &self.reasoning_content };
        place.as_deref().unwrap_or_default()
    }
}

impl From<WireUsage> for Usage {
    fn from(wire: WireUsage) -> Self {
        Self {
            input_tokens: wire.prompt_tokens,
            output_tokens: wire.completion_tokens,
            cached_input_tokens: wire
                .prompt_tokens_details
                .and_then(|details| details.cached_tokens)
                .unwrap_or(0),
            estimated: false,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ModelList {
    pub(super) data: Vec<ModelEntry>,
}

#[derive(Deserialize)]
pub(super) struct ModelEntry {
    pub(super) id: String,
    /// vLLM's.
    max_model_len: Option<u32>,
    /// OpenRouter's.
    context_length: Option<u32>,
    /// llama.cpp's.
    meta: Option<ModelMeta>,
}

#[derive(Deserialize)]
struct ModelMeta {
    n_ctx: Option<u32>,
    size: Option<u64>,
}

impl ModelEntry {
    pub(super) fn context_tokens(&self) -> Option<u32> {
        let meta = || self.meta.as_ref().and_then(|meta| meta.n_ctx);
        self.max_model_len.or(self.context_length).or_else(meta)
    }

    pub(super) fn size_bytes(&self) -> Option<u64> {
        self.meta.as_ref().and_then(|meta| meta.size)
    }
}
