//! Texts to vectors: the embedded model, OpenAI-compatible servers, Ollama.
//!
//! Invariant: an answer has one vector for each text, in their order, all equally long and of finite numbers; anything
//! else is an error.

use crate::endpoint::Endpoint;
use crate::error::{CallError, CallErrorKind};
use crate::gateway::Gateway;
use crate::limits::Limits;
use crate::spec::{ModelSpec, ProviderKind};
use crate::talk;
use reqwest::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// Texts in one request at most; servers refuse longer lists.
const MOST_TEXTS: usize = 64;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a [String],
}

#[derive(Deserialize)]
struct OpenAiAnswer {
    data: Vec<OpenAiEntry>,
}

#[derive(Deserialize)]
struct OpenAiEntry {
    /// Servers that leave it out keep the order.
    #[serde(default)]
    index: Option<usize>,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct OllamaAnswer {
    embeddings: Vec<Vec<f32>>,
}

impl Gateway {
    /// Embeds texts by a model, in as few requests as servers take.
    pub async fn embed_by(
        &self,
        spec: &ModelSpec,
        texts: &[String],
        cancel: &CancellationToken,
    ) -> Result<Vec<Vec<f32>>, CallError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for some in texts.chunks(MOST_TEXTS) {
            vectors.extend(match spec.provider {
                ProviderKind::Embedded => self.embed(some).await?,
                ProviderKind::OpenAi | ProviderKind::Ollama => self.embed_far(spec, some, cancel).await?,
                ProviderKind::Scripted => {
                    let message = format!("{spec} makes no vectors");
                    return Err(CallError::config(message, "set models.embedding to a model that embeds"));
                }
            });
        }
        let length = vectors.first().map_or(0, Vec::len);
        if vectors.iter().any(|vector| vector.len() != length || vector.is_empty()) {
            let message = format!("{spec} gave vectors of different lengths");
            return Err(CallError::new(CallErrorKind::Garbage, message, HINT));
        }
        Ok(vectors)
    }

    async fn embed_far(
        &self,
        spec: &ModelSpec,
        texts: &[String],
        cancel: &CancellationToken,
    ) -> Result<Vec<Vec<f32>>, CallError> {
        let _turn = self.turn(spec, "embeddings", cancel).await?;
        let endpoint = self.endpoint(spec)?;
        let ticket = endpoint.admit()?;
        let result = self.asked(spec, texts, &endpoint, cancel).await;
        ticket.settle(&result);
        result
    }

    async fn asked(
        &self,
        spec: &ModelSpec,
        texts: &[String],
        endpoint: &Endpoint,
        cancel: &CancellationToken,
    ) -> Result<Vec<Vec<f32>>, CallError> {
        let Limits { first_token_ms, .. } = *self.limits();
        let is_ollama = spec.provider == ProviderKind::Ollama;
        let url = endpoint.url(if is_ollama { "/api/embed" } else { "/embeddings" })?;
        let body = serde_json::to_vec(&Body { model: &spec.model, input: texts })
            .map_err(|error| CallError::config(format!("the request cannot be written: {error}"), ""))?;
        let request = self.client(&url)?.post(url).header(CONTENT_TYPE, "application/json").body(body);
        let answer = talk::ask(request, endpoint, &spec.model, first_token_ms, cancel).await?;
        let garbage = |why: String| {
            let message = format!("{} gave no vectors: {why}", endpoint.place);
            CallError::new(CallErrorKind::Garbage, message, HINT)
        };
        let vectors = if is_ollama {
            serde_json::from_slice::<OllamaAnswer>(&answer).map(|answer| answer.embeddings)
        } else {
            serde_json::from_slice::<OpenAiAnswer>(&answer).map(OpenAiAnswer::in_order)
        };
        let vectors = vectors.map_err(|error| garbage(error.to_string()))?;
        if vectors.len() != texts.len() {
            return Err(garbage(format!("there are {} for {} texts", vectors.len(), texts.len())));
        }
        Ok(vectors)
    }
}

const HINT: &str = "see whether the model is one that embeds texts";

impl OpenAiAnswer {
    fn in_order(mut self) -> Vec<Vec<f32>> {
        if self.data.iter().all(|entry| entry.index.is_some()) {
            self.data.sort_by_key(|entry| entry.index);
        }
        self.data.into_iter().map(|entry| entry.embedding).collect()
    }
}
