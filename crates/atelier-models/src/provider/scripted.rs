//! Replies from a file, for tests, demos and replay. What it says is always labelled `scripted`.
//!
//! The file is JSON:
//! ```json
//! { "delay_ms": 0,
//!   "replies": [
//!     { "match": "part of the prompt", "reply": "text", "times": 2 },
//!     { "match": "another part", "json": { "title": "an object, sent as text" } },
//!     { "error": { "kind": "rate_limited", "message": "optional", "retry_after_ms": 10 } }
//!   ] }
//! ```
//! For each call the first entry counts whose `match` (optional) is part of the text of any message and that was not
//! used `times` (optional) times. Exactly one of `reply`, `json` and `error` is given; the kinds of errors are the
//! codes of `CallErrorKind`. `delay_ms` passes before the first word. A call that no entry matches is an error.
//! Invariants: nothing is asked of the network; the same calls in the same order get the same replies. The file is
//! read at its first use, and again when the process starts anew.

use super::{Call, Equipment, ModelProvider, Place, Said, prompt_text};
use crate::chat::{Delta, FinishReason, Usage};
use crate::endpoint::Endpoint;
use crate::error::{CallError, CallErrorKind};
use crate::estimate::estimate_tokens;
use crate::limits::Watch;
use crate::listing::{Known, ModelTraits};
use crate::spec::ModelSpec;
use crate::talk::timed_out;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const CONTEXT_TOKENS: u32 = 32_768;
const MANY_AT_A_TIME: usize = 256;
const PIECE_CHARS: usize = 24;

pub(crate) struct Scripted {
    scripts: Mutex<HashMap<String, Arc<Mutex<Script>>>>,
    concurrency: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    replies: Vec<Entry>,
    #[serde(default)]
    delay_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(rename = "match")]
    part: Option<String>,
    times: Option<u32>,
    reply: Option<String>,
    json: Option<Value>,
    error: Option<Failure>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Failure {
    kind: String,
    message: Option<String>,
    retry_after_ms: Option<u64>,
}

enum Reply {
    Text(String),
    Error(CallError),
}

impl Scripted {
    pub(super) fn new(equipment: &Equipment) -> Self {
        Self { scripts: Mutex::default(), concurrency: equipment.concurrency.min(MANY_AT_A_TIME) }
    }

    async fn converse(&self, call: Call<'_>) -> Result<Said, CallError> {
        let file = call.spec.model.as_str();
        let script = self.script(file)?;
        let prompt = prompt_text(call.request);
        let (reply, delay_ms) = {
            let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
            (script.take(&prompt, file)?, script.delay_ms)
        };
        let mut watch = Watch::start(call.limits, call.cancel);
        let waited = watch.over(tokio::time::sleep(Duration::from_millis(delay_ms))).await;
        waited.map_err(|kind| match kind {
            CallErrorKind::Cancelled => CallError::cancelled(file),
            _ => timed_out(kind, "its script", file, watch.limit_ms(kind)),
        })?;
        let text = match reply {
            Reply::Text(text) => text,
            Reply::Error(error) => return Err(error),
        };
        for piece in text.chars().collect::<Vec<_>>().chunks(PIECE_CHARS) {
            watch.token();
            (call.on_delta)(Delta::Text(piece.iter().collect()));
        }
        let usage = Usage {
            input_tokens: estimate_tokens(&prompt).into(),
            output_tokens: estimate_tokens(&text).into(),
            cached_input_tokens: 0,
            estimated: true,
        };
        Ok(Said {
            text,
            usage,
            finish: FinishReason::Stop,
            model: file.to_owned(),
            reasoned: false,
            first_token_ms: watch.first_token_ms(),
            total_ms: watch.total_ms(),
        })
    }

    fn script(&self, file: &str) -> Result<Arc<Mutex<Script>>, CallError> {
        let mut scripts = self.scripts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(script) = scripts.get(file) {
            return Ok(Arc::clone(script));
        }
        let script = Arc::new(Mutex::new(read(Path::new(file))?));
        scripts.insert(file.to_owned(), Arc::clone(&script));
        Ok(script)
    }
}

impl ModelProvider for Scripted {
    fn place(&self, spec: &ModelSpec) -> Result<Place, CallError> {
        Ok(Place::Inside { name: spec.model.clone(), concurrency: self.concurrency })
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
            self.script(&spec.model)?;
            Ok(vec![Known {
                name: spec.model.clone(),
                detail: "replies from a file".to_owned(),
                ..Known::default()
            }])
        }
        .boxed()
    }

    fn traits_of(&self, _: &ModelSpec, _: &Endpoint) -> ModelTraits {
        ModelTraits { context_tokens: CONTEXT_TOKENS, tiny: false, exact_tokens: false }
    }
}

impl Script {
    fn take(&mut self, prompt: &str, file: &str) -> Result<Reply, CallError> {
        let fits = |entry: &Entry| entry.part.as_ref().is_none_or(|part| prompt.contains(part.as_str()));
        let found = self.replies.iter_mut().find(|entry| entry.times != Some(0) && fits(entry));
        let entry = found.ok_or_else(|| {
            let message = format!("no reply in {file} matches this call, or all that match are used up");
            CallError::config(message, "add an entry without `match` at the end, for all other calls")
        })?;
        entry.times = entry.times.map(|times| times - 1);
        Ok(entry.give())
    }
}

impl Entry {
    fn check(&self) -> Result<(), String> {
        let given = [self.reply.is_some(), self.json.is_some(), self.error.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            return Err("give exactly one of `reply`, `json` and `error`".to_owned());
        }
        match &self.error {
            Some(failure) if CallErrorKind::from_code(&failure.kind).is_none() => {
                let codes: Vec<_> = CallErrorKind::ALL.iter().map(CallErrorKind::code).collect();
                Err(format!(
                    "there is no error of the kind `{}`; there are {}",
                    failure.kind,
                    codes.join(", ")
                ))
            }
            _ => Ok(()),
        }
    }

    fn give(&self) -> Reply {
        if let Some(failure) = &self.error {
            let kind = CallErrorKind::from_code(&failure.kind).unwrap_or(CallErrorKind::ServerError);
            let message =
                failure.message.clone().unwrap_or_else(|| format!("scripted failure: {}", kind.code()));
            let mut error = CallError::new(kind, message, "");
            error.retry_after_ms = failure.retry_after_ms;
            return Reply::Error(error);
        }
        let json = || self.json.as_ref().map(Value::to_string).unwrap_or_default();
        Reply::Text(self.reply.clone().unwrap_or_else(json))
    }
}

fn read(file: &Path) -> Result<Script, CallError> {
    let fail = |what: &str, why: String| {
        let message = format!("the scripted replies {} cannot be {what}: {why}", file.display());
        CallError::config(message, "give scripted:FILE the path of a JSON file with `replies`")
    };
    let text = std::fs::read_to_string(file).map_err(|error| fail("read", error.to_string()))?;
    let script: Script =
        serde_json::from_str(&text).map_err(|error| fail("understood", error.to_string()))?;
    for (n, entry) in script.replies.iter().enumerate() {
        entry.check().map_err(|why| fail("used", format!("entry {}: {why}", n + 1)))?;
    }
    Ok(script)
}
