//! Receipts: opened with the whole prompt before a model is asked, recorded with whatever came of it.
//!
//! **Invariant**: a call that was asked has exactly one recorded receipt once its attempt has ended, however it ended.

use atelier_domain::event::receipt::{PromptMessage, ReceiptEvent, ReceiptOpened, ReceiptRecorded};
use atelier_domain::event::run::{Failure, Level};
use atelier_domain::state::Attempt;
use atelier_domain::{Actor, EventId, ReceiptId};

use super::{done, enter, run};
use crate::codes;
use crate::command::{Answered, Ask, Asked, Cut, Rejection, Reply};
use crate::work::{Work, failure};

/// Keeps what a model is about to be sent. A second one for the same attempt is what is sent after all.
pub(super) fn open(work: &mut Work<'_>, ask: &Ask) -> Result<Reply, Rejection> {
    let in_time =
        work.state.runs.get(&ask.run).is_some_and(|run| run::in_flight(run, &ask.path, ask.attempt));
    if !in_time {
        return Err(Rejection::Stale);
    }
    enter(work, ask.run)?;
    // An attempt that asks no model (a tool's, a context's) has nothing to be sent.
    if attempt(work, &ask.path, ask.attempt).is_none_or(|attempt| attempt.model.is_none()) {
        return Err(Rejection::Stale);
    }
    let asked = &*ask.asked;
    let opened = ReceiptOpened {
        receipt: ReceiptId::new(work.ids()),
        path: ask.path.clone(),
        attempt: ask.attempt,
        call: asked.call,
        agent: asked.agent.clone(),
        model: asked.model.clone(),
        level: asked.level,
        provider: asked.provider.clone(),
        template: asked.template.clone(),
        messages: messages(work, asked),
        context: asked.context.clone(),
        started_at: asked.started_at,
        feedback: asked.feedback.clone(),
    };
    work.emit(Actor::engine(), ReceiptEvent::Opened(opened));
    done(ask.run)
}

/// The receipt of a call that has ended.
pub(super) fn record(work: &mut Work<'_>, answered: &Answered, error: Option<Failure>) -> EventId {
    let receipt = &answered.receipt;
    let asked = &*receipt.asked;
    // What was opened holds the prompt already.
    let opened = attempt(work, &answered.path, answered.attempt).and_then(|attempt| attempt.receipt);
    let (template, messages, context) = match opened {
        Some(_) => Default::default(),
        None => (asked.template.clone(), messages(work, asked), asked.context.clone()),
    };
    let recorded = ReceiptRecorded {
        receipt: opened.unwrap_or_else(|| ReceiptId::new(work.ids())),
        path: answered.path.clone(),
        attempt: answered.attempt,
        call: asked.call,
        agent: asked.agent.clone(),
        model: asked.model.clone(),
        level: asked.level,
        provider: asked.provider.clone(),
        template,
        messages,
        context,
        output: receipt.output.as_ref().map(|text| work.put(text)),
        error,
        usage: answered.usage,
        finish_reason: receipt.finish_reason.clone(),
        started_at: asked.started_at,
        first_token_ms: receipt.first_token_ms,
        total_ms: receipt.total_ms,
        feedback: asked.feedback.clone(),
    };
    work.emit(Actor::agent(&asked.agent), ReceiptEvent::Recorded(recorded))
}

/// The receipt of a call that is cut; nothing where it had not been asked yet.
pub(super) fn close(work: &mut Work<'_>, path: &str, number: u32, cut: Cut) {
    let Some(asked) = attempt(work, path, number).cloned() else { return };
    let Some(receipt) = asked.receipt else { return };
    let agent = work.step(path).and_then(|step| step.agent.clone()).unwrap_or_default();
    let model = asked.model.unwrap_or_default();
    let error = failure(
        codes::INTERRUPTED,
        "the call was cut before its answer was whole; whether the other side finished it is not known",
        "it is made again when the run goes on",
    );
    let recorded = ReceiptRecorded {
        receipt,
        path: path.to_owned(),
        attempt: number,
        call: asked.call,
        provider: model.split(':').next().unwrap_or_default().to_owned(),
        model,
        level: asked.level.unwrap_or(Level::Builtin),
        template: String::new(),
        messages: Vec::new(),
        context: Vec::new(),
        output: cut.output.filter(|text| !text.is_empty()).map(|text| work.put(&text)),
        error: Some(error),
        usage: cut.estimate,
        finish_reason: None,
        // When it was sent stands where it was opened.
        started_at: work.now(),
        first_token_ms: cut.first_token_ms,
        total_ms: cut.total_ms,
        feedback: Vec::new(),
        agent,
    };
    work.emit(Actor::engine(), ReceiptEvent::Recorded(recorded));
}

fn attempt<'w>(work: &'w Work<'_>, path: &str, number: u32) -> Option<&'w Attempt> {
    work.step(path)?.attempts.iter().find(|attempt| attempt.number == number)
}

fn messages(work: &mut Work<'_>, asked: &Asked) -> Vec<PromptMessage> {
    let message = |(role, parts): &(String, Vec<String>)| PromptMessage {
        role: role.clone(),
        parts: parts.iter().map(|part| work.put(part)).collect(),
    };
    asked.messages.iter().map(message).collect()
}
