//! One exchange with a model server: sending, reading within limits, and gathering what is said.
//!
//! Owns: the four time limits and the caps on what a server may send, the text so far, the delta callbacks.
//! Does not own: a protocol's lines and fields. Invariants: every error that leaves here has the text so far as its
//! `partial`, never as an answer, and shows no key.

use crate::chat::{Delta, FinishReason, Usage};
use crate::endpoint::Endpoint;
use crate::error::{CallError, CallErrorKind};
use crate::estimate::estimate_tokens;
use crate::fault;
use crate::http;
use crate::keys::redact;
use crate::limits::{Limits, Watch};
use crate::provider::{Call, Said};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Response, Url};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// More than any answer; a server that goes on beyond it is broken.
const BODY_CAP: usize = 64 * 1024 * 1024;
const ERROR_BODY_CAP: usize = 64 * 1024;
/// A token is rarely above 16 bytes; what is said may be so much longer than what was asked for.
const BYTES_PER_TOKEN: usize = 64;
const SAID_ALLOWANCE: usize = 64 * 1024;
/// How long the end of a finished body is awaited, so that its connection can be used again.
const DRAIN: Duration = Duration::from_millis(20);

pub(crate) struct Talk<'a> {
    pub(crate) model: &'a str,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) text: String,
    watch: Watch<'a>,
    on_delta: &'a mut (dyn FnMut(Delta) + Send),
    n_received: usize,
    n_reasoning: usize,
    said_cap: usize,
}

impl<'a> Talk<'a> {
    pub(crate) fn start(call: Call<'a>) -> Self {
        let n_tokens = usize::try_from(call.request.max_output_tokens).unwrap_or(usize::MAX);
        Self {
            model: &call.spec.model,
            endpoint: call.endpoint,
            text: String::new(),
            watch: Watch::start(call.limits, call.cancel),
            on_delta: call.on_delta,
            n_received: 0,
            n_reasoning: 0,
            said_cap: n_tokens.saturating_mul(BYTES_PER_TOKEN).saturating_add(SAID_ALLOWANCE),
        }
    }

    /// Sends the one request of this call; a status other than 2xx is an error already.
    pub(crate) async fn post(
        &mut self,
        client: &Client,
        url: Url,
        body: Vec<u8>,
    ) -> Result<Response, CallError> {
        let request = client.post(url).header(CONTENT_TYPE, "application/json").body(body);
        let request = match &self.endpoint.authorization {
            Some(value) => request.header(AUTHORIZATION, value.clone()),
            None => request,
        };
        let sent = self.watch.over(request.send()).await.map_err(|kind| self.interrupted(kind))?;
        let connect_ms = self.watch.limit_ms(CallErrorKind::ConnectTimeout);
        let mut response =
            sent.map_err(|error| self.fail(http::failure(&error, &self.endpoint.place, connect_ms)))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let mut body = Vec::new();
        while body.len() < ERROR_BODY_CAP {
            let more = self.watch.over(response.chunk()).await.map_err(|kind| self.interrupted(kind))?;
            // A refusal whose body breaks off is still a refusal.
            let Ok(Some(piece)) = more else { break };
            body.extend_from_slice(&piece);
        }
        body.truncate(ERROR_BODY_CAP);
        let error =
            fault::refusal(response.status(), response.headers(), &body, self.model, &self.endpoint.place);
        Err(self.fail(error))
    }

    /// The next piece of the body, appended by the caller to its parser; none at its end.
    pub(crate) async fn piece(
        &mut self,
        response: &mut Response,
    ) -> Result<Option<impl AsRef<[u8]> + use<>>, CallError> {
        let read = self.watch.over(response.chunk()).await.map_err(|kind| self.interrupted(kind))?;
        let piece = read.map_err(|error| self.fail(http::failure(&error, &self.endpoint.place, 0)))?;
        self.n_received += piece.as_ref().map_or(0, |piece| piece.len());
        if self.n_received > BODY_CAP {
            return Err(self.garbage(&format!("it sent more than {BODY_CAP} bytes")));
        }
        Ok(piece)
    }

    pub(crate) fn say(&mut self, text: &str) -> Result<(), CallError> {
        if text.is_empty() {
            return Ok(());
        }
        self.watch.token();
        self.text.push_str(text);
        (self.on_delta)(Delta::Text(text.to_owned()));
        self.within_cap()
    }

    pub(crate) fn think(&mut self, text: &str) -> Result<(), CallError> {
        if text.is_empty() {
            return Ok(());
        }
        self.watch.token();
        self.n_reasoning += text.len();
        (self.on_delta)(Delta::Reasoning(text.to_owned()));
        self.within_cap()
    }

