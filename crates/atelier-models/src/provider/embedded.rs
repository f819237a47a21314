//! Models inside the process: chat from GGUF files, embeddings of sentences. No server, no network.
//!
//! Owns: from a model's name to its file, the engines' threads (through `embedded_thread`), the limits on their calls.
//! Does not own: any arithmetic; that is `atelier-inference`.
//! Invariants: an engine is started when first needed and lives on one thread; a call that is cancelled or out of time
//! stops its engine between two tokens; a prompt that is too long is an error with both numbers.

use super::embedded_thread::{self, ChatJob, EmbedJob, Event};
use super::{Call, Equipment, ModelProvider, Place, Said};
use crate::chat::{ChatRequest, Delta, FinishReason, Usage};
use crate::endpoint::Endpoint;
use crate::error::{CallError, CallErrorKind};
use crate::estimate::estimate_tokens;
use crate::gguf::{self, Facts};
use crate::limits::Watch;
use crate::listing::{Known, ModelTraits};
use crate::spec::ModelSpec;
use crate::talk::timed_out;
use atelier_inference::{Error, Finish, Generate, Generation, Message, TokenCounter};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// The names of packaged models and their files.
const PACKAGED: [(&str, &str); 1] = [("smollm2-135m", "smollm2-135m-instruct-q4_0.gguf")];
pub(crate) const EMBEDDING_FOLDER: &str = "all-minilm-l6-v2";
const SETUP_HINT: &str = "run `cargo xtask setup`, or `atelier models install FILE`";
const TINY_BELOW: u64 = 1_000_000_000;
const CONTEXT_IF_UNKNOWN: u32 = 2_048;
/// What the authors of small instruction models advise; 0 would make them repeat themselves.
const TEMPERATURE_MILLI: u32 = 200;

pub(crate) struct Embedded {
    models_dir: PathBuf,
    threads: usize,
    engines: Mutex<HashMap<PathBuf, Arc<Engine>>>,
}

/// One model file, loaded or not.
struct Engine {
    path: PathBuf,
    jobs: Mutex<Option<mpsc::Sender<ChatJob>>>,
    facts: Mutex<Option<Facts>>,
    counter: Mutex<Option<Arc<TokenCounter>>>,
}

impl Embedded {
    pub(super) fn new(equipment: &Equipment) -> Self {
        Self {
            models_dir: equipment.models_dir.clone(),
            threads: equipment.threads,
            engines: Mutex::default(),
        }
    }

