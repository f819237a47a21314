//! The gateway itself: from a model's name to one finished call.
//!
//! Owns: the providers, the endpoints and the order of a call: key and place, queue, breaker, provider, judgement,
//! price. Does not own: any protocol, any second try.
//! Invariants: one `chat` sends at most one request to a model; a call that waits can be cancelled; an empty answer
//! is an error.

use crate::chat::{Answer, ChatMessage, ChatRequest, Delta, FinishReason, Role};
use crate::endpoint::Endpoint;
use crate::error::{CallError, CallErrorKind, ConfigError};
use crate::http::{self, Clients};
use crate::keys::Keys;
use crate::limits::Limits;
use crate::listing::{Known, ModelListing, ModelTraits, TestReport};
use crate::prices::Prices;
use crate::provider::embedded::SentenceEmbedder;
use crate::provider::{self, Call, Equipment, ModelProvider, Place, Said};
use crate::spec::{ModelSpec, ProviderKind};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// Settings of the gateway; `..GatewayOptions::default()` fills what is not said.
#[derive(Debug, Clone)]
pub struct GatewayOptions {
    pub limits: Limits,
    /// Calls at a time for each server; embedded models take one.
    pub concurrency: u32,
    /// Where installed model files are.
    pub models_dir: PathBuf,
    /// For embedded models.
    pub threads: usize,
    pub keys: Keys,
    pub prices: Prices,
    pub contexts: ContextSizes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextSizes {
    /// For OpenAI-compatible servers that do not say.
    pub openai_default: u32,
    /// What Ollama is told to set up, unless the model's own limit is lower.
    pub ollama_num_ctx: u32,
}

/// Cheap to clone; all clones share endpoints, queues and loaded models.
#[derive(Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
}

/// The right to make one call at an endpoint; given back when dropped.
pub struct Turn {
    _permit: crate::fair_queue::Permit,
}

struct Shared {
    limits: Limits,
    keys: Keys,
    prices: Prices,
    equipment: Equipment,
    providers: Vec<(ProviderKind, Arc<dyn ModelProvider>)>,
    endpoints: Mutex<HashMap<(ProviderKind, String), Arc<Endpoint>>>,
    embedder: SentenceEmbedder,
}

const TEST_PROMPT: &str = include_str!("../data/test_prompt.txt");
const TEST_TOKENS: u32 = 24;

