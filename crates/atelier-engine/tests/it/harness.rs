//! A project in memory: what the runtime and the store do, without either.
//!
//! Every command that is taken is checked against the laws that hold for all: the state a decision gives is the fold of
//! its events, and an advance that is repeated changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use atelier_domain::event::gate::GateAction;
use atelier_domain::event::run::{Failure, GatePolicy, Level, Profile, Route};
use atelier_domain::event::{AttemptEvent, ReceiptEvent, RunEvent};
use atelier_domain::id::IdSource;
use atelier_domain::state::{Attempt, Content, Run, RunStatus, Step, Usage};
use atelier_domain::text::{Blobs, Texts};
use atelier_domain::{
    BranchId, Envelope, Event, EventId, GateId, Hash, ProjectId, RunId, State, Timestamp, canonical,
};
use atelier_engine::command::{Answered, Ask, Asked, CallFailure, Receipt, Reply, StartRun};
use atelier_engine::context::{Reader, assemble, gather};
use atelier_engine::definition::Definition;
use atelier_engine::{Command, Compiled, Library, Rejection, call_of, decide};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{crew, view};

/// Texts and definitions at hand.
#[derive(Default, Clone)]
pub(crate) struct Shelf {
    pub(crate) blobs: Blobs,
    pub(crate) definitions: BTreeMap<Hash, Arc<Compiled>>,
}

impl Texts for Shelf {
    fn text(&self, hash: &Hash) -> Option<Arc<str>> {
        self.blobs.text(hash)
    }
}

impl Library for Shelf {
    fn definition(&self, hash: &Hash) -> Option<Arc<Compiled>> {
        self.definitions.get(hash).cloned()
    }
}

/// Ids that count up.
#[derive(Clone, Default)]
pub(crate) struct Counter(u128);

impl IdSource for Counter {
    fn next_id(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128(self.0)
    }
}

/// A project with at most one run that the test is about.
#[derive(Clone)]
pub(crate) struct Project {
    pub(crate) state: State,
    pub(crate) log: Vec<Envelope>,
    pub(crate) shelf: Shelf,
    pub(crate) run: RunId,
    pub(crate) route: Route,
    pub(crate) gates: Option<GatePolicy>,
    ids: Counter,
    now: i64,
    shown: usize,
}

/// A model call that waits for its answer.
pub(crate) type Flying = (String, u32);

impl Project {
    pub(crate) fn new() -> Self {
        let id = ProjectId::from_uuid(Uuid::from_u128(1));
        Self {
            state: State::new(id),
            log: Vec::new(),
            shelf: Shelf::default(),
            run: RunId::from_uuid(Uuid::nil()),
            route: Route {
                model: "one".into(),
                level: Level::Agent,
                profile: Profile::Full,
                fallback: Vec::new(),
            },
            gates: None,
            ids: Counter(1000),
            now: 1_700_000_000_000_000,
            shown: 0,
        }
    }

    /// A project in which these steps have just been started as a workflow.
    pub(crate) fn given(steps: Vec<atelier_engine::definition::StepSpec>) -> Self {
        let mut project = Self::new();
        project.start(crew::definition(steps), json!({"idea": "a ferry"}));
        project
    }

    pub(crate) fn start(&mut self, definition: Definition, inputs: Value) {
        let start = self.start_command(definition, inputs);
        self.when(start).unwrap();
    }

    pub(crate) fn start_command(&mut self, definition: Definition, inputs: Value) -> Command {
        let text = canonical::to_string(&definition).unwrap();
        let hash = Hash::of(text.as_bytes());
        let routes = definition.agents.keys().map(|id| (id.clone(), self.route.clone())).collect();
        self.shelf.definitions.insert(hash, Arc::new(Compiled::new(definition).unwrap()));
        Command::Start(Box::new(StartRun {
            accept_rules: false,
            workflow: "main".into(),
            definition: hash,
            definition_text: text,
            inputs,
            gates: self.gates,
            routes,
            branch: BranchId::MAIN,
        }))
    }

    /// Decides, appends, folds.
    pub(crate) fn when(&mut self, command: Command) -> Result<Reply, Rejection> {
        self.now += 1_000_000;
        let mut ids = self.ids.clone();
        let now = Timestamp::from_micros(self.now);
        let decision = decide(&self.state, &self.shelf, &command, now, &mut ids)?;
        self.ids = ids;
        let before = self.log.len();
        for draft in decision.drafts {
            let seq = self.state.seq + 1;
            let envelope = Envelope::place(draft, self.state.project, seq);
            self.state.apply(&envelope);
            if let Event::Run(RunEvent::Started(_)) = &envelope.event {
                self.run = envelope.correlation.unwrap();
            }
            self.log.push(envelope);
        }
        self.shelf.blobs.0.extend(decision.blobs.0);
        assert_eq!(self.state, decision.state, "the decision's state is not the fold of its events");
        if self.log.len() > before {
            self.nothing_is_left_to_do();
        }
        Ok(decision.reply)
    }

