//! OpenAI-compatible servers: vLLM, llama.cpp, LM Studio, OpenAI, OpenRouter and others.
//!
//! Owns: the stream's events, falling back in how JSON is asked for (schema, object, plain), the models' list.
//! Does not own: time limits, caps and the text so far (`talk`).
//! Invariants: always streamed; an answer counts only with a finish reason; after the finish reason the answer is
//! whole, whatever becomes of the rest of the stream.

use super::openai_wire::{Body, Choice, Chunk, ModelList, WireUsage};
use super::{Call, Equipment, ModelProvider, Place, Said, base_url, prompt_text};
use crate::chat::{FinishReason, Usage};
use crate::endpoint::{Capability, Endpoint, SchemaMode};
use crate::error::{CallError, CallErrorKind};
use crate::fault;
use crate::gateway::ContextSizes;
use crate::http::Clients;
use crate::listing::{Known, ModelTraits};
use crate::spec::ModelSpec;
use crate::sse::Sse;
use crate::talk::{self, Talk};
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

const ASK_MS: u64 = 3_000;
const NEWEST_NAMES_AT: &str = "api.openai.com";

pub(crate) struct OpenAi {
    clients: Arc<Clients>,
    contexts: ContextSizes,
}

impl OpenAi {
    pub(super) fn new(equipment: &Equipment) -> Self {
        Self { clients: Arc::clone(&equipment.clients), contexts: equipment.contexts }
    }

    async fn converse(&self, call: Call<'_>) -> Result<Said, CallError> {
        let (request, endpoint) = (call.request, call.endpoint);
        needs_key(endpoint)?;
        let url = endpoint.url("/chat/completions")?;
        let mode = endpoint.schema_mode(&request.schema_name);
        let newest_names = url.host_str() == Some(NEWEST_NAMES_AT);
        let body = serde_json::to_vec(&Body::new(&call.spec.model, request, mode, newest_names))
            .map_err(|error| CallError::config(format!("the request cannot be written: {error}"), ""))?;
        let client = self.clients.of(&url)?;
        let mut talk = Talk::start(call);
        let sent = talk.post(client, url, body).await;
        let mut response = sent.map_err(|error| learn(error, request, endpoint, mode))?;
        let mut heard = Heard::default();
        let streamed = if is_json(&response) {
            listen_whole(&mut talk, &mut heard, &mut response).await
        } else {
            listen(&mut talk, &mut heard, &mut response).await
        };
        // A server that accepts the status line first and the form later.
        streamed.map_err(|error| learn(error, request, endpoint, mode))?;
        let Heard { usage, finish, model, .. } = heard;
        let Some(finish) = finish else { return Err(talk.cut()) };
        let usage = usage.map(Usage::from);
        let prompt = if usage.is_none() { prompt_text(request) } else { String::new() };
        Ok(talk.finish(usage, finish, model, &prompt))
    }

    async fn models(&self, spec: &ModelSpec, endpoint: &Endpoint) -> Result<Vec<Known>, CallError> {
        needs_key(endpoint)?;
        let url = endpoint.url("/models")?;
        let request = self.clients.of(&url)?.get(url);
        let body = talk::ask(request, endpoint, &spec.model, ASK_MS, &CancellationToken::new()).await?;
        let list: ModelList = serde_json::from_slice(&body).map_err(|error| {
            let message = format!("{} gave no list of models: {error}", endpoint.place);
            CallError::new(CallErrorKind::Garbage, message, "check the base URL; it usually ends in /v1")
        })?;
        let known = list.data.into_iter().map(|entry| {
            let context_tokens = entry.context_tokens();
            endpoint.remember(&entry.id, Capability { context_tokens, thinks: false });
            Known { context_tokens, size_bytes: entry.size_bytes(), name: entry.id, detail: String::new() }
        });
        Ok(known.collect())
    }
}

impl ModelProvider for OpenAi {
    fn place(&self, spec: &ModelSpec) -> Result<Place, CallError> {
        let mut url = base_url(spec)?;
        if url.path() == "/" {
            url.set_path("/v1");
        }
        Ok(Place::Server(url))
    }

    fn chat<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Said, CallError>> {
        self.converse(call).boxed()
    }

    fn list<'a>(
        &'a self,
        spec: &'a ModelSpec,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Vec<Known>, CallError>> {
        self.models(spec, endpoint).boxed()
    }

    fn traits_of(&self, spec: &ModelSpec, endpoint: &Endpoint) -> ModelTraits {
        let said = endpoint.capability(&spec.model).and_then(|capability| capability.context_tokens);
        let context_tokens = said.unwrap_or(self.contexts.openai_default);
        ModelTraits { context_tokens, tiny: false, exact_tokens: false }
    }
}

/// What was understood of a stream besides the text.
#[derive(Default)]
struct Heard {
    usage: Option<WireUsage>,
    finish: Option<FinishReason>,
    model: Option<String>,
    n_events: usize,
    done: bool,
}