    async fn converse(&self, call: Call<'_>) -> Result<Said, CallError> {
        let engine = self.engine(&call.spec.model)?;
        let model = call.spec.model.as_str();
        let given_up = call.cancel.child_token();
        // However this call ends, its engine hears of it.
        let _stop = given_up.clone().drop_guard();
        let (job, mut events) = ChatJob::new(generate(call.request), given_up);
        let mut watch = Watch::start(call.limits, call.cancel);
        let mut partial = String::new();
        let fail = |kind: CallErrorKind, watch: &Watch<'_>, partial: &str| {
            let mut error = match kind {
                CallErrorKind::Cancelled => CallError::cancelled(model),
                _ => timed_out(kind, "this machine", model, watch.limit_ms(kind)),
            };
            error.partial = partial.to_owned();
            error
        };
        let jobs = engine.jobs(self.threads)?;
        let sent = watch.over(jobs.send(job)).await.map_err(|kind| fail(kind, &watch, ""))?;
        sent.map_err(|_| engine.died())?;
        loop {
            let event = watch.over(events.recv()).await.map_err(|kind| fail(kind, &watch, &partial))?;
            match event {
                Some(Event::Text(text)) => {
                    watch.token();
                    partial.push_str(&text);
                    (call.on_delta)(Delta::Text(text));
                }
                Some(Event::Done(result)) => return finished(*result, model, &watch, partial),
                None => return Err(engine.died()),
            }
        }
    }

    fn engine(&self, name: &str) -> Result<Arc<Engine>, CallError> {
        let path = self.path_of(name);
        let mut engines = self.engines();
        if let Some(engine) = engines.get(&path) {
            return Ok(Arc::clone(engine));
        }
        if !path.is_file() {
            let message =
                format!("the embedded model {name} is not installed: there is no file {}", path.display());
            return Err(CallError::config(message, SETUP_HINT));
        }
        let engine = Arc::new(Engine::new(path.clone()));
        engines.insert(path, Arc::clone(&engine));
        Ok(engine)
    }

    /// A packaged model, a file by its path, or one of the models' folder by its name.
    fn path_of(&self, name: &str) -> PathBuf {
        if let Some((_, file)) = PACKAGED.iter().find(|(known, _)| *known == name) {
            return self.models_dir.join(file);
        }
        if !name.ends_with(".gguf") {
            return self.models_dir.join(format!("{name}.gguf"));
        }
        let path = PathBuf::from(name);
        let installed = self.models_dir.join(&path);
        if !path.exists() && installed.is_file() { installed } else { path }
    }

    fn installed(&self) -> Vec<Known> {
        let Ok(entries) = std::fs::read_dir(&self.models_dir) else { return Vec::new() };
        let files = entries.filter_map(Result::ok).map(|entry| entry.path());
        let mut known: Vec<Known> = files.filter_map(|path| known_file(&path)).collect();
        known.sort_by(|a, b| a.name.cmp(&b.name));
        known
    }

    fn engines(&self) -> MutexGuard<'_, HashMap<PathBuf, Arc<Engine>>> {
        self.engines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ModelProvider for Embedded {
    fn place(&self, spec: &ModelSpec) -> Result<Place, CallError> {
        Ok(Place::Inside { name: self.path_of(&spec.model).display().to_string(), concurrency: 1 })
    }

    fn chat<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Said, CallError>> {
        self.converse(call).boxed()
    }

    fn list<'a>(
        &'a self,
        spec: &'a ModelSpec,
        _: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Vec<Known>, CallError>> {
        async move {
            let own = self.engine(&spec.model)?;
            let facts = own.facts()?;
            let size_bytes = std::fs::metadata(&own.path).ok().map(|data| data.len());
            let detail = detail_of(&facts);
            let own =
                Known { name: spec.model.clone(), context_tokens: facts.context_tokens, size_bytes, detail };
            let others = self.installed().into_iter().filter(|known| known.name != own.name);
            Ok(std::iter::once(own.clone()).chain(others).collect())
        }
        .boxed()
    }

    fn traits_of(&self, spec: &ModelSpec, _: &Endpoint) -> ModelTraits {
        let facts = self.engine(&spec.model).and_then(|engine| engine.facts()).ok();
        let context_tokens = facts.and_then(|facts| facts.context_tokens).unwrap_or(CONTEXT_IF_UNKNOWN);
        // A file that cannot be read fails in its call, where it can be told.
        let tiny = facts.is_none_or(|facts| facts.n_parameters < TINY_BELOW);
        ModelTraits { context_tokens, tiny, exact_tokens: facts.is_some() }
    }

    fn count_tokens(&self, spec: &ModelSpec, text: &str) -> u32 {
        let counter = self.engine(&spec.model).and_then(|engine| engine.counter());
        counter.map_or_else(|_| estimate_tokens(text), |counter| count(counter.count(text)))
    }
}

impl Engine {
    fn new(path: PathBuf) -> Self {
        Self { path, jobs: Mutex::default(), facts: Mutex::default(), counter: Mutex::default() }
    }

    /// Where its thread takes work; started here the first time, and again should it have ended.
    fn jobs(&self, threads: usize) -> Result<mpsc::Sender<ChatJob>, CallError> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(jobs) = jobs.as_ref().filter(|jobs| !jobs.is_closed()) {
            return Ok(jobs.clone());
        }
        let started = embedded_thread::chat(self.path.clone(), threads)
            .map_err(|error| no_thread(&self.path, &error))?;
        Ok(jobs.insert(started).clone())
    }

    fn facts(&self) -> Result<Facts, CallError> {
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = *facts {
            return Ok(known);
        }
        let read = gguf::read_facts(&self.path).map_err(|error| {
            let message = format!("the model file {} cannot be used: {error}", self.path.display());
            CallError::config(message, "the file may be cut or damaged: install it again")
        })?;
        Ok(*facts.insert(read))
    }

    fn counter(&self) -> Result<Arc<TokenCounter>, CallError> {
        let mut counter = self.counter.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*counter {
            return Ok(Arc::clone(known));
        }
        let opened = TokenCounter::open(&self.path).map_err(|error| engine_error(&error))?;
        Ok(Arc::clone(counter.insert(Arc::new(opened))))
    }

    fn died(&self) -> CallError {
        let message =
            format!("the engine of the model {} ended in the middle of its work", self.path.display());
        CallError::new(CallErrorKind::ServerError, message, "try again; the engine is started anew")
    }
}

