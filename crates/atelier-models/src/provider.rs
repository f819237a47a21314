//! The providers: each kind of place that models live in is one file here and one line in `all`.
//!
//! Invariant of every provider: `chat` makes at most one request to a model and either says all of an answer or fails.

use crate::chat::{ChatRequest, Delta, FinishReason, Usage};
use crate::endpoint::Endpoint;
use crate::error::CallError;
use crate::estimate::estimate_tokens;
use crate::gateway::ContextSizes;
use crate::http::Clients;
use crate::limits::Limits;
use crate::listing::{Known, ModelTraits};
use crate::spec::{ModelSpec, ProviderKind};
use futures::future::BoxFuture;
use reqwest::Url;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

pub(crate) mod embedded;
mod embedded_thread;
mod ollama;
mod ollama_wire;
mod openai;
mod openai_wire;
mod scripted;

pub(crate) trait ModelProvider: Send + Sync {
    /// Where the calls of a model go: one place has one queue and one breaker.
    fn place(&self, spec: &ModelSpec) -> Result<Place, CallError>;

    fn chat<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Said, CallError>>;

    /// What a place says it has; remembers what it says its models can.
    fn list<'a>(
        &'a self,
        spec: &'a ModelSpec,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Vec<Known>, CallError>>;

    fn traits_of(&self, spec: &ModelSpec, endpoint: &Endpoint) -> ModelTraits;

    fn count_tokens(&self, spec: &ModelSpec, text: &str) -> u32 {
        let _ = spec;
        estimate_tokens(text)
    }
}

pub(crate) enum Place {
    Server(Url),
    /// In this process, by a name that tells it from others.
    Inside {
        name: String,
        concurrency: usize,
    },
}

pub(crate) struct Call<'a> {
    pub(crate) spec: &'a ModelSpec,
    pub(crate) request: &'a ChatRequest,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) limits: &'a Limits,
    pub(crate) on_delta: &'a mut (dyn FnMut(Delta) + Send),
    pub(crate) cancel: &'a CancellationToken,
}

/// An answer that was said to its end, before it is judged and priced.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) usage: Usage,
    pub(crate) finish: FinishReason,
    pub(crate) model: String,
    /// It thought aloud, whether or not it said anything then.
    pub(crate) reasoned: bool,
    pub(crate) first_token_ms: Option<u64>,
    pub(crate) total_ms: u64,
}

/// What providers are built with.
#[derive(Clone)]
pub(crate) struct Equipment {
    pub(crate) clients: Arc<Clients>,
    pub(crate) contexts: ContextSizes,
    pub(crate) models_dir: PathBuf,
    pub(crate) threads: usize,
    pub(crate) concurrency: usize,
}

pub(crate) fn all(equipment: &Equipment) -> Vec<(ProviderKind, Arc<dyn ModelProvider>)> {
    vec![
        (ProviderKind::Embedded, Arc::new(embedded::Embedded::new(equipment)) as Arc<dyn ModelProvider>),
        (ProviderKind::OpenAi, Arc::new(openai::OpenAi::new(equipment))),
        (ProviderKind::Ollama, Arc::new(ollama::Ollama::new(equipment))),
        (ProviderKind::Scripted, Arc::new(scripted::Scripted::new(equipment))),
    ]
}

/// The base URL of a server, or the provider's own.
fn base_url(spec: &ModelSpec) -> Result<Url, CallError> {
    let text = spec.base_url.as_deref().or(spec.provider.default_base_url()).unwrap_or_default();
    Url::parse(text).map_err(|error| {
        CallError::config(
            format!("the base URL {text} of {spec} cannot be read: {error}"),
            "correct the model's name",
        )
    })
}

/// All the text of a request, for estimates.
fn prompt_text(request: &ChatRequest) -> String {
    let mut text =
        String::with_capacity(request.messages.iter().map(|message| message.content.len() + 24).sum());
    for message in &request.messages {
        // About what a chat template puts around each message.
        text.push_str("<|role|>\n");
        text.push_str(&message.content);
        text.push('\n');
    }
    text
}
