//! What happens in a run, in words.
//!
//! Owns: which call is under way and what it has said, what a person said and who heard it. Does not own: how it looks.

use std::collections::BTreeMap;
use std::time::Instant;

use atelier_catalog::PartialJson;
use atelier_domain::event::{AttemptEvent, GateEvent, MessageEvent, ReceiptEvent, RunEvent, StepEvent};
use atelier_domain::{Envelope, Event};
use atelier_runtime::{Failure, Notice, Update};

use super::crew::Crew;
use super::quoted;
use crate::text::{one_line, short};

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    /// What happened.
    Line(String),
    /// What went wrong.
    Alarm(String),
    /// What an agent wrote.
    Text { agent: String, place: String, text: String },
}

/// A model call under way.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) agent: String,
    pub(crate) model: String,
    pub(crate) since: Instant,
    pub(crate) text: PartialJson,
}

/// Follows one run.
#[derive(Debug)]
pub(crate) struct Teller {
    run: String,
    pub(crate) crew: Crew,
    /// By step and attempt.
    pub(crate) calls: BTreeMap<(String, u32), Call>,
    agents: BTreeMap<String, String>,
    /// What was said here or elsewhere, by the id receipts name.
    said: BTreeMap<String, String>,
    pub(crate) done: usize,
    ended: bool,
}

impl Teller {
    pub(crate) fn new(run: &str, crew: Crew) -> Self {
        Self {
            run: run.to_owned(),
            crew,
            calls: BTreeMap::new(),
            agents: BTreeMap::new(),
            said: BTreeMap::new(),
            done: 0,
            ended: false,
        }
    }

    pub(crate) fn begin(&self) -> Vec<Word> {
        note(&format!("run {}", self.run))
    }

    /// Whether the run's own last event was seen.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// A person said something here.
    pub(crate) fn said(&mut self, id: &str, to: Option<&str>, said: &str) -> Vec<Word> {
        self.said.insert(id.to_owned(), said.to_owned());
        let who = to.map_or_else(|| "the next agent it concerns".to_owned(), |agent| self.crew.name(agent));
        note(&format!("noted: {}; will be heard by {who}", quoted(said)))
    }

    pub(crate) fn see(&mut self, update: &Update) -> Vec<Word> {
        match update {
            Update::Event(envelope) => self.event(envelope),
            Update::Notice(Notice::SetAside { path, copy }) => {
                vec![Word::Alarm(format!(
                    "{path} had been edited by hand; what stood there is kept as {copy}"
                ))]
            }
            Update::Notice(Notice::NotWritten { path, what }) => vec![Word::Alarm(format!("{path} {what}"))],
            Update::Notice(notice) => {
                self.notice(notice);
                Vec::new()
            }
            Update::Resync => {
                note("(some of what happened was too fast to show; `atelier log` has all of it)")
            }
        }
    }

    /// Whether an answer is on its way.
    pub(super) fn is_called(&self) -> bool {
        !self.calls.is_empty()
    }

    fn notice(&mut self, notice: &Notice) {
        match notice {
            Notice::Calling { run, path, attempt, agent, model } if run.to_string() == self.run => {
                let call = Call {
                    agent: agent.clone(),
                    model: model.clone(),
                    since: Instant::now(),
                    text: PartialJson::default(),
                };
                self.calls.insert((path.clone(), *attempt), call);
            }
            Notice::Delta { run, path, attempt, text, .. } if run.to_string() == self.run => {
                if let Some(call) = self.calls.get_mut(&(path.clone(), *attempt)) {
                    call.text.push(text);
                }
            }
            _ => {}
        }
    }

    fn event(&mut self, envelope: &Envelope) -> Vec<Word> {
        if let Event::Message(event) = &envelope.event {
            return self.message(envelope, event);
        }
        if envelope.correlation.is_none_or(|run| run.to_string() != self.run) {
            return Vec::new();
        }
        match &envelope.event {
            Event::Run(event) => self.run(event),
            Event::Step(event) => self.step(event),
            Event::Attempt(event) => self.attempt(event),
            Event::Receipt(event) => self.receipt(event),
            Event::Gate(GateEvent::Opened(gate)) => note(&format!("{} waits for you", gate.path)),
            Event::Gate(GateEvent::Reopened(gate)) => {
                let error = &gate.error;
                vec![
                    Word::Alarm(format!("back at the gate: {}", one_line(&error.message))),
                    Word::Line(format!("  try: {}", one_line(&error.hint))),
                ]
            }
            Event::Gate(GateEvent::Decided(gate)) => note(&format!("decided: {}", gate.action.word())),
            _ => Vec::new(),
        }
    }

