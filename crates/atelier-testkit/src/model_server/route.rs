//! One HTTP request: written down, matched, answered.

use super::chat::{self, Asked};
use super::embed;
use super::ledger::{Admitted, Call, Ledger, Seen, text_of};
use super::plan::{Plan, Step};
use super::script::{Fault, Reply};
use super::wire::Protocol;
use axum::extract::Request;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;

/// The largest body that is read; anything beyond is a mistake of the test.
const MAX_BODY: usize = 64 * 1024 * 1024;

pub(crate) async fn answer(ledger: Arc<Ledger>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let name = |n: &axum::http::HeaderName| n.as_str().to_owned();
    let value = |v: &axum::http::HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let route = Route::of(head.method.as_str(), head.uri.path());
    let seen = Seen {
        index: 0,
        call: route.call(),
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        headers: head.headers.iter().map(|(n, v)| (name(n), value(v))).collect(),
        model: body.get("model").and_then(Value::as_str).unwrap_or_default().to_owned(),
        text: asked_text(&body),
        body,
        finished: false,
        abandoned: false,
    };
    let admitted = ledger.admit(seen);
    let plan = plan(&ledger, route, &admitted);
    plan.play(admitted.track).await
}

#[derive(Debug, Clone, Copy)]
enum Route {
    Chat(Dialect),
    Embed(Dialect),
    Models,
    Tags,
    Show,
    Running,
    Version,
    Health,
    Unknown(Dialect),
}

#[derive(Debug, Clone, Copy)]
enum Dialect {
    OpenAi,
    Ollama,
}

impl Route {
    fn of(method: &str, path: &str) -> Self {
        match (method, path) {
            ("POST", "/v1/chat/completions") => Self::Chat(Dialect::OpenAi),
            ("POST", "/api/chat") => Self::Chat(Dialect::Ollama),
            ("POST", "/v1/embeddings") => Self::Embed(Dialect::OpenAi),
            ("POST", "/api/embed") => Self::Embed(Dialect::Ollama),
            ("GET", "/v1/models") => Self::Models,
            ("GET", "/api/tags") => Self::Tags,
            ("POST", "/api/show") => Self::Show,
            ("GET", "/api/ps") => Self::Running,
            ("GET", "/api/version") => Self::Version,
            ("GET", "/health" | "/") => Self::Health,
            _ => Self::Unknown(if path.starts_with("/api/") { Dialect::Ollama } else { Dialect::OpenAi }),
        }
    }

    fn call(self) -> Call {
        match self {
            Self::Chat(_) => Call::Chat(0),
            Self::Embed(_) => Call::Embed,
            _ => Call::Other,
        }
    }

    fn dialect(self) -> Dialect {
        match self {
            Self::Chat(dialect) | Self::Embed(dialect) | Self::Unknown(dialect) => dialect,
            Self::Tags | Self::Show | Self::Running | Self::Version => Dialect::Ollama,
            Self::Models | Self::Health => Dialect::OpenAi,
        }
    }

    fn protocol(self, body: &Value) -> Protocol {
        match self.dialect() {
            Dialect::Ollama => Protocol::Ollama,
            Dialect::OpenAi => {
                let usage_in_stream =
                    body.pointer("/stream_options/include_usage") == Some(&Value::Bool(true));
                Protocol::OpenAi { usage_in_stream }
            }
        }
    }
}

