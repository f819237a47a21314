//! A run as it stands: its steps, attempts and gates.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use crate::event::attempt::AttemptEvent;
use crate::event::gate::{GateAction, GateEvent};
use crate::event::receipt::ReceiptEvent;
use crate::event::run::{Failure, GatePolicy, Level, Outcome, Route, RunEvent, RunStarted};
use crate::event::step::StepEvent;
use crate::{BranchId, Envelope, Event, GateId, Hash, ReceiptId, RunId, StepId, Text, Timestamp};

/// What model calls cost; money in millionths of a US dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Usage {
    /// Requests sent.
    pub calls: u64,
    /// Tokens read by models.
    pub input_tokens: u64,
    /// Tokens written by models.
    pub output_tokens: u64,
    /// Millionths of a US dollar.
    pub cost_micros: u64,
}

impl Usage {
    /// The sum of two.
    #[must_use]
    pub fn plus(self, other: Usage) -> Usage {
        Usage {
            calls: self.calls.saturating_add(other.calls),
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            cost_micros: self.cost_micros.saturating_add(other.cost_micros),
        }
    }

    /// The difference, nowhere below zero.
    #[must_use]
    pub fn minus(self, other: Usage) -> Usage {
        Usage {
            calls: self.calls.saturating_sub(other.calls),
            input_tokens: self.input_tokens.saturating_sub(other.input_tokens),
            output_tokens: self.output_tokens.saturating_sub(other.output_tokens),
            cost_micros: self.cost_micros.saturating_sub(other.cost_micros),
        }
    }
}

/// One execution of a workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The workflow's id.
    pub workflow: String,
    /// The frozen definition.
    pub definition: Hash,
    /// The branch it works on.
    pub branch: BranchId,
    /// Its inputs, as canonical JSON.
    pub inputs: Text,
    /// When gates open; each step's own policy when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gates_policy: Option<GatePolicy>,
    /// Models by agent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub routes: BTreeMap<String, Route>,
    /// Whether canon rules that agents propose hold at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accept_rules: bool,
    /// The event that began it.
    pub started_seq: u64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Steps that have begun, by path. Shared between the states of a run, which may have thousands of them.
    pub steps: OrdMap<String, Arc<Step>>,
    /// Gates, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gates: BTreeMap<GateId, Gate>,
    /// Whether it is paused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// Whether it may start one step although it is paused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub one_step: bool,
    /// The step that may end although the run is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stepping: Option<String>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Its outputs, as canonical JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Text>,
    /// Why it did not end well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// What it cost so far.
    pub usage: Usage,
    /// Steps begun so far, dropped ones included; orders the steps.
    pub n_steps: u32,
    /// The last attempt of steps that were dropped, by path: no attempt of this run ever has the number of another.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub retired: BTreeMap<String, u32>,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum RunStatus {
    Running,
    Waiting,
    Paused,
    Failed,
    Cancelled,
    Done,
}

/// One unit of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its id.
    pub id: StepId,
    /// Its kind.
    pub kind: String,
    /// The agent that works in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The how-manieth step of the run it is, from 0.
    pub order: u32,
    /// The event that began it.
    pub started_seq: u64,
    /// How it stands.
    pub status: StepStatus,
    /// What it was given, or repeats over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Text>,
    /// The arm or workflow taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arm: Option<String>,
    /// Rounds begun, for steps that repeat.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rounds: u32,
    /// Every try.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// Results of the agent's calls so far, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<Text>,
    /// What it gives to later steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Text>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// What people and the agent said at its gate, and what was pinned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<Turn>,
    /// The model a person chose for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// What its attempts cost.
    pub usage: Usage,
    /// Attempts before this index count for no retry limit: the step was opened again after them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub window: u32,
    /// What is well-formed in its output but makes no sense.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
}

/// Something said or pinned at a step's gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// `chat`, `pin` or `answer`.
    pub turn: String,
    /// The text.
    pub text: Text,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum StepStatus {
    Running,
    Waiting,
    Done,
    Skipped,
    Failed,
    Cancelled,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// Which of the agent's calls.
    pub call: u32,
    /// How it stands.
    pub status: AttemptStatus,
    /// The model asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The level that chose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// How long to wait before asking.
    #[serde(default, skip_serializing_if = "is_zero64")]
    pub delay_ms: u64,
    /// Why the answer before was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Text>,
    /// The receipt that was opened for it, until it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptId>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// Whether asking again can help.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retryable: bool,
    /// Whether no server could be reached at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreachable: bool,
    /// How long the other side asked us to wait.
    #[serde(default, skip_serializing_if = "is_zero64")]
    pub retry_after_ms: u64,
}

