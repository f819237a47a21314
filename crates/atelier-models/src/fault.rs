//! What a server's refusal means: from status, headers and body to the kind of error.
//!
//! Owns: the many spellings of an error body (object, string, text, page) and of "too long" and "no such format".
//! Does not own: failures of the connection (`http`) or of the stream (`talk`).
//! Invariant: what a server wrote is shortened and cleaned before it becomes a part of a message.

use crate::error::{CallError, CallErrorKind};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

const SHOWN: usize = 300;

/// What a server said in its refusal.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) text: String,
    code: String,
    kind: String,
    n_prompt: Option<u64>,
    n_context: Option<u64>,
}

/// A refusal with another status than 2xx.
pub(crate) fn refusal(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    model: &str,
    place: &str,
) -> CallError {
    if status.is_redirection() {
        let to = headers.get("location").and_then(|value| value.to_str().ok()).unwrap_or("somewhere else");
        let message = format!("{place} sends calls on to {}, which is not followed", shown(to));
        return CallError::new(
            CallErrorKind::BadRequest,
            message,
            "set the address it names as the base URL",
        );
    }
    let mut error = complaint_of(body).into_error(status.as_u16(), model, place);
    error.retry_after_ms = retry_after_ms(headers);
    error
}

/// An error object inside a stream that began with 200.
pub(crate) fn in_stream(value: &Value, model: &str, place: &str) -> CallError {
    let complaint = Complaint::of_value(value);
    let status = complaint.code.parse().ok().filter(|code| (400..600).contains(code)).unwrap_or(500);
    complaint.into_error(status, model, place)
}

/// What is shown of a text that a server wrote.
pub(crate) fn shown(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &words[..at]),
        None => words,
    }
}

impl Complaint {
    fn of_value(value: &Value) -> Self {
        let inner = value.get("error").unwrap_or(value);
        let said = |key: &str| inner.get(key).or_else(|| value.get(key));
        let text = match inner {
            Value::String(text) => text.clone(),
            _ => ["message", "detail", "msg"]
                .iter()
                .find_map(|key| said(key).and_then(Value::as_str))
                .map_or_else(|| inner.to_string(), str::to_owned),
        };
        let word = |key: &str| match said(key) {
            Some(Value::String(word)) => word.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let number = |key: &str| said(key).and_then(Value::as_u64);
        Self {
            text,
            code: word("code"),
            kind: word("type"),
            n_prompt: number("n_prompt_tokens"),
            n_context: number("n_ctx"),
        }
    }

    fn into_error(self, status: u16, model: &str, place: &str) -> CallError {
        let text = shown(&self.text);
        let said = if text.is_empty() { "without a reason".to_owned() } else { format!("with: {text}") };
        let refused = format!("{place} refused a call to {model} {said}");
        if self.is_about_length() {
            return self.too_long(model, place, &text);
        }
        let (kind, message, hint): (_, _, &str) = match status {
            401 | 403 => (
                CallErrorKind::Auth,
                format!("{place} does not accept our key or has none of ours (status {status}) {said}"),
                "set the key for this server, or choose another model",
            ),
            404 => (
                CallErrorKind::ModelNotFound,
                format!("{place} has no model {model} (status 404) {said}"),
                "`atelier models list` shows what is there; a base URL usually ends in /v1",
            ),
            429 => (
                CallErrorKind::RateLimited,
                format!("{refused} (status 429)"),
                "wait, lower the number of calls at a time, or choose another model",
            ),
            503 | 529 => (
                CallErrorKind::Overloaded,
                format!("{place} is busy or still loading (status {status}) {said}"),
                "wait a moment and try again",
            ),
            400 | 422 if self.is_about_schema() => (
                CallErrorKind::SchemaRefused,
                format!("{refused} (status {status})"),
                "the next call asks for less; a server that enforces schemas gives better answers",
            ),
            408 | 500.. => (
                CallErrorKind::ServerError,
                format!("{place} failed in a call to {model} (status {status}) {said}"),
                "try again; if it happens again, read the server's own log",
            ),
            _ => (
                CallErrorKind::BadRequest,
                format!("{refused} (status {status})"),
                "check the model's name and settings against what the server says",
            ),
        };
        CallError::new(kind, message, hint)
    }

    fn is_about_length(&self) -> bool {
        let text = self.text.to_lowercase();
        let codes = ["exceed_context_size_error", "context_length_exceeded"];
        let words = [
            "maximum context length",
            "exceeds the available context size",
            "exceeds the context",
            "context length exceeded",
            "context window",
            "input length exceeds",
            "prompt is too long",
            "prompt too long",
        ];
        codes.iter().any(|code| self.code == *code || self.kind == *code)
            || words.iter().any(|words| text.contains(words))
    }

    fn is_about_schema(&self) -> bool {
        let text = self.text.to_lowercase();
        ["response_format", "json_schema", "json schema", "json_object", "grammar", "invalid format"]
            .iter()
            .any(|words| text.contains(words))
    }

    fn too_long(&self, model: &str, place: &str, text: &str) -> CallError {
        let message = match (self.n_prompt, self.n_context) {
            (Some(prompt), Some(context)) => format!(
                "the prompt of {prompt} tokens does not fit into the {context} tokens of {model} at {place}"
            ),
            _ => format!("the prompt does not fit into the context of {model} at {place}: {text}"),
        };
        let hint = "give the model a larger context, or shorten what it is told";
        CallError::new(CallErrorKind::ContextTooLong, message, hint)
    }
}

fn complaint_of(body: &[u8]) -> Complaint {
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        return Complaint::of_value(&value);
    }
    let text = String::from_utf8_lossy(body);
    let text = if text.trim_start().starts_with('<') { "a page instead of an answer".into() } else { text };
    Complaint { text: text.into_owned(), ..Complaint::default() }
}