fn plan(ledger: &Ledger, route: Route, admitted: &Admitted) -> Plan {
    let Admitted { seen, reply, hold, .. } = admitted;
    let protocol = route.protocol(&seen.body);
    let (honours_max_tokens, dimensions, models) =
        ledger.edit_script(|script| (script.honours_max_tokens, script.dimensions, script.models.clone()));
    match route {
        Route::Chat(_) | Route::Embed(_) if seen.body.is_null() => {
            refused(protocol, 400, "the body is no json")
        }
        Route::Chat(_) => {
            chat::plan(&Asked { seen, protocol, honours_max_tokens, hold: hold.clone() }, reply)
        }
        _ => {
            let mut plan = match route {
                Route::Embed(_) => embed::plan(seen, protocol, dimensions, reply),
                Route::Health => {
                    faulty(protocol, reply).unwrap_or_else(|| Plan::whole(200, "text/plain", "ok"))
                }
                Route::Unknown(_) => refused(protocol, 404, "no such path"),
                _ => faulty(protocol, reply).unwrap_or_else(|| listing(route, seen, protocol, &models)),
            };
            plan.before.splice(0..0, hold.clone().map(Step::Hold));
            plan
        }
    }
}

/// What a rule for a path does to a request that is no call.
fn faulty(protocol: Protocol, reply: &Reply) -> Option<Plan> {
    match reply.fault.as_ref()? {
        Fault::Hang | Fault::HangAfter(_) => Some(Plan::hang()),
        Fault::Status { code, body, headers } => {
            Some(chat::refusal(protocol, *code, body.as_deref(), headers))
        }
        Fault::CutAfter(_) => Some(Plan {
            body: vec![Step::Send("{".into()), Step::Cut],
            ..Plan::whole(200, "application/json", "")
        }),
        Fault::ErrorIn200 { message, .. } => {
            Some(Plan::whole(200, "application/json", protocol.error(500, message).to_string()))
        }
        Fault::EmptyAnswer => Some(Plan::whole(200, "application/json", "")),
        Fault::Garbage | Fault::BadJson | Fault::LengthStop | Fault::NoFinish => Some(chat::garbage()),
    }
}

/// What the server says of itself and its models.
fn listing(route: Route, seen: &Seen, protocol: Protocol, models: &[String]) -> Plan {
    let details = json!({"format": "gguf", "family": "llama", "families": ["llama"], "parameter_size": "135M", "quantization_level": "Q8_0"});
    let capabilities = |name: &str| json!([if name.contains("embed") { "embedding" } else { "completion" }]);
    let value = match route {
        Route::Models => {
            let entry = |name: &String| json!({"id": name, "object": "model", "created": 1_767_225_600, "owned_by": "scripted", "max_model_len": 8192});
            json!({"object": "list", "data": models.iter().map(entry).collect::<Vec<_>>()})
        }
        Route::Tags => {
            let entry = |name: &String| json!({"name": name, "model": name, "modified_at": "2026-01-01T00:00:00Z", "size": 1, "digest": "0", "details": details, "capabilities": capabilities(name)});
            json!({"models": models.iter().map(entry).collect::<Vec<_>>()})
        }
        Route::Show => {
            if !models.contains(&seen.model) {
                return refused(protocol, 404, &format!("model '{}' not found", seen.model));
            }
            let info = json!({"general.architecture": "llama", "llama.context_length": 8192});
            json!({"modelfile": "", "parameters": "num_ctx 8192", "template": "", "details": details, "model_info": info, "capabilities": capabilities(&seen.model)})
        }
        Route::Running => {
            let entry = |name: &String| json!({"name": name, "model": name, "size": 1, "size_vram": 0, "expires_at": "2026-01-01T00:05:00Z", "context_length": 8192});
            json!({"models": models.iter().take(1).map(entry).collect::<Vec<_>>()})
        }
        _ => json!({"version": "0.0.0-scripted"}),
    };
    Plan::whole(200, "application/json", value.to_string())
}

fn refused(protocol: Protocol, code: u16, message: &str) -> Plan {
    Plan::whole(code, "application/json", protocol.error(code, message).to_string())
}

/// The text of all messages, or of all inputs.
fn asked_text(body: &Value) -> String {
    let messages = body.get("messages").and_then(Value::as_array);
    let of_messages =
        messages.into_iter().flatten().map(|m| text_of(m.get("content").unwrap_or(&Value::Null)));
    of_messages.chain(embed::inputs(body)).collect::<Vec<_>>().join("\n")
}