/// The model for embeddings of sentences, loaded when first asked.
pub(crate) struct SentenceEmbedder {
    dir: PathBuf,
    threads: usize,
    jobs: Mutex<Option<mpsc::Sender<EmbedJob>>>,
}

impl SentenceEmbedder {
    pub(crate) fn new(equipment: &Equipment) -> Self {
        let dir = equipment.models_dir.join(EMBEDDING_FOLDER);
        Self { dir, threads: equipment.threads, jobs: Mutex::default() }
    }

    pub(crate) async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, CallError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let died = || {
            let message = format!("the engine of the model {} ended in its work", self.dir.display());
            CallError::new(CallErrorKind::ServerError, message, "try again; the engine is started anew")
        };
        let (job, done) = EmbedJob::new(texts.to_vec());
        self.jobs()?.send(job).await.map_err(|_| died())?;
        done.await.map_err(|_| died())?.map_err(|error| engine_error(&error))
    }

    fn jobs(&self) -> Result<mpsc::Sender<EmbedJob>, CallError> {
        if !self.dir.is_dir() {
            let message =
                format!("the embedding model is not installed: there is no folder {}", self.dir.display());
            return Err(CallError::config(message, SETUP_HINT));
        }
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(jobs) = jobs.as_ref().filter(|jobs| !jobs.is_closed()) {
            return Ok(jobs.clone());
        }
        let started = embedded_thread::embed(self.dir.clone(), self.threads)
            .map_err(|error| no_thread(&self.dir, &error))?;
        Ok(jobs.insert(started).clone())
    }
}

fn generate(request: &ChatRequest) -> Generate {
    let messages = request.messages.iter().map(|message| Message {
        role: message.role.as_str().to_owned(),
        content: message.content.to_string(),
    });
    Generate {
        messages: messages.collect(),
        schema: request.schema.as_deref().cloned(),
        max_tokens: usize::try_from(request.max_output_tokens).unwrap_or(usize::MAX),
        temperature_milli: request.temperature_milli.unwrap_or(TEMPERATURE_MILLI),
        seed: request.seed.unwrap_or(0),
        stop: Vec::new(),
    }
}

fn finished(
    result: Result<Generation, Error>,
    model: &str,
    watch: &Watch<'_>,
    partial: String,
) -> Result<Said, CallError> {
    let done = result.map_err(|error| CallError { partial: partial.clone(), ..engine_error(&error) })?;
    let finish = match done.finish {
        Finish::Stop => FinishReason::Stop,
        Finish::Length => FinishReason::Length,
        Finish::Cancelled => return Err(CallError { partial, ..CallError::cancelled(model) }),
    };
    let usage = Usage {
        input_tokens: count(done.prompt_tokens).into(),
        output_tokens: count(done.output_tokens).into(),
        cached_input_tokens: count(done.reused_tokens).into(),
        estimated: false,
    };
    Ok(Said {
        text: done.text,
        usage,
        finish,
        model: model.to_owned(),
        reasoned: false,
        first_token_ms: watch.first_token_ms(),
        total_ms: watch.total_ms(),
    })
}

fn engine_error(error: &Error) -> CallError {
    let kind = match error {
        Error::PromptTooLong { .. } => CallErrorKind::ContextTooLong,
        Error::Schema { .. } | Error::Template { .. } | Error::Request { .. } => CallErrorKind::BadRequest,
        _ => CallErrorKind::Config,
    };
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    CallError::new(kind, format!("{error}{cause}"), error.hint().unwrap_or_default())
}

fn no_thread(path: &Path, error: &std::io::Error) -> CallError {
    let message = format!("no thread could be started for the model {}: {error}", path.display());
    CallError::config(message, "free some memory or raise the limit of threads")
}

fn known_file(path: &Path) -> Option<Known> {
    let file = path.file_name()?.to_str().filter(|name| name.ends_with(".gguf"))?;
    let packaged = PACKAGED.iter().find(|(_, packaged)| *packaged == file).map(|(name, _)| *name);
    let facts = gguf::read_facts(path).ok()?;
    Some(Known {
        name: packaged.unwrap_or(file).to_owned(),
        context_tokens: facts.context_tokens,
        size_bytes: std::fs::metadata(path).ok().map(|data| data.len()),
        detail: detail_of(&facts),
    })
}

fn detail_of(facts: &Facts) -> String {
    format!("{} million parameters", facts.n_parameters / 1_000_000)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