    /// To resume a run that is under way only lets it advance: right after a command there is nothing to advance.
    fn nothing_is_left_to_do(&self) {
        let Some(run) = self.state.runs.get(&self.run) else { return };
        if matches!(run.status(), RunStatus::Running | RunStatus::Waiting) {
            let resume = Command::Resume { run: self.run };
            let again = decide(
                &self.state,
                &self.shelf,
                &resume,
                Timestamp::from_micros(self.now),
                &mut self.ids.clone(),
            );
            assert_eq!(again.unwrap().drafts.len(), 0, "advancing again changed something");
        }
    }

    /// The events since the last look, one per line.
    pub(crate) fn news(&mut self) -> String {
        let lines = self.log[self.shown..]
            .iter()
            .map(|envelope| view::line(envelope, &self.shelf))
            .collect::<Vec<_>>();
        self.shown = self.log.len();
        lines.join("\n")
    }

    pub(crate) fn run(&self) -> &Run {
        self.state.runs.get(&self.run).unwrap_or_else(|| panic!("the run has been closed"))
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state.runs.contains_key(&self.run)
    }

    pub(crate) fn status(&self) -> Option<RunStatus> {
        self.state.runs.get(&self.run).map(|run| run.status())
    }

    pub(crate) fn step(&self, path: &str) -> &Step {
        self.run().steps.get(path).unwrap_or_else(|| panic!("no step {path}"))
    }

    pub(crate) fn content(&self) -> &Content {
        self.state.content(&BranchId::MAIN).unwrap()
    }

    /// Calls under way, the longest first.
    pub(crate) fn flying(&self) -> Vec<Flying> {
        let Some(run) = self.state.runs.get(&self.run) else { return Vec::new() };
        let mut flying: Vec<_> =
            run.in_flight().map(|(path, a)| (run.steps[path].order, path.to_owned(), a.number)).collect();
        flying.sort();
        flying.into_iter().map(|(_, path, number)| (path, number)).collect()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.flying().into_iter().map(|(path, _)| path).collect()
    }

    fn attempt(&self, path: &str, number: u32) -> Option<&Attempt> {
        self.state.runs.get(&self.run)?.steps.get(path)?.attempts.iter().find(|a| a.number == number)
    }

    /// What the runtime keeps before a model is asked, with the feedback that is in the prompt.
    pub(crate) fn ask(&self, (path, number): &Flying) -> Command {
        let ask =
            Ask { run: self.run, path: path.clone(), attempt: *number, asked: self.asked(path, *number) };
        Command::Ask(Box::new(ask))
    }

    /// The end of a call as the runtime reports it.
    pub(crate) fn answered(&self, (path, number): &Flying, outcome: Result<String, CallFailure>) -> Command {
        let receipt = Receipt {
            asked: self.asked(path, *number),
            output: outcome.as_ref().ok().cloned(),
            finish_reason: None,
            first_token_ms: None,
            total_ms: 1,
        };
        let usage = Usage { calls: 1, input_tokens: 100, output_tokens: 10, cost_micros: 5 };
        Command::Answered(Box::new(Answered {
            run: self.run,
            path: path.clone(),
            attempt: *number,
            receipt,
            outcome,
            usage,
        }))
    }

    fn asked(&self, path: &str, number: u32) -> Arc<Asked> {
        let attempt = self.attempt(path, number);
        let step = self.state.runs.get(&self.run).and_then(|run| run.steps.get(path));
        Arc::new(Asked {
            call: attempt.map_or(0, |a| a.call),
            agent: step.and_then(|s| s.agent.clone()).unwrap_or_else(|| "writer".into()),
            model: attempt.and_then(|a| a.model.clone()).unwrap_or_default(),
            level: attempt.and_then(|a| a.level).unwrap_or(Level::Agent),
            provider: "scripted".into(),
            template: "t@1".into(),
            messages: vec![("user".into(), vec!["p".into()])],
            context: Vec::new(),
            started_at: Timestamp::from_micros(self.now),
            feedback: self.fresh_feedback(path, number),
        })
    }

    /// What the context of this call holds, by source and text.
    pub(crate) fn context(&self, path: &str, number: u32) -> Vec<(String, String)> {
        let chosen = self.assembled(path, number).chosen;
        chosen.into_iter().map(|(source, _, text)| (source.to_owned(), text)).collect()
    }

