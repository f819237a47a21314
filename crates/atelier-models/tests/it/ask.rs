//! What most tests need: a gateway, a request, and what became of it.

use atelier_models::{
    Answer, CallError, ChatMessage, ChatRequest, Delta, Gateway, GatewayOptions, Limits, ModelSpec, Role,
};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// For everything that a test waits for: far longer than it takes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Heard {
    pub(crate) result: Result<Answer, CallError>,
    pub(crate) deltas: Vec<Delta>,
}

impl Heard {
    pub(crate) fn answer(self) -> Answer {
        self.result.unwrap()
    }

    pub(crate) fn error(self) -> CallError {
        self.result.unwrap_err()
    }

    pub(crate) fn text_deltas(&self) -> Vec<&str> {
        let text = |delta: &'_ Delta| matches!(delta, Delta::Text(_));
        let inner = self.deltas.iter().filter(|delta| text(delta));
        inner.map(|delta| if let Delta::Text(text) = delta { text.as_str() } else { "" }).collect()
    }
}

pub(crate) fn gateway() -> Gateway {
    with_limits(Limits { first_token_ms: 20_000, between_tokens_ms: 20_000, ..Limits::default() })
}

pub(crate) fn with_limits(limits: Limits) -> Gateway {
    Gateway::new(GatewayOptions { limits, ..GatewayOptions::default() }).unwrap()
}

pub(crate) fn spec(text: &str) -> ModelSpec {
    text.parse().unwrap()
}

pub(crate) fn request(text: &str) -> ChatRequest {
    let message = |role, content: &str| ChatMessage { role, content: content.into() };
    ChatRequest {
        lane: "prj_1".to_owned(),
        messages: vec![message(Role::System, "You are terse."), message(Role::User, text)],
        schema: None,
        schema_name: "thing".to_owned(),
        max_output_tokens: 200,
        temperature_milli: Some(700),
        seed: Some(7),
    }
}

pub(crate) fn with_schema(text: &str) -> ChatRequest {
    ChatRequest { schema: Some(Arc::new(schema())), ..request(text) }
}

pub(crate) fn schema() -> Value {
    json!({"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"],
        "additionalProperties": false})
}

pub(crate) fn chat(gateway: &Gateway, spec: &ModelSpec, request: &ChatRequest) -> Heard {
    block_on(call(gateway, spec, request, &CancellationToken::new()))
}

pub(crate) async fn call(
    gateway: &Gateway,
    spec: &ModelSpec,
    request: &ChatRequest,
    cancel: &CancellationToken,
) -> Heard {
    let mut deltas = Vec::new();
    let result = gateway.chat(spec, request, &mut |delta| deltas.push(delta), cancel).await;
    Heard { result, deltas }
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(DEADLINE * 3, work).await.unwrap() })
}

/// Waits on another thread, so that the runtime goes on meanwhile.
pub(crate) async fn waiting<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}