impl Gateway {
    pub fn new(options: GatewayOptions) -> Result<Self, ConfigError> {
        let limits = &options.limits;
        let zero = [limits.connect_ms, limits.first_token_ms, limits.between_tokens_ms, limits.whole_ms]
            .contains(&0);
        if zero || options.concurrency == 0 || options.threads == 0 {
            let message = "a time limit, the number of calls at a time or the number of threads is 0";
            return Err(ConfigError::new(message, "set it to at least 1, or leave it out"));
        }
        http::install_tls();
        let equipment = Equipment {
            clients: Arc::new(Clients::new(limits.connect_ms)),
            contexts: options.contexts,
            models_dir: options.models_dir,
            threads: options.threads,
            concurrency: usize::try_from(options.concurrency).unwrap_or(usize::MAX),
        };
        let shared = Shared {
            limits: options.limits,
            keys: options.keys,
            prices: options.prices,
            providers: provider::all(&equipment),
            endpoints: Mutex::new(HashMap::new()),
            embedder: SentenceEmbedder::new(&equipment),
            equipment,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Waits for a turn at the model's endpoint, so that the prompt can be put together as late as possible.
    pub async fn turn(
        &self,
        spec: &ModelSpec,
        lane: &str,
        cancel: &CancellationToken,
    ) -> Result<Turn, CallError> {
        let (_, endpoint) = self.place(spec)?;
        let permit = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(CallError::cancelled(&endpoint.place)),
            permit = endpoint.queue.acquire(lane) => permit,
        };
        Ok(Turn { _permit: permit })
    }

    /// A turn at the model's endpoint that is free right now; `None` where the call would wait, or cannot be made.
    pub fn turn_now(&self, spec: &ModelSpec) -> Option<Turn> {
        let (_, endpoint) = self.place(spec).ok()?;
        endpoint.queue.acquire_now().map(|permit| Turn { _permit: permit })
    }

    /// Exactly one request to the model, or none where it fails before.
    pub async fn chat(
        &self,
        spec: &ModelSpec,
        request: &ChatRequest,
        on_delta: &mut (dyn FnMut(Delta) + Send),
        cancel: &CancellationToken,
    ) -> Result<Answer, CallError> {
        let turn = self.turn(spec, &request.lane, cancel).await?;
        self.chat_in(turn, spec, request, on_delta, cancel).await
    }

    /// Like [`Gateway::chat`], in a turn that has come.
    pub async fn chat_in(
        &self,
        _turn: Turn,
        spec: &ModelSpec,
        request: &ChatRequest,
        on_delta: &mut (dyn FnMut(Delta) + Send),
        cancel: &CancellationToken,
    ) -> Result<Answer, CallError> {
        let (provider, endpoint) = self.place(spec)?;
        let ticket = endpoint.admit()?;
        on_delta(Delta::Started);
        let limits = &self.shared.limits;
        let call = Call { spec, request, endpoint: &endpoint, limits, on_delta, cancel };
        let result = provider
            .chat(call)
            .await
            .and_then(|said| judged(said, &endpoint))
            .map(|said| without_key(said, &endpoint));
        ticket.settle(&result);
        result.map(|said| self.priced(said, spec, &endpoint))
    }

    pub fn traits_of(&self, spec: &ModelSpec) -> ModelTraits {
        match self.place(spec) {
            Ok((provider, endpoint)) => provider.traits_of(spec, &endpoint),
            Err(_) => ModelTraits {
                context_tokens: self.shared.equipment.contexts.openai_default,
                tiny: false,
                exact_tokens: false,
            },
        }
    }

    /// Exact for embedded models, else an estimate that is rather high.
    pub fn count_tokens(&self, spec: &ModelSpec, text: &str) -> u32 {
        match self.place(spec) {
            Ok((provider, _)) => provider.count_tokens(spec, text),
            Err(_) => crate::estimate::estimate_tokens(text),
        }
    }

    /// Asks a model's server what it has and remembers how long its contexts are; no model is called.
    pub async fn probe(&self, spec: &ModelSpec) -> Result<ModelTraits, CallError> {
        let (provider, endpoint) = self.place(spec)?;
        provider.list(spec, &endpoint).await?;
        Ok(provider.traits_of(spec, &endpoint))
    }

    /// The named models, and after them what else their servers and the models' folder have.
    pub async fn list(&self, specs: &[ModelSpec]) -> Vec<ModelListing> {
        let asked = futures::future::join_all(specs.iter().map(|spec| self.list_one(spec))).await;
        let mut listings: Vec<ModelListing> = Vec::new();
        let (named, others): (Vec<_>, Vec<_>) =
            asked.into_iter().map(|mut found| (found.remove(0), found)).unzip();
        for listing in named.into_iter().chain(others.into_iter().flatten()) {
            if !listings.iter().any(|known| known.spec == listing.spec) {
                listings.push(listing);
            }
        }
        listings
    }

    /// One tiny call.
    pub async fn test(&self, spec: &ModelSpec) -> Result<TestReport, CallError> {
        let request = ChatRequest {
            lane: "test".to_owned(),
            messages: vec![ChatMessage { role: Role::User, content: TEST_PROMPT.trim().into() }],
            schema: None,
            schema_name: String::new(),
            max_output_tokens: TEST_TOKENS,
            temperature_milli: Some(0),
            seed: Some(0),
        };
        let answer = self.chat(spec, &request, &mut |_| {}, &CancellationToken::new()).await?;
        Ok(TestReport {
            spec: spec.clone(),
            model: answer.model,
            text: answer.text.trim().to_owned(),
            input_tokens: answer.usage.input_tokens,
            output_tokens: answer.usage.output_tokens,
            first_token_ms: answer.first_token_ms,
            total_ms: answer.total_ms,
        })
    }

    /// Sentence embeddings by the embedded model, each of unit length.
    pub async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, CallError> {
        self.shared.embedder.embed(texts).await
    }

    /// Servers that run on this machine at their usual ports.
    pub async fn discover(&self) -> Vec<crate::discover::Found> {
        crate::discover::discover(&self.shared.equipment.clients).await
    }

    /// Where a model's calls go.
    pub(crate) fn endpoint(&self, spec: &ModelSpec) -> Result<Arc<Endpoint>, CallError> {
        self.place(spec).map(|(_, endpoint)| endpoint)
    }

    pub(crate) fn client(&self, url: &reqwest::Url) -> Result<&reqwest::Client, CallError> {
        self.shared.equipment.clients.of(url)
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    fn place(&self, spec: &ModelSpec) -> Result<(&dyn ModelProvider, Arc<Endpoint>), CallError> {
        let shared = &*self.shared;
        let found = shared.providers.iter().find(|(kind, _)| *kind == spec.provider);
        let provider = found.map(|(_, provider)| provider.as_ref()).ok_or_else(|| {
            CallError::config(format!("there is no provider for {spec}"), "choose another model")
        })?;
        let place = provider.place(spec)?;
        let name = match &place {
            Place::Server(url) => url.to_string(),
            Place::Inside { name, .. } => name.clone(),
        };
        let mut endpoints = shared.endpoints.lock().unwrap_or_else(PoisonError::into_inner);
        let endpoint = endpoints.entry((spec.provider, name)).or_insert_with(|| {
            Arc::new(match place {
                Place::Server(url) => {
                    let key = shared.keys.of(&url).cloned();
                    Endpoint::server(url, key, shared.equipment.concurrency)
                }
                Place::Inside { name, concurrency } => Endpoint::inside(name, concurrency),
            })
        });
        Ok((provider, Arc::clone(endpoint)))
    }

    fn priced(&self, said: Said, spec: &ModelSpec, endpoint: &Endpoint) -> Answer {
        let by_name = |name: &str| self.shared.prices.of(name);
        let price = by_name(&spec.model).or_else(|| by_name(&said.model)).filter(|_| !endpoint.is_local);
        Answer {
            cost_micros: price.map_or(0, |price| price.cost_micros(&said.usage)),
            text: said.text,
            usage: said.usage,
            finish: said.finish,
            model: said.model,
            provider: spec.provider,
            first_token_ms: said.first_token_ms,
            total_ms: said.total_ms,
        }
    }

    /// The model itself first, then the others of its place.
    async fn list_one(&self, spec: &ModelSpec) -> Vec<ModelListing> {
        let (known, endpoint) = match self.place(spec) {
            Ok((provider, endpoint)) => (provider.list(spec, &endpoint).await, Some(endpoint)),
            Err(error) => (Err(error), None),
        };
        let place =
            endpoint.filter(|endpoint| endpoint.base.is_some()).map(|endpoint| endpoint.place.clone());
        let known = match known {
            Ok(known) => known,
            Err(error) => return vec![listing(spec.clone(), &place, Err(&error))],
        };
        let own = known.iter().find(|known| is_called(known, &spec.model));
        let first = match own {
            Some(own) => listing(spec.clone(), &place, Ok(own)),
            None => listing(spec.clone(), &place, Err(&not_listed(spec, &known))),
        };
        let others = known.iter().filter(|known| !is_called(known, &spec.model)).map(|known| {
            let spec = ModelSpec { model: known.name.clone(), ..spec.clone() };
            listing(spec, &place, Ok(known))
        });
        std::iter::once(first).chain(others).collect()
    }
}

impl Default for GatewayOptions {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            concurrency: 16,
            models_dir: PathBuf::new(),
            threads: 1,
            keys: Keys::default(),
            prices: Prices::default(),
            contexts: ContextSizes::default(),
        }
    }
}