async fn listen(talk: &mut Talk<'_>, heard: &mut Heard, response: &mut Response) -> Result<(), CallError> {
    let mut sse = Sse::default();
    let mut opening = Vec::new();
    while !heard.done {
        let piece = match talk.piece(response).await {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            // Only the usage was still to come.
            Err(error) if heard.finish.is_some() && error.kind != CallErrorKind::Cancelled => return Ok(()),
            Err(error) => return Err(error),
        };
        if heard.n_events == 0 && opening.len() < 200 {
            opening.extend_from_slice(piece.as_ref());
        }
        sse.feed(piece.as_ref());
        while let Some(data) = sse.next_event().map_err(|error| talk.garbage(&error.to_string()))? {
            hear(talk, heard, data)?;
        }
    }
    if !heard.done
        && let Some(data) = sse.last_event().map_err(|error| talk.garbage(&error.to_string()))?
    {
        hear(talk, heard, data)?;
    }
    if heard.n_events == 0 && !opening.is_empty() {
        return Err(talk.garbage(&format!("it sent {}", fault::shown(&String::from_utf8_lossy(&opening)))));
    }
    talk.drain(response).await;
    Ok(())
}

/// A server that does not stream although it was asked to.
async fn listen_whole(
    talk: &mut Talk<'_>,
    heard: &mut Heard,
    response: &mut Response,
) -> Result<(), CallError> {
    let mut body = Vec::new();
    while let Some(piece) = talk.piece(response).await? {
        body.extend_from_slice(piece.as_ref());
    }
    let text = String::from_utf8(body).map_err(|_| talk.garbage("it sent bytes that are not text"))?;
    hear(talk, heard, &text)
}

fn hear(talk: &mut Talk<'_>, heard: &mut Heard, data: &str) -> Result<(), CallError> {
    heard.n_events += 1;
    if data.trim() == "[DONE]" {
        heard.done = true;
        return Ok(());
    }
    let chunk: Chunk<'_> = match serde_json::from_str(data) {
        Ok(chunk) => chunk,
        Err(_) => return Err(not_a_chunk(talk, data)),
    };
    if let Some(complaint) = chunk.complaint(data) {
        return Err(talk.fail(fault::in_stream(&complaint, talk.model, &talk.endpoint.place)));
    }
    if let (None, Some(model)) = (&heard.model, &chunk.model) {
        heard.model = Some(model.as_ref().to_owned());
    }
    heard.usage = chunk.usage.or(heard.usage);
    let first = chunk.choices.into_iter().flatten().find(|choice| choice.index == 0);
    first.map_or(Ok(()), |choice| hear_choice(talk, heard, &choice))
}

fn hear_choice(talk: &mut Talk<'_>, heard: &mut Heard, choice: &Choice<'_>) -> Result<(), CallError> {
    if let Some(piece) = choice.delta.as_ref().or(choice.message.as_ref()) {
        talk.think(piece.thought())?;
        talk.say(piece.content.as_deref().unwrap_or_default())?;
    }
    match choice.finish_reason.as_deref() {
        None | Some("") => Ok(()),
        Some("error") => {
            let message = format!("{} ended its answer with an error", talk.endpoint.place);
            let error =
                CallError::new(CallErrorKind::ServerError, message, "try again, or choose another model");
            Err(talk.fail(error))
        }
        Some(word) => {
            heard.finish = Some(FinishReason::of(word));
            Ok(())
        }
    }
}

/// What does not fit the fields of a chunk may still be an error in a spelling of its own.
fn not_a_chunk(talk: &Talk<'_>, data: &str) -> CallError {
    match serde_json::from_str::<serde_json::Value>(data) {
        Ok(value) if value.get("error").is_some() => {
            talk.fail(fault::in_stream(&value, talk.model, &talk.endpoint.place))
        }
        _ => talk.garbage(&format!("it sent {}", fault::shown(data))),
    }
}

/// Remembers a refused form, so that the next call asks for less. In plain mode nothing less is left to ask for.
fn learn(
    mut error: CallError,
    request: &crate::ChatRequest,
    endpoint: &Endpoint,
    mode: SchemaMode,
) -> CallError {
    if error.kind == CallErrorKind::SchemaRefused {
        if request.schema.is_none() || mode == SchemaMode::Plain {
            error.kind = CallErrorKind::BadRequest;
        } else {
            let whole_way = error.message.contains("response_format") || mode == SchemaMode::JsonObject;
            endpoint.schema_refused(request, mode, whole_way);
        }
    }
    error
}

/// A hosted service is not even asked without a key.
fn needs_key(endpoint: &Endpoint) -> Result<(), CallError> {
    let own_service = endpoint.base.as_ref().and_then(|base| base.host_str()) == Some(NEWEST_NAMES_AT);
    if own_service && endpoint.key.is_none() {
        let message = format!("there is no key for {}", endpoint.place);
        let hint = "set OPENAI_API_KEY, or name a server: openai:NAME@http://127.0.0.1:8000/v1";
        return Err(CallError::config(message, hint));
    }
    Ok(())
}

fn is_json(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/json"))
}