/// How an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum AttemptStatus {
    Requested,
    Finished,
    Failed,
    Interrupted,
}

/// A point where the run waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// Its id.
    pub id: GateId,
    /// The step that waits.
    pub path: String,
    /// What is shown.
    pub kind: String,
    /// The question.
    pub prompt: Text,
    /// What is decided on.
    pub output: Text,
    /// The model that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    /// What may be done.
    pub actions: Vec<GateAction>,
    /// How it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<GateAction>,
    /// Why what was last asked for here came to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

impl Run {
    /// A run at its beginning.
    pub fn begin(id: RunId, envelope: &Envelope, started: &RunStarted) -> Self {
        Self {
            id,
            workflow: started.workflow.clone(),
            definition: started.definition,
            branch: envelope.branch,
            inputs: started.inputs.clone(),
            gates_policy: started.gates,
            routes: started.routes.clone(),
            accept_rules: started.accept_rules,
            started_seq: envelope.seq,
            started_at: envelope.at,
            finished_at: None,
            steps: OrdMap::new(),
            gates: BTreeMap::new(),
            paused: false,
            one_step: false,
            stepping: None,
            outcome: None,
            outputs: None,
            error: None,
            usage: Usage::default(),
            n_steps: 0,
            retired: BTreeMap::new(),
        }
    }

    /// Folds an event of this run in.
    pub fn apply(&mut self, envelope: &Envelope) {
        match &envelope.event {
            Event::Run(event) => self.apply_run(envelope, event),
            Event::Step(event) => self.apply_step(envelope, event),
            Event::Attempt(event) => self.apply_attempt(event),
            Event::Gate(event) => self.apply_gate(event),
            Event::Receipt(ReceiptEvent::Opened(opened)) => {
                self.change(&opened.path, |step| {
                    if let Some(attempt) = step.in_flight_mut(opened.attempt) {
                        attempt.receipt = Some(opened.receipt);
                    }
                });
            }
            _ => {}
        }
    }

    /// How it stands.
    pub fn status(&self) -> RunStatus {
        match self.outcome {
            Some(Outcome::Done) => RunStatus::Done,
            Some(Outcome::Failed) => RunStatus::Failed,
            Some(Outcome::Cancelled) => RunStatus::Cancelled,
            None if self.paused => RunStatus::Paused,
            None if self.open_gates().next().is_some() && self.in_flight().next().is_none() => {
                RunStatus::Waiting
            }
            None => RunStatus::Running,
        }
    }

