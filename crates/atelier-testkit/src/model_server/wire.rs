//! How the two protocols spell the same answer: OpenAI's chat completions and Ollama's chat.

use axum::body::Bytes;
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Protocol {
    OpenAi { usage_in_stream: bool },
    Ollama,
}

/// What is said in the end, apart from the text.
pub(crate) struct Closing {
    pub(crate) finish: &'static str,
    pub(crate) usage: Option<(u64, u64)>,
}

impl Protocol {
    pub(crate) fn stream_type(self) -> &'static str {
        match self {
            Self::OpenAi { .. } => "text/event-stream",
            Self::Ollama => "application/x-ndjson",
        }
    }

    pub(crate) fn thought(self, model: &str, text: &str) -> Bytes {
        match self {
            Self::OpenAi { .. } => {
                openai_chunk(model, &json!({"role": "assistant", "reasoning_content": text}), None)
            }
            Self::Ollama => line(&ollama_part(
                model,
                &json!({"role": "assistant", "content": "", "thinking": text}),
                false,
            )),
        }
    }

    pub(crate) fn piece(self, model: &str, n: usize, text: &str) -> Bytes {
        match self {
            Self::OpenAi { .. } if n == 0 => {
                openai_chunk(model, &json!({"role": "assistant", "content": text}), None)
            }
            Self::OpenAi { .. } => openai_chunk(model, &json!({"content": text}), None),
            Self::Ollama => line(&ollama_part(model, &json!({"role": "assistant", "content": text}), false)),
        }
    }

    pub(crate) fn ending(self, model: &str, closing: &Closing) -> Vec<Bytes> {
        match self {
            Self::OpenAi { usage_in_stream } => {
                let mut out = vec![openai_chunk(model, &json!({}), Some(closing.finish))];
                if let Some(usage) = closing.usage.filter(|_| usage_in_stream) {
                    let mut chunk = openai_head(model, "chat.completion.chunk");
                    chunk["choices"] = json!([]);
                    chunk["usage"] = openai_usage(usage);
                    out.push(event(&chunk));
                }
                out.push(Bytes::from_static(b"data: [DONE]\n\n"));
                out
            }
            Self::Ollama => {
                let part = ollama_part(model, &json!({"role": "assistant", "content": ""}), true);
                vec![line(&ollama_closed(part, closing))]
            }
        }
    }

    /// The stream's end where it is never said that the answer is finished.
    pub(crate) fn bare_ending(self) -> Vec<Bytes> {
        match self {
            Self::OpenAi { .. } => vec![Bytes::from_static(b"data: [DONE]\n\n")],
            Self::Ollama => Vec::new(),
        }
    }

    pub(crate) fn whole(
        self,
        model: &str,
        text: &str,
        thinking: Option<&str>,
        closing: Option<&Closing>,
    ) -> Value {
        let mut message = json!({"role": "assistant", "content": text});
        if let Some(thinking) = thinking {
            message[if matches!(self, Self::Ollama) { "thinking" } else { "reasoning_content" }] =
                json!(thinking);
        }
        match self {
            Self::OpenAi { .. } => {
                let mut out = openai_head(model, "chat.completion");
                let finish = closing.map(|c| c.finish);
                out["choices"] =
                    json!([{"index": 0, "message": message, "logprobs": null, "finish_reason": finish}]);
                if let Some(usage) = closing.and_then(|c| c.usage) {
                    out["usage"] = openai_usage(usage);
                }
                out
            }
            Self::Ollama => {
                let part = ollama_part(model, &message, closing.is_some());
                closing.map_or(part.clone(), |closing| ollama_closed(part, closing))
            }
        }
    }

    pub(crate) fn error(self, code: u16, message: &str) -> Value {
        match self {
            Self::OpenAi { .. } => {
                let kind = if code >= 500 { "server_error" } else { "invalid_request_error" };
                json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
            }
            Self::Ollama => json!({"error": message}),
        }
    }

    /// An error in a stream that began as 200.
    pub(crate) fn error_part(self, message: &str) -> Bytes {
        match self {
            Self::OpenAi { .. } => event(&self.error(500, message)),
            Self::Ollama => line(&self.error(500, message)),
        }
    }
}

fn openai_head(model: &str, object: &str) -> Value {
    json!({"id": "chatcmpl-scripted", "object": object, "created": 1_767_225_600, "model": model})
}

fn openai_chunk(model: &str, delta: &Value, finish: Option<&str>) -> Bytes {
    let mut chunk = openai_head(model, "chat.completion.chunk");
    chunk["choices"] = json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]);
    event(&chunk)
}

fn openai_usage((input, output): (u64, u64)) -> Value {
    json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input.saturating_add(output)})
}

fn ollama_part(model: &str, message: &Value, done: bool) -> Value {
    json!({"model": model, "created_at": "2026-01-01T00:00:00Z", "message": message, "done": done})
}

/// Zero counts are left out, as the real one does.
fn ollama_closed(mut part: Value, closing: &Closing) -> Value {
    part["done_reason"] = json!(closing.finish);
    part["total_duration"] = json!(2_000_000);
    part["load_duration"] = json!(1_000_000);
    let (input, output) = closing.usage.unwrap_or((0, 0));
    for (name, count) in [("prompt_eval", input), ("eval", output)] {
        if count > 0 {
            part[format!("{name}_count")] = json!(count);
            part[format!("{name}_duration")] = json!(500_000);
        }
    }
    part
}

fn event(value: &Value) -> Bytes {
    Bytes::from(format!("data: {value}\n\n"))
}

fn line(value: &Value) -> Bytes {
    Bytes::from(format!("{value}\n"))
}