/// In milliseconds: `retry-after-ms`, seconds, or a date, which is read against the server's own clock.
fn retry_after_ms(headers: &HeaderMap) -> Option<u64> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(ms) = text("retry-after-ms").and_then(|ms| ms.parse().ok()) {
        return Some(ms);
    }
    let after = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = after.parse::<u64>() {
        return Some(seconds.saturating_mul(1_000));
    }
    let date = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp());
    let wait = date(after)?.as_second() - date(text(DATE.as_str())?)?.as_second();
    Some(u64::try_from(wait).unwrap_or(0).saturating_mul(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use CallErrorKind::*;

    fn refused(status: u16, body: &str) -> CallError {
        let status = StatusCode::from_u16(status).unwrap();
        refusal(status, &HeaderMap::new(), body.as_bytes(), "m", "http://h/v1")
    }

    #[test]
    fn each_status_and_spelling_has_its_kind_and_keeps_the_servers_words() {
        let cases = [
            (401, r#"{"error":{"message":"bad key"}}"#, Auth, "bad key"),
            (403, "host not allowed", Auth, "host not allowed"),
            (404, r#"{"error":"model 'm' not found"}"#, ModelNotFound, "model 'm' not found"),
            (404, r#"{"object":"error","message":"no m","code":404}"#, ModelNotFound, "no m"),
            (429, r#"{"error":{"message":"slow"}}"#, RateLimited, "slow"),
            (503, r#"{"error":{"code":503,"message":"Loading model"}}"#, Overloaded, "Loading model"),
            (
                400,
                r#"{"error":"'response_format.type' must be 'json_schema' or 'text'"}"#,
                SchemaRefused,
                "must be",
            ),
            (422, r#"{"detail":"json_schema is not supported"}"#, SchemaRefused, "not supported"),
            (400, r#"{"error":{"message":"'messages' is required"}}"#, BadRequest, "required"),
            (500, "<html>oops</html>", ServerError, "a page instead of an answer"),
            (502, "", ServerError, "without a reason"),
        ];
        for (status, body, kind, words) in cases {
            let error = refused(status, body);
            assert_eq!(error.kind, kind, "{status} {body}");
            assert!(error.message.contains(words), "{}", error.message);
        }
    }

    #[test]
    fn a_prompt_that_is_too_long_is_told_with_both_numbers() {
        let body = r#"{"error":{"code":400,"message":"the request exceeds the available context size",
            "type":"exceed_context_size_error","n_prompt_tokens":2033,"n_ctx":512}}"#;
        let error = refused(400, body);
        assert_eq!(error.kind, ContextTooLong);
        assert!(error.message.contains("2033") && error.message.contains("512"), "{}", error.message);
        let other =
            refused(400, r#"{"error":{"message":"This model's maximum context length is 8192 tokens"}}"#);
        assert_eq!(other.kind, ContextTooLong);
        assert!(other.message.contains("8192"));
    }

    #[test]
    fn what_a_server_writes_is_shortened_and_cleaned() {
        let error = refused(400, &format!("line\n\u{1b}[31mred {}", "x".repeat(5_000)));
        assert!(error.message.len() < 600 && !error.message.contains(['\n', '\u{1b}']), "{}", error.message);
    }

    #[test]
    fn a_redirect_is_an_error_that_names_the_place() {
        let mut headers = HeaderMap::new();
        headers.insert("location", "https://elsewhere/v1".parse().unwrap());
        let error = refusal(StatusCode::TEMPORARY_REDIRECT, &headers, b"", "m", "http://h/v1");
        assert!(error.kind == BadRequest && error.message.contains("https://elsewhere/v1"));
    }

    #[test]
    fn the_time_to_wait_is_read_from_seconds_milliseconds_and_dates() {
        let wait = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            retry_after_ms(&headers)
        };
        assert_eq!(wait(&[("retry-after", "7")]), Some(7_000));
        assert_eq!(wait(&[("retry-after", "7"), ("retry-after-ms", "250")]), Some(250));
        let (now, later) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:50:07 GMT");
        assert_eq!(wait(&[("retry-after", later), ("date", now)]), Some(30_000));
        assert_eq!(wait(&[("retry-after", now), ("date", later)]), Some(0));
        assert_eq!(wait(&[("retry-after", "soon")]), None);
    }

    #[test]
    fn an_error_inside_a_stream_is_judged_by_its_own_code() {
        let judge = |text: &str| in_stream(&serde_json::from_str(text).unwrap(), "m", "p").kind;
        assert_eq!(judge(r#"{"error":{"message":"boom"}}"#), ServerError);
        assert_eq!(judge(r#"{"error":{"message":"slow","code":429}}"#), RateLimited);
        assert_eq!(judge(r#"{"error":"out of memory"}"#), ServerError);
        assert_eq!(judge(r#"{"error":{"message":"x","code":200}}"#), ServerError);
    }
}
