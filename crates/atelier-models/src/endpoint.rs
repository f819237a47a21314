//! One place that answers calls: a server's base URL, or an engine inside the process.
//!
//! Owns: what is remembered of it between calls (breaker, queue, key, what it refused, how long its contexts are).
//! Invariant: every call that the breaker let through settles with it, also one that is dropped half way.

use crate::breaker::{Breaker, Outcome};
use crate::chat::ChatRequest;
use crate::error::{CallError, CallErrorKind};
use crate::fair_queue::FairQueue;
use crate::http;
use crate::limits::millis;
use reqwest::Url;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

#[derive(Debug)]
pub(crate) struct Endpoint {
    /// As it is named in messages.
    pub(crate) place: String,
    pub(crate) base: Option<Url>,
    pub(crate) key: Option<SecretString>,
    pub(crate) authorization: Option<HeaderValue>,
    /// Its models are not paid by the token.
    pub(crate) is_local: bool,
    pub(crate) queue: FairQueue,
    breaker: Mutex<Breaker>,
    started: Instant,
    memory: Mutex<Memory>,
}

/// How an answer's form is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum SchemaMode {
    #[default]
    Schema,
    JsonObject,
    Plain,
}

/// What a server says of one of its models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Capability {
    pub(crate) context_tokens: Option<u32>,
    pub(crate) thinks: bool,
}

#[derive(Debug, Default)]
struct Memory {
    mode: SchemaMode,
    modes_of_schemas: HashMap<String, SchemaMode>,
    models: HashMap<String, Capability>,
}

/// A call that the breaker let through.
pub(crate) struct Ticket<'a> {
    endpoint: &'a Endpoint,
    settled: bool,
}

impl Endpoint {
    pub(crate) fn server(base: Url, key: Option<SecretString>, concurrency: usize) -> Self {
        let authorization = key.as_ref().and_then(|key| {
            let mut value = HeaderValue::try_from(format!("Bearer {}", key.expose_secret())).ok()?;
            value.set_sensitive(true);
            Some(value)
        });
        let place = base.as_str().trim_end_matches('/').to_owned();
        let is_local = http::is_local(&base);
        Self { base: Some(base), key, authorization, is_local, ..Self::inside(place, concurrency) }
    }

    pub(crate) fn inside(place: String, concurrency: usize) -> Self {
        Self {
            place,
            base: None,
            key: None,
            authorization: None,
            is_local: true,
            queue: FairQueue::new(concurrency),
            breaker: Mutex::new(Breaker::new()),
            started: Instant::now(),
            memory: Mutex::new(Memory::default()),
        }
    }

    pub(crate) fn admit(&self) -> Result<Ticket<'_>, CallError> {
        let verdict = self.breaker().admit(self.now_ms());
        verdict.map(|()| Ticket { endpoint: self, settled: false }).map_err(|wait_ms| {
            let message =
                format!("{} did not answer several times in a row and is left alone for a while", self.place);
            let hint = "see whether the server is running; `atelier doctor` tells";
            let mut error = CallError::new(CallErrorKind::BreakerOpen, message, hint);
            error.retry_after_ms = Some(wait_ms);
            error
        })
    }

    /// An address below the base URL; only servers have one.
    pub(crate) fn url(&self, path: &str) -> Result<Url, CallError> {
        let base = self.base.as_ref().map(|base| base.as_str().trim_end_matches('/'));
        let url = base.and_then(|base| Url::parse(&format!("{base}{path}")).ok());
        url.ok_or_else(|| {
            CallError::config(
                format!("{} has no address for {path}", self.place),
                "check the model's base URL",
            )
        })
    }

    pub(crate) fn schema_mode(&self, schema_name: &str) -> SchemaMode {
        let memory = self.memory();
        memory.modes_of_schemas.get(schema_name).copied().unwrap_or_default().max(memory.mode)
    }

    /// The server refused what was asked in `mode`: from now on it is asked for less. A refusal of the whole way of
    /// asking counts for all calls, any other one for this schema alone.
    pub(crate) fn schema_refused(&self, request: &ChatRequest, mode: SchemaMode, whole_way: bool) {
        let less = match mode {
            SchemaMode::Schema => SchemaMode::JsonObject,
            SchemaMode::JsonObject | SchemaMode::Plain => SchemaMode::Plain,
        };
        let mut memory = self.memory();
        if whole_way {
            memory.mode = memory.mode.max(less);
        } else {
            memory.modes_of_schemas.insert(request.schema_name.clone(), less);
        }
    }

    pub(crate) fn capability(&self, model: &str) -> Option<Capability> {
        self.memory().models.get(model).copied()
    }

    pub(crate) fn remember(&self, model: &str, capability: Capability) {
        self.memory().models.insert(model.to_owned(), capability);
    }

    fn now_ms(&self) -> u64 {
        millis(self.started.elapsed())
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket<'_> {
    pub(crate) fn settle<T>(mut self, result: &Result<T, CallError>) {
        let outcome = match result {
            Ok(_) => Outcome::Answered,
            Err(error) if error.kind.counts_against_endpoint() => Outcome::NobodyThere,
            Err(error) if matches!(error.kind, CallErrorKind::Cancelled | CallErrorKind::Config) => {
                Outcome::Unknown
            }
            Err(_) => Outcome::Answered,
        };
        self.settled = true;
        self.endpoint.breaker().settle(outcome, self.endpoint.now_ms());
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.endpoint.breaker().settle(Outcome::Unknown, self.endpoint.now_ms());
        }
    }
}