    fn fresh_feedback(&self, path: &str, number: u32) -> Vec<EventId> {
        match self.attempt(path, number) {
            Some(_) => self.assembled(path, number).feedback,
            None => Vec::new(),
        }
    }

    fn assembled(&self, path: &str, number: u32) -> atelier_engine::context::Assembled {
        let run = self.run();
        let compiled = self.shelf.definition(&run.definition).unwrap();
        let Some(spec) = call_of(&compiled, &self.shelf, run, path, number).unwrap() else {
            return Default::default();
        };
        let reader = Reader {
            state: &self.state,
            library: &self.shelf,
            compiled: &compiled,
            run,
            path,
            agent: &spec.agent.id,
            inputs: &spec.inputs,
            run_inputs: &Value::Null,
            turns: &spec.turns,
        };
        let fragments = gather(&reader, &spec.agent.context).unwrap();
        assemble(&fragments, spec.plan.context_tokens, &|_, text| text.len() as u32)
    }

    /// The good answer to a call.
    pub(crate) fn good(&self, (path, number): &Flying) -> String {
        let call = self.attempt(path, *number).map_or(0, |a| a.call);
        let agent =
            self.state.runs.get(&self.run).and_then(|r| r.steps.get(path)).and_then(|s| s.agent.clone());
        crew::reply(agent.as_deref().unwrap_or("writer"), path, call)
    }

    fn flying_at(&self, path: &str) -> Flying {
        self.flying()
            .into_iter()
            .find(|(p, _)| p == path)
            .unwrap_or_else(|| panic!("nothing is asked at {path}"))
    }

    /// The model at a path is asked.
    pub(crate) fn sent(&mut self, path: &str) {
        self.when(self.ask(&self.flying_at(path))).unwrap();
    }

    /// The call at a path is answered well.
    pub(crate) fn answer(&mut self, path: &str) {
        let call = self.flying_at(path);
        let text = self.good(&call);
        self.when(self.answered(&call, Ok(text))).unwrap();
    }

    /// The call at a path is answered with this text.
    pub(crate) fn answer_with(&mut self, path: &str, text: impl ToString) {
        let call = self.flying_at(path);
        self.when(self.answered(&call, Ok(text.to_string()))).unwrap();
    }

    /// The call at a path fails.
    pub(crate) fn fail(&mut self, path: &str, code: &str, retryable: bool) {
        let call = self.flying_at(path);
        self.when(self.answered(&call, Err(call_failure(code, retryable)))).unwrap();
    }

    /// Answers everything well, the oldest call first, until nothing is asked.
    pub(crate) fn answer_all(&mut self) {
        while let Some(call) = self.flying().first().cloned() {
            let text = self.good(&call);
            self.when(self.answered(&call, Ok(text))).unwrap();
        }
    }

    /// Answers everything well but the calls at this path.
    pub(crate) fn answer_all_but(&mut self, path: &str) {
        while let Some(call) = self.flying().into_iter().find(|(at, _)| at != path) {
            let text = self.good(&call);
            self.when(self.answered(&call, Ok(text))).unwrap();
        }
    }

    pub(crate) fn pause(&mut self) {
        self.when(Command::Pause { run: self.run, reason: "asked".into(), cut: None }).unwrap();
    }

    pub(crate) fn pause_and_cut(&mut self) {
        let cut = Some(BTreeMap::new());
        self.when(Command::Pause { run: self.run, reason: "asked".into(), cut }).unwrap();
    }

    pub(crate) fn resume(&mut self) {
        self.when(Command::Resume { run: self.run }).unwrap();
    }

    pub(crate) fn one_step(&mut self) {
        self.when(Command::Step { run: self.run }).unwrap();
    }

    pub(crate) fn cancel(&mut self) {
        self.when(Command::Cancel { run: self.run, cut: None }).unwrap();
    }

    /// The process dies and comes back.
    pub(crate) fn kill(&mut self) {
        self.when(Command::Recover { run: self.run, cut: None }).unwrap();
    }

    /// What held on the run's branch right before an event.
    pub(crate) fn content_before(&self, seq: u64) -> Content {
        let mut state = State::new(self.state.project);
        self.log.iter().take_while(|e| e.seq < seq).for_each(|e| state.apply(e));
        state.content(&BranchId::MAIN).cloned().unwrap()
    }

    pub(crate) fn rewind_command(&self, path: &str) -> Command {
        let seq = self.state.runs.get(&self.run).and_then(|r| r.steps.get(path)).map_or(0, |s| s.started_seq);
        let before = Box::new(self.content_before(seq));
        Command::Rewind { run: self.run, step: path.into(), before, cut: None }
    }