    fn run(&mut self, event: &RunEvent) -> Vec<Word> {
        match event {
            RunEvent::Started(started) => {
                self.ended = false;
                note(&format!("{} started", started.workflow))
            }
            // An answer on its way may still come.
            RunEvent::Paused(paused) => note(&format!("paused ({})", paused.reason)),
            RunEvent::Resumed(_) | RunEvent::Stepped(_) => {
                self.ended = false;
                note("goes on")
            }
            RunEvent::Finished(finished) => {
                self.ended = true;
                match &finished.error {
                    Some(error) => vec![Word::Alarm(format!("ended: {}", one_line(&error.message)))],
                    None => Vec::new(),
                }
            }
            RunEvent::Rewound(rewound) => note(&format!("went back to {}", rewound.to)),
        }
    }

    fn step(&mut self, event: &StepEvent) -> Vec<Word> {
        match event {
            StepEvent::Started(step) => {
                let agent = step
                    .agent
                    .as_ref()
                    .map(|agent| format!(" · {}", self.crew.name(agent)))
                    .unwrap_or_default();
                if let Some(agent) = &step.agent {
                    self.agents.insert(step.path.clone(), agent.clone());
                }
                note(&format!("{} started{agent}", step.path))
            }
            StepEvent::Finished(step) => {
                self.done += 1;
                let mut words = note(&format!("{} finished", step.path));
                words.extend(
                    step.findings
                        .iter()
                        .map(|finding| Word::Alarm(format!("  found: {}", one_line(finding)))),
                );
                words
            }
            StepEvent::Skipped(step) => {
                self.done += 1;
                note(&format!("{} skipped: {}", step.path, one_line(&step.reason)))
            }
            StepEvent::Failed(step) => {
                vec![Word::Alarm(format!("{} failed: {}", step.path, one_line(&step.error.message)))]
            }
            StepEvent::Iterated(step) => note(&format!("{}, round {}", step.path, step.iteration + 1)),
        }
    }

    fn attempt(&mut self, event: &AttemptEvent) -> Vec<Word> {
        match event {
            AttemptEvent::Requested(_) => Vec::new(),
            AttemptEvent::Finished(attempt) => {
                match self.calls.remove(&(attempt.path.clone(), attempt.attempt)) {
                    Some(call) => vec![Word::Text {
                        agent: call.agent,
                        place: attempt.path.clone(),
                        text: call.text.shown(),
                    }],
                    None => Vec::new(),
                }
            }
            AttemptEvent::Failed(attempt) => {
                self.calls.remove(&(attempt.path.clone(), attempt.attempt));
                let again = if attempt.retryable { "; it may be tried again" } else { "" };
                let why = one_line(&attempt.error.message);
                vec![Word::Alarm(format!("{}, attempt {}: {why}{again}", attempt.path, attempt.attempt))]
            }
            AttemptEvent::Interrupted(attempt) => {
                self.calls.remove(&(attempt.path.clone(), attempt.attempt));
                note(&format!("{}, attempt {}: cut", attempt.path, attempt.attempt))
            }
        }
    }

    fn receipt(&mut self, event: &ReceiptEvent) -> Vec<Word> {
        let ReceiptEvent::Recorded(receipt) = event else { return Vec::new() };
        let agent = self.crew.name(&receipt.agent);
        let usage = receipt.usage;
        let (read, written, ms) = (usage.input_tokens, usage.output_tokens, receipt.total_ms);
        let mut words =
            note(&format!("  {agent} · {} · {read} tokens read, {written} written · {ms} ms", receipt.model));
        for id in &receipt.feedback {
            let said =
                self.said.get(&id.to_string()).map(|said| quoted(said)).unwrap_or_else(|| id.to_string());
            words.push(Word::Line(format!("heard by {agent}: {said}")));
        }
        words
    }

    /// What is said elsewhere is shown here too; what was said here is known already.
    fn message(&mut self, envelope: &Envelope, event: &MessageEvent) -> Vec<Word> {
        let MessageEvent::Sent(message) = event;
        let concerns = message.run.is_none_or(|run| run.to_string() == self.run);
        let id = envelope.id.to_string();
        if !concerns || self.said.contains_key(&id) {
            return Vec::new();
        }
        let text = match &message.text {
            atelier_domain::Text::Inline(text) => short(text, 200),
            atelier_domain::Text::Blob { bytes, .. } => format!("a text of {bytes} bytes"),
        };
        self.said.insert(id, text.clone());
        note(&format!("{} said: {}", message.from, quoted(&text)))
    }
}

/// One line.
pub(crate) fn note(text: &str) -> Vec<Word> {
    vec![Word::Line(text.to_owned())]
}

/// What came to nothing, while the run goes on.
pub(crate) fn complaint(failure: &Failure) -> Vec<Word> {
    let mut words = vec![Word::Alarm(one_line(&failure.message))];
    if !failure.hint.is_empty() {
        words.push(Word::Line(format!("  try: {}", one_line(&failure.hint))));
    }
    words
}
