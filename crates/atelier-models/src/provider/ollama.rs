//! Ollama by its native protocol, because its OpenAI route cannot set the context and truncates silently.
//!
//! Owns: the lines of a stream, asking once what a model can, finding out that a prompt was cut.
//! Does not own: time limits, caps and the text so far (`talk`).
//! Invariants: the context is always set and never cut by the server; `think` is sent only to models that can think;
//! a stream without `done:true` is no answer.

use super::ollama_wire::{Body, Line, Show, ShowBody, Tags};
use super::{Call, Equipment, ModelProvider, Place, Said, base_url, prompt_text};
use crate::chat::{FinishReason, Usage};
use crate::endpoint::{Capability, Endpoint, SchemaMode};
use crate::error::{CallError, CallErrorKind};
use crate::estimate::estimate_tokens;
use crate::fault;
use crate::gateway::ContextSizes;
use crate::http::Clients;
use crate::lines::Lines;
use crate::listing::{Known, ModelTraits};
use crate::spec::ModelSpec;
use crate::talk::{self, Talk};
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

const ASK_MS: u64 = 3_000;
/// Below so many tokens a template's own share is too large for the counts to be compared.
const LEAST_COMPARED: u64 = 256;

pub(crate) struct Ollama {
    clients: Arc<Clients>,
    contexts: ContextSizes,
}

impl Ollama {
    pub(super) fn new(equipment: &Equipment) -> Self {
        Self { clients: Arc::clone(&equipment.clients), contexts: equipment.contexts }
    }

    async fn converse(&self, call: Call<'_>) -> Result<Said, CallError> {
        let (request, endpoint) = (call.request, call.endpoint);
        let model = call.spec.model.as_str();
        let url = endpoint.url("/api/chat")?;
        let client = self.clients.of(&url)?;
        let capability = self.capability(model, endpoint, call.limits.connect_ms, call.cancel).await?;
        let num_ctx = self.num_ctx(Some(capability));
        let with_format = endpoint.schema_mode(&request.schema_name) == SchemaMode::Schema;
        let body = serde_json::to_vec(&Body::new(model, request, with_format, num_ctx, capability.thinks))
            .map_err(|error| CallError::config(format!("the request cannot be written: {error}"), ""))?;
        let mut talk = Talk::start(call);
        let sent = talk.post(client, url, body).await;
        let mut response = sent.map_err(|error| learn(error, request, endpoint, with_format))?;
        let heard = listen(&mut talk, &mut response).await?;
        let Some(finish) = heard.finish.clone() else { return Err(talk.cut()) };
        let prompt = prompt_text(request);
        if let Some(error) = was_cut(&prompt, &heard, num_ctx, model, endpoint) {
            return Err(talk.fail(error));
        }
        let usage = heard.usage(&prompt, &talk.text);
        Ok(talk.finish(Some(usage), finish, heard.model, ""))
    }

    /// What a model can; asked once for each.
    async fn capability(
        &self,
        model: &str,
        endpoint: &Endpoint,
        limit_ms: u64,
        cancel: &CancellationToken,
    ) -> Result<Capability, CallError> {
        if let Some(known) = endpoint.capability(model) {
            return Ok(known);
        }
        let url = endpoint.url("/api/show")?;
        let question = serde_json::to_vec(&ShowBody { model })
            .map_err(|error| CallError::config(format!("the request cannot be written: {error}"), ""))?;
        let request =
            self.clients.of(&url)?.post(url).header(CONTENT_TYPE, "application/json").body(question);
        let body = talk::ask(request, endpoint, model, limit_ms, cancel).await?;
        // A server too old to say is taken as one whose models do not think.
        let capability = serde_json::from_slice::<Show>(&body)
            .map(|show| Capability { context_tokens: show.context_tokens(), thinks: show.thinks() })
            .unwrap_or_default();
        endpoint.remember(model, capability);
        Ok(capability)
    }

    fn num_ctx(&self, capability: Option<Capability>) -> u32 {
        let most = capability.and_then(|capability| capability.context_tokens).unwrap_or(u32::MAX);
        self.contexts.ollama_num_ctx.min(most)
    }

    async fn models(&self, spec: &ModelSpec, endpoint: &Endpoint) -> Result<Vec<Known>, CallError> {
        let url = endpoint.url("/api/tags")?;
        let request = self.clients.of(&url)?.get(url);
        let body = talk::ask(request, endpoint, &spec.model, ASK_MS, &CancellationToken::new()).await?;
        let tags: Tags = serde_json::from_slice(&body).map_err(|error| {
            let message = format!("{} gave no list of models: {error}", endpoint.place);
            CallError::new(CallErrorKind::Garbage, message, "check that Ollama answers at this address")
        })?;
        let known = tags.models.into_iter().map(|tag| Known {
            detail: format!("{} {}", tag.details.parameter_size, tag.details.quantization_level)
                .trim()
                .to_owned(),
            context_tokens: tag.details.context_length,
            size_bytes: tag.size,
            name: tag.name,
        });
        Ok(known.collect())
    }
}