    pub(crate) fn rewind(&mut self, path: &str) {
        self.when(self.rewind_command(path)).unwrap();
    }

    pub(crate) fn gate(&self) -> GateId {
        self.run().open_gates().next().unwrap_or_else(|| panic!("no gate is open")).id
    }

    pub(crate) fn decide(&mut self, action: GateAction, text: Option<&str>) -> Result<Reply, Rejection> {
        let (gate, text) = (self.gate(), text.map(str::to_owned));
        self.when(Command::Decide { gate, action, text, route: None, cut: BTreeMap::new() })
    }

    /// Agent calls that gave a usable result, by path with attempt and call.
    pub(crate) fn finished_calls(&self) -> Vec<String> {
        let finished = |envelope: &Envelope| match &envelope.event {
            Event::Attempt(AttemptEvent::Finished(done)) => Some(done.path.clone()),
            _ => None,
        };
        let mut calls: Vec<String> = self.log.iter().filter_map(finished).collect();
        calls.sort();
        calls
    }

    /// What was asked and has ended has one receipt, which belongs to the last prompt that was kept for it.
    pub(crate) fn audit_receipts(&self) {
        let (mut opened, mut recorded) = (BTreeMap::new(), BTreeMap::new());
        for envelope in &self.log {
            let Event::Receipt(event) = &envelope.event else { continue };
            match event {
                ReceiptEvent::Opened(r) => {
                    let key = (envelope.correlation, r.path.clone(), r.attempt);
                    assert!(!recorded.contains_key(&key), "asked after its end: {key:?}");
                    opened.insert(key, r.receipt);
                }
                ReceiptEvent::Recorded(r) => {
                    let key = (envelope.correlation, r.path.clone(), r.attempt);
                    let of = opened.get(&key);
                    assert_eq!(of.is_some(), r.messages.is_empty(), "where the prompt is: {key:?}");
                    assert!(of.is_none_or(|of| *of == r.receipt), "the receipt of another prompt: {key:?}");
                    assert!(recorded.insert(key.clone(), r.receipt).is_none(), "two receipts: {key:?}");
                }
            }
        }
        for envelope in &self.log {
            let Event::Attempt(event) = &envelope.event else { continue };
            let (path, attempt) = match event {
                AttemptEvent::Requested(_) => continue,
                // It may have failed before anything was sent.
                AttemptEvent::Failed(_) => continue,
                AttemptEvent::Finished(a) => (&a.path, a.attempt),
                AttemptEvent::Interrupted(a) => (&a.path, a.attempt),
            };
            let key = (envelope.correlation, path.clone(), attempt);
            assert!(recorded.contains_key(&key) || !opened.contains_key(&key), "no receipt: {key:?}");
        }
    }

    /// No attempt is asked for twice, none has a result that was not asked for, none has two.
    pub(crate) fn audit(&self) {
        self.audit_receipts();
        let (mut asked, mut ended) = (BTreeSet::new(), BTreeSet::new());
        for envelope in &self.log {
            let Event::Attempt(event) = &envelope.event else { continue };
            let run = envelope.correlation;
            let (key, is_new) = match event {
                AttemptEvent::Requested(a) => ((run, &a.path, a.attempt), true),
                AttemptEvent::Finished(a) => ((run, &a.path, a.attempt), false),
                AttemptEvent::Failed(a) => ((run, &a.path, a.attempt), false),
                AttemptEvent::Interrupted(a) => ((run, &a.path, a.attempt), false),
            };
            if is_new {
                assert!(asked.insert(key), "asked twice: {key:?}");
            } else {
                assert!(asked.contains(&key), "a result nobody asked for: {key:?}");
                assert!(ended.insert(key), "two results: {key:?}");
            }
        }
        let open: BTreeSet<_> = self.flying().into_iter().collect();
        let lost = asked
            .difference(&ended)
            .filter(|(run, path, n)| *run == Some(self.run) && !open.contains(&((*path).clone(), *n)));
        assert_eq!(lost.collect::<Vec<_>>(), Vec::<&_>::new(), "lost");
    }
}

pub(crate) fn call_failure(code: &str, retryable: bool) -> CallFailure {
    let error = Failure { code: code.into(), message: "the model gave nothing".into(), hint: String::new() };
    CallFailure { error, retryable, unreachable: code == "unreachable", retry_after_ms: 0 }
}

/// Compares texts line by line, without the spaces around.
#[track_caller]
pub(crate) fn check(actual: &str, expected: &str) {
    let lines = |text: &str| {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let (actual, expected) = (lines(actual), lines(expected));
    assert!(actual == expected, "expected:\n{expected}\n\nactual:\n{actual}\n");
}