    /// Reads what may still be there of a body whose answer is complete, so that its connection can be used again.
    pub(crate) async fn drain(&mut self, response: &mut Response) {
        let rest = async { while let Ok(Some(_)) = response.chunk().await {} };
        // Whether it ended in time decides only about the connection.
        drop(tokio::time::timeout(DRAIN, rest).await);
    }

    pub(crate) fn finish(
        self,
        usage: Option<Usage>,
        finish: FinishReason,
        model: Option<String>,
        prompt: &str,
    ) -> Said {
        let usage = usage.unwrap_or_else(|| self.estimated(prompt));
        Said {
            usage,
            finish,
            model: model.filter(|name| !name.is_empty()).unwrap_or_else(|| self.model.to_owned()),
            reasoned: self.n_reasoning > 0,
            first_token_ms: self.watch.first_token_ms(),
            total_ms: self.watch.total_ms(),
            text: self.text,
        }
    }

    pub(crate) fn garbage(&self, what: &str) -> CallError {
        let message = format!("{} did not answer in its protocol: {what}", self.endpoint.place);
        let hint = "check the base URL, and whether a proxy stands between";
        self.fail(CallError::new(CallErrorKind::Garbage, message, hint))
    }

    pub(crate) fn cut(&self) -> CallError {
        let message = format!("{} ended its answer without announcing an end", self.endpoint.place);
        let hint = "try again; if it happens again, read the server's own log";
        self.fail(CallError::new(CallErrorKind::Cut, message, hint))
    }

    /// Completes an error with what was said so far, and takes the key out of it.
    pub(crate) fn fail(&self, mut error: CallError) -> CallError {
        error.message = redact(error.message, self.endpoint.key.as_ref());
        if !self.text.is_empty() {
            error.partial = redact(self.text.clone(), self.endpoint.key.as_ref());
        }
        error
    }

    fn interrupted(&self, kind: CallErrorKind) -> CallError {
        if kind == CallErrorKind::Cancelled {
            return self.fail(CallError::cancelled(&self.endpoint.place));
        }
        self.fail(timed_out(kind, &self.endpoint.place, self.model, self.watch.limit_ms(kind)))
    }

    fn estimated(&self, prompt: &str) -> Usage {
        let n_reasoning = u64::try_from(self.n_reasoning / 4).unwrap_or(0);
        Usage {
            input_tokens: estimate_tokens(prompt).into(),
            output_tokens: u64::from(estimate_tokens(&self.text)) + n_reasoning,
            cached_input_tokens: 0,
            estimated: true,
        }
    }

    fn within_cap(&self) -> Result<(), CallError> {
        if self.text.len() + self.n_reasoning <= self.said_cap {
            return Ok(());
        }
        Err(self.garbage("it goes on far beyond the tokens that were asked for"))
    }
}

pub(crate) fn timed_out(kind: CallErrorKind, place: &str, model: &str, limit_ms: u64) -> CallError {
    let what = match kind {
        CallErrorKind::FirstTokenTimeout => "did not begin to answer",
        CallErrorKind::StallTimeout => "stopped in the middle of its answer and said nothing more",
        _ => "did not finish its answer",
    };
    let message = format!("{model} at {place} {what} within {limit_ms} ms");
    CallError::new(kind, message, "see whether the server is overloaded, or raise the time limit")
}

/// A short question to a server that is not a call to a model: what it has, what it can.
pub(crate) async fn ask(
    request: reqwest::RequestBuilder,
    endpoint: &Endpoint,
    model: &str,
    limit_ms: u64,
    cancel: &CancellationToken,
) -> Result<Vec<u8>, CallError> {
    let limits = Limits {
        connect_ms: limit_ms,
        first_token_ms: limit_ms,
        between_tokens_ms: limit_ms,
        whole_ms: limit_ms,
    };
    let watch = Watch::start(&limits, cancel);
    let request = match &endpoint.authorization {
        Some(value) => request.header(AUTHORIZATION, value.clone()),
        None => request,
    };
    let exchange = async {
        let mut response = request.send().await?;
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await? {
            body.extend_from_slice(&piece);
            if body.len() > BODY_CAP {
                break;
            }
        }
        Ok((response.status(), response.headers().clone(), body))
    };
    let done = watch.over(exchange).await.map_err(|kind| match kind {
        CallErrorKind::Cancelled => CallError::cancelled(&endpoint.place),
        _ => {
            let message = format!("{} did not answer within {limit_ms} ms", endpoint.place);
            CallError::new(CallErrorKind::ConnectTimeout, message, "see whether the server is running")
        }
    })?;
    let (status, headers, body) =
        done.map_err(|error: reqwest::Error| http::failure(&error, &endpoint.place, limit_ms))?;
    if status.is_success() {
        return Ok(body);
    }
    let mut error = fault::refusal(status, &headers, &body, model, &endpoint.place);
    error.message = redact(error.message, endpoint.key.as_ref());
    Err(error)
}