impl Default for ContextSizes {
    fn default() -> Self {
        Self { openai_default: 8_192, ollama_num_ctx: 8_192 }
    }
}

/// An answer without any text is none.
/// A key that a server repeats in its answer is taken out before anybody keeps it.
fn without_key(mut said: Said, endpoint: &Endpoint) -> Said {
    let key = endpoint.key.as_ref();
    said.text = crate::keys::redact(said.text, key);
    said.model = crate::keys::redact(said.model, key);
    if let FinishReason::Other(word) = said.finish {
        said.finish = FinishReason::Other(crate::keys::redact(word, key));
    }
    said
}

fn judged(said: Said, endpoint: &Endpoint) -> Result<Said, CallError> {
    if !said.text.trim().is_empty() {
        return Ok(said);
    }
    let (what, hint) = match (&said.finish, said.reasoned) {
        (FinishReason::Other(word), _) if word == "load" || word == "unload" => {
            ("only loaded the model and said nothing", "try again")
        }
        (FinishReason::ContentFilter, _) => {
            ("withheld its answer by a content filter", "change the text, or choose another model")
        }
        (_, true) => (
            "used up its tokens by thinking and said nothing",
            "allow more output tokens, or turn thinking off at the server",
        ),
        _ => ("finished without saying anything", "try again, or choose another model"),
    };
    let message = format!("{} at {} {what}", said.model, endpoint.place);
    let mut error = CallError::new(CallErrorKind::EmptyAnswer, message, hint);
    error.usage = Some(Box::new(said.usage));
    Err(error)
}

fn listing(spec: ModelSpec, place: &Option<String>, known: Result<&Known, &CallError>) -> ModelListing {
    let (detail, hint) = match known {
        Ok(known) => (known.detail.clone(), String::new()),
        Err(error) => (error.message.clone(), error.hint.clone()),
    };
    ModelListing {
        provider: spec.provider,
        endpoint: place.clone(),
        available: known.is_ok(),
        detail,
        hint,
        context_tokens: known.ok().and_then(|known| known.context_tokens),
        size_bytes: known.ok().and_then(|known| known.size_bytes),
        spec,
    }
}

fn not_listed(spec: &ModelSpec, known: &[Known]) -> CallError {
    let names: Vec<&str> = known.iter().map(|known| known.name.as_str()).take(8).collect();
    let message = format!("{} is not among the models listed there: {}", spec.model, names.join(", "));
    CallError::new(CallErrorKind::ModelNotFound, message, "choose one of those, or install it")
}

/// Ollama's names have a tag, and `latest` may be left out.
fn is_called(known: &Known, name: &str) -> bool {
    known.name == name || known.name.strip_suffix(":latest") == Some(name)
}