    /// Whether it has ended in a way that leaves nothing to resume.
    pub fn is_closed(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Done | Outcome::Cancelled))
    }

    /// Attempts that were requested and have no result, with the path of their step.
    pub fn in_flight(&self) -> impl Iterator<Item = (&str, &Attempt)> {
        self.steps.iter().flat_map(|(path, step)| {
            step.attempts
                .iter()
                .filter(|a| a.status == AttemptStatus::Requested)
                .map(move |a| (path.as_str(), a))
        })
    }

    /// The number of the next attempt of a step, also where the step was dropped and begins anew.
    pub fn next_attempt(&self, path: &str) -> u32 {
        let last = self.steps.get(path).and_then(|step| step.attempts.last()).map(|a| a.number);
        last.or_else(|| self.retired.get(path).copied()).unwrap_or(0).saturating_add(1)
    }

    /// Gates that wait for a person.
    pub fn open_gates(&self) -> impl Iterator<Item = &Gate> {
        self.gates.values().filter(|gate| gate.decided.is_none())
    }

    fn apply_run(&mut self, envelope: &Envelope, event: &RunEvent) {
        match event {
            RunEvent::Started(_) => {}
            RunEvent::Paused(_) => {
                self.paused = true;
                self.one_step = false;
                self.stepping = None;
            }
            RunEvent::Resumed(resumed) => {
                self.resume(&resumed.reopened);
                self.forget(&resumed.dropped);
            }
            RunEvent::Stepped(stepped) => {
                self.paused = true;
                self.one_step = stepped.path.is_none();
                self.stepping.clone_from(&stepped.path);
            }
            RunEvent::Finished(finished) => {
                self.outcome = Some(finished.outcome);
                self.outputs.clone_from(&finished.outputs);
                self.error.clone_from(&finished.error);
                self.finished_at = Some(envelope.at);
                self.paused = false;
                if finished.outcome == Outcome::Cancelled {
                    let open = self.steps.iter().filter(|(_, step)| step.status.is_open());
                    let open: Vec<String> = open.map(|(path, _)| path.clone()).collect();
                    for path in open {
                        self.change(&path, |step| step.status = StepStatus::Cancelled);
                    }
                }
            }
            RunEvent::Rewound(rewound) => {
                let dropped: BTreeSet<&str> = rewound.dropped.iter().map(String::as_str).collect();
                self.forget(&rewound.dropped);
                self.gates.retain(|_, gate| !dropped.contains(gate.path.as_str()));
                self.reopen();
                self.reopen_around(&rewound.to);
                self.paused = true;
                self.one_step = false;
                self.stepping = None;
            }
        }
    }

    fn resume(&mut self, reopened: &[String]) {
        self.reopen();
        self.paused = false;
        self.one_step = false;
        self.stepping = None;
        for path in reopened {
            self.change(path, |step| {
                step.status = StepStatus::Running;
                step.error = None;
                step.window = step.attempts.len() as u32;
            });
        }
    }

    /// The steps a re-opened step stands in go on from its round.
    fn reopen_around(&mut self, to: &str) {
        for (at, _) in to.match_indices('/') {
            let part = &to[..at];
            let (path, round) = match part.rsplit_once('[') {
                Some((path, round)) if part.ends_with(']') => {
                    (path, round.trim_end_matches(']').parse::<u32>().ok())
                }
                _ => (part, None),
            };
            self.change(path, |s| {
                s.status = StepStatus::Running;
                s.output = None;
                if let Some(round) = round {
                    s.rounds = s.rounds.min(round.saturating_add(1));
                }
            });
        }
    }

    fn forget(&mut self, dropped: &[String]) {
        for path in dropped {
            if let Some(last) =
                self.steps.remove(path).and_then(|step| step.attempts.last().map(|a| a.number))
            {
                self.retired.insert(path.clone(), last);
            }
        }
    }

    fn reopen(&mut self) {
        self.outcome = None;
        self.error = None;
        self.outputs = None;
        self.finished_at = None;
    }

    fn apply_step(&mut self, envelope: &Envelope, event: &StepEvent) {
        match event {
            StepEvent::Started(started) => {
                let step = Step {
                    id: started.step,
                    kind: started.kind.clone(),
                    agent: started.agent.clone(),
                    order: self.n_steps,
                    started_seq: envelope.seq,
                    status: StepStatus::Running,
                    input: started.input.clone(),
                    arm: started.arm.clone(),
                    rounds: 0,
                    attempts: Vec::new(),
                    results: Vec::new(),
                    output: None,
                    error: None,
                    turns: Vec::new(),
                    route: None,
                    usage: Usage::default(),
                    window: 0,
                    findings: Vec::new(),
                };
                self.n_steps = self.n_steps.saturating_add(1);
                if started.stepped {
                    self.one_step = false;
                    self.stepping = Some(started.path.clone());
                }
                self.steps.insert(started.path.clone(), Arc::new(step));
            }
            StepEvent::Iterated(iterated) => {
                self.change(&iterated.path, |s| s.rounds = iterated.iteration.saturating_add(1));
            }
            StepEvent::Finished(finished) => self.change(&finished.path, |s| {
                s.status = StepStatus::Done;
                s.output = Some(finished.output.clone());
                s.findings.clone_from(&finished.findings);
            }),
            StepEvent::Skipped(skipped) => self.change(&skipped.path, |s| {
                s.status = StepStatus::Skipped;
                s.output = None;
            }),
            StepEvent::Failed(failed) => self.change(&failed.path, |s| {
                s.status = StepStatus::Failed;
                s.error = Some(failed.error.clone());
            }),
        }
    }

    fn apply_attempt(&mut self, event: &AttemptEvent) {
        match event {
            AttemptEvent::Requested(requested) => self.change(&requested.path, |s| {
                s.status = StepStatus::Running;
                s.attempts.push(Attempt {
                    number: requested.attempt,
                    call: requested.call,
                    status: AttemptStatus::Requested,
                    model: requested.model.clone(),
                    level: requested.level,
                    delay_ms: requested.delay_ms,
                    because: requested.because.clone(),
                    receipt: None,
                    error: None,
                    retryable: false,
                    unreachable: false,
                    retry_after_ms: 0,
                });
            }),
            AttemptEvent::Finished(finished) => {
                let ended = self.end(&finished.path, finished.attempt, finished.usage, |a| {
                    a.status = AttemptStatus::Finished;
                });
                if ended {
                    self.change(&finished.path, |s| s.results.push(finished.output.clone()));
                }
            }
            AttemptEvent::Failed(failed) => {
                self.end(&failed.path, failed.attempt, failed.usage, |a| {
                    a.status = AttemptStatus::Failed;
                    a.error = Some(failed.error.clone());
                    a.retryable = failed.retryable;
                    a.unreachable = failed.unreachable;
                    a.retry_after_ms = failed.retry_after_ms;
                });
            }
            AttemptEvent::Interrupted(cut) => {
                self.end(&cut.path, cut.attempt, cut.estimate, |a| a.status = AttemptStatus::Interrupted);
            }
        }
    }

    fn apply_gate(&mut self, event: &GateEvent) {
        match event {
            GateEvent::Opened(opened) => {
                self.change(&opened.path, |s| s.status = StepStatus::Waiting);
                let gate = Gate {
                    id: opened.gate,
                    path: opened.path.clone(),
                    kind: opened.kind.clone(),
                    prompt: opened.prompt.clone(),
                    output: opened.output.clone(),
                    model: opened.model.clone(),
                    findings: opened.findings.clone(),
                    actions: opened.actions.clone(),
                    decided: None,
                    error: None,
                };
                self.gates.insert(opened.gate, gate);
            }
            GateEvent::Reopened(reopened) => {
                let Some(gate) = self.gates.get_mut(&reopened.gate) else { return };
                gate.decided = None;
                gate.error = Some(reopened.error.clone());
                let path = gate.path.clone();
                self.change(&path, |s| s.status = StepStatus::Waiting);
            }
            GateEvent::Turned(turned) => {
                let Some(gate) = self.gates.get_mut(&turned.gate) else { return };
                gate.error = None;
                if turned.turn == "answer" {
                    gate.output = turned.text.clone();
                }
                let path = gate.path.clone();
                let turn = Turn { turn: turned.turn.clone(), text: turned.text.clone() };
                self.change(&path, |s| {
                    match turned.turn.as_str() {
                        "answer" => s.status = StepStatus::Waiting,
                        "chat" if s.agent.is_some() => s.begin_again(),
                        _ => {}
                    }
                    s.turns.push(turn);
                });
            }
            GateEvent::Decided(decided) => {
                let Some(gate) = self.gates.get_mut(&decided.gate) else { return };
                gate.decided = Some(decided.action);
                gate.error = None;
                let path = gate.path.clone();
                let again = matches!(decided.action, GateAction::Retry | GateAction::ChangeModel);
                self.change(&path, |s| {
                    s.status = StepStatus::Running;
                    if again {
                        s.begin_again();
                    }
                    if decided.route.is_some() {
                        s.route.clone_from(&decided.route);
                    }
                });
            }
        }
    }

    /// Ends an attempt that is in flight; one that has ended stays as it ended.
    fn end(&mut self, path: &str, number: u32, usage: Usage, end: impl FnOnce(&mut Attempt)) -> bool {
        let Some(step) = self.steps.get_mut(path).map(Arc::make_mut) else { return false };
        let Some(attempt) = step.in_flight_mut(number) else { return false };
        end(attempt);
        attempt.receipt = None;
        step.usage = step.usage.plus(usage);
        self.usage = self.usage.plus(usage);
        true
    }

    fn change(&mut self, path: &str, change: impl FnOnce(&mut Step)) {
        if let Some(step) = self.steps.get_mut(path) {
            change(Arc::make_mut(step));
        }
    }
}

impl Step {
    fn in_flight_mut(&mut self, number: u32) -> Option<&mut Attempt> {
        let in_flight = |a: &&mut Attempt| a.number == number && a.status == AttemptStatus::Requested;
        self.attempts.iter_mut().find(in_flight)
    }

    /// The agent works once more from its first call.
    fn begin_again(&mut self) {
        self.status = StepStatus::Running;
        self.results.clear();
        self.window = self.attempts.len() as u32;
    }
}

impl StepStatus {
    /// Whether the step has still to end.
    pub fn is_open(self) -> bool {
        matches!(self, StepStatus::Running | StepStatus::Waiting)
    }

    /// Whether later steps may build on it.
    pub fn is_settled(self) -> bool {
        matches!(self, StepStatus::Done | StepStatus::Skipped)
    }
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

fn is_zero64(n: &u64) -> bool {
    *n == 0
}