impl ModelProvider for Ollama {
    fn place(&self, spec: &ModelSpec) -> Result<Place, CallError> {
        let mut url = base_url(spec)?;
        // Its OpenAI route and its own one are taken for the same place.
        let path = url.path().trim_end_matches('/');
        let root = path.strip_suffix("/v1").or_else(|| path.strip_suffix("/api")).unwrap_or(path).to_owned();
        url.set_path(&root);
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
        let context_tokens = self.num_ctx(endpoint.capability(&spec.model));
        ModelTraits { context_tokens, tiny: false, exact_tokens: false }
    }
}

/// What was understood of a stream besides the text.
#[derive(Default)]
struct Heard {
    finish: Option<FinishReason>,
    model: Option<String>,
    n_prompt: Option<u64>,
    n_said: Option<u64>,
}

impl Heard {
    /// Zero counts are left out by the server; a prompt is never empty, an answer may be.
    fn usage(&self, prompt: &str, text: &str) -> Usage {
        Usage {
            input_tokens: self.n_prompt.unwrap_or_else(|| estimate_tokens(prompt).into()),
            output_tokens: self.n_said.unwrap_or_else(|| estimate_tokens(text).into()),
            cached_input_tokens: 0,
            estimated: self.n_prompt.is_none() || (self.n_said.is_none() && !text.is_empty()),
        }
    }
}

async fn listen(talk: &mut Talk<'_>, response: &mut Response) -> Result<Heard, CallError> {
    let mut lines = Lines::default();
    let mut heard = Heard::default();
    while heard.finish.is_none() {
        let Some(piece) = talk.piece(response).await? else { break };
        lines.feed(piece.as_ref());
        while let Some(line) = lines.next_line().map_err(|error| talk.garbage(&error.to_string()))? {
            hear(talk, &mut heard, line)?;
        }
    }
    if heard.finish.is_none()
        && let Some(line) = lines.rest()
    {
        hear(talk, &mut heard, line)?;
    }
    talk.drain(response).await;
    Ok(heard)
}

fn hear(talk: &mut Talk<'_>, heard: &mut Heard, line: &[u8]) -> Result<(), CallError> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let parsed: Line<'_> = match serde_json::from_slice(line) {
        Ok(parsed) => parsed,
        // A line that was cut off says nothing about the protocol.
        Err(error) if error.is_eof() => return Err(talk.cut()),
        Err(_) => {
            return Err(talk.garbage(&format!("it sent {}", fault::shown(&String::from_utf8_lossy(line)))));
        }
    };
    if let Some(error) = parsed.error.filter(|error| !error.is_null()) {
        let value = serde_json::json!({ "error": error });
        return Err(talk.fail(fault::in_stream(&value, talk.model, &talk.endpoint.place)));
    }
    if let Some(said) = &parsed.message {
        talk.think(said.thinking.as_deref().unwrap_or_default())?;
        talk.say(said.content.as_deref().unwrap_or_default())?;
    }
    if let (None, Some(model)) = (&heard.model, &parsed.model) {
        heard.model = Some(model.as_ref().to_owned());
    }
    if parsed.done {
        heard.finish = Some(FinishReason::of(parsed.done_reason.as_deref().unwrap_or("stop")));
        heard.n_prompt = parsed.prompt_eval_count;
        heard.n_said = parsed.eval_count;
    }
    Ok(())
}

/// Servers that know no `truncate:false` cut the prompt and do not say so: then they count far fewer tokens than it
/// has. Our estimate is up to about twice the count, so less than three tenths of it is no accident; where the prompt
/// may not have fitted, less than a half is none either.
fn was_cut(prompt: &str, heard: &Heard, num_ctx: u32, model: &str, endpoint: &Endpoint) -> Option<CallError> {
    let counted = heard.n_prompt.filter(|n| *n > 0)?;
    let expected = u64::from(estimate_tokens(prompt));
    let tenths = if expected > u64::from(num_ctx) { 5 } else { 3 };
    if expected < LEAST_COMPARED || counted * 10 >= expected * tenths {
        return None;
    }
    let message = format!(
        "{} read only {counted} of about {expected} tokens of the prompt for {model} and dropped the rest",
        endpoint.place
    );
    let hint = "raise the context for Ollama in the settings, or shorten what the model is told";
    Some(CallError::new(CallErrorKind::ContextTooLong, message, hint))
}

/// A refused `format` is left out from the next call on.
fn learn(
    mut error: CallError,
    request: &crate::ChatRequest,
    endpoint: &Endpoint,
    with_format: bool,
) -> CallError {
    if error.kind == CallErrorKind::SchemaRefused {
        if request.schema.is_some() && with_format {
            endpoint.schema_refused(request, SchemaMode::Schema, false);
        } else {
            error.kind = CallErrorKind::BadRequest;
        }
    }
    error
}
