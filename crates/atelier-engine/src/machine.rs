//! The run machine: begins steps whose needs are met, lets open ones go on, ends the run.
//!
//! **Invariant**: `advance` changes nothing when called again; every result is taken once.
//!
//! A flow is a list of steps. A step needs those it names, or the one before it. Steps whose needs are settled begin
//! at once, side by side. A failed step blocks only what needs it; a flow has failed when nothing in it can go on.

use atelier_domain::event::attempt::{AttemptEvent, AttemptRequested};
use atelier_domain::event::gate::{GateAction, GateEvent, GateOpened};
use atelier_domain::event::run::{Failure, GatePolicy, Outcome, RunEvent, RunFinished};
use atelier_domain::event::step::{
    StepEvent, StepFailed, StepFinished, StepIterated, StepSkipped, StepStarted,
};
use atelier_domain::state::{Gate, Run, Step, StepStatus};
use atelier_domain::{Actor, GateId, Hash, StepId};
use serde_json::Value;

use crate::codes;
use crate::compiled::Compiled;
use crate::definition::StepSpec;
use crate::kinds::{self, Prepared, StepKind, Stop};
use crate::plan;
use crate::scope::Scope;
use crate::work::{Work, failure};

/// How a flow stands.
#[derive(Debug, PartialEq)]
pub(crate) enum FlowStatus {
    Settled,
    Active,
    Failed(Failure),
}

/// Lets the run of this work go as far as it can without the world.
pub(crate) fn advance(work: &mut Work<'_>, compiled: &Compiled) -> Result<(), Hash> {
    loop {
        if work.run().is_none_or(|run| run.outcome.is_some()) {
            return Ok(());
        }
        let before = work.n_events();
        let inputs = match work.run().map(|run| run.inputs.clone()).map(|text| work.json(&text)) {
            Some(Ok(inputs)) => inputs,
            Some(Err(crate::scope::Halt::Missing(hash))) => return Err(hash),
            Some(Err(crate::scope::Halt::Wrong(_))) | None => Value::Null,
        };
        let scope = Scope::new(inputs);
        let workflow = &compiled.definition.workflow;
        let status = flow(work, compiled, &scope, "", &workflow.steps)?;
        if work.n_events() == before || status != FlowStatus::Active {
            if let Some(end) = ending(work, compiled, &scope, status)? {
                work.emit(Actor::engine(), RunEvent::Finished(end));
            }
            return Ok(());
        }
    }
}

fn ending(
    work: &mut Work<'_>,
    compiled: &Compiled,
    scope: &Scope<'_>,
    status: FlowStatus,
) -> Result<Option<RunFinished>, Hash> {
    let workflow = &compiled.definition.workflow;
    match status {
        FlowStatus::Active => Ok(None),
        FlowStatus::Failed(error) => {
            Ok(Some(RunFinished { outcome: Outcome::Failed, outputs: None, error: Some(error) }))
        }
        FlowStatus::Settled => {
            match plan::outputs(work, compiled, &scope.enter("", &workflow.steps), workflow) {
                Ok(outputs) => {
                    let outputs = Some(work.put_json(&outputs));
                    Ok(Some(RunFinished { outcome: Outcome::Done, outputs, error: None }))
                }
                Err(Stop::Missing(hash)) => Err(hash),
                Err(Stop::Fail(error)) => {
                    Ok(Some(RunFinished { outcome: Outcome::Failed, outputs: None, error: Some(error) }))
                }
            }
        }
    }
}

/// Begins and continues the steps of a flow once, in order.
fn flow(
    work: &mut Work<'_>,
    compiled: &Compiled,
    outer: &Scope<'_>,
    prefix: &str,
    steps: &[StepSpec],
) -> Result<FlowStatus, Hash> {
    let scope = outer.enter(prefix, steps);
    for (i, spec) in steps.iter().enumerate() {
        let path = format!("{prefix}{}", spec.id);
        let Some(kind) = kinds::find(&spec.kind) else { continue };
        match work.step(&path).map(|step| step.status) {
            None => {
                if needs_met(work, prefix, steps, i) && may_begin(work, kind) {
                    begin(work, compiled, kind, spec, &path, &scope)?;
                }
            }
            Some(StepStatus::Running | StepStatus::Waiting) => {
                go_on(work, compiled, kind, spec, &path, &scope)?;
            }
            Some(_) => {}
        }
    }
    Ok(flow_status(work, prefix, steps))
}

fn flow_status(work: &Work<'_>, prefix: &str, steps: &[StepSpec]) -> FlowStatus {
    let mut failed = None;
    let mut settled = true;
    for (i, spec) in steps.iter().enumerate() {
        match work.step(&format!("{prefix}{}", spec.id)) {
            Some(step) if step.status.is_settled() => {}
            Some(step) if step.status == StepStatus::Failed => {
                settled = false;
                failed = failed.or_else(|| step.error.clone());
            }
            Some(_) => return FlowStatus::Active,
            None if needs_met(work, prefix, steps, i) => return FlowStatus::Active,
            None => settled = false,
        }
    }
    match failed {
        _ if settled => FlowStatus::Settled,
        Some(error) => FlowStatus::Failed(error),
        None => FlowStatus::Failed(failure(
            codes::STUCK,
            "no step of the flow can begin",
            "see `atelier crews check`",
        )),
    }
}

fn needs_met(work: &Work<'_>, prefix: &str, steps: &[StepSpec], i: usize) -> bool {
    let settled = |id: &str| work.step(&format!("{prefix}{id}")).is_some_and(|step| step.status.is_settled());
    match &steps[i].needs {
        Some(needs) => needs.iter().all(|id| settled(id)),
        None => i == 0 || settled(&steps[i - 1].id),
    }
}

fn may_begin(work: &Work<'_>, kind: &dyn StepKind) -> bool {
    work.run()
        .is_some_and(|run| !run.paused || run.one_step || (kind.is_composite() && run.stepping.is_some()))
}

fn begin(
    work: &mut Work<'_>,
    compiled: &Compiled,
    kind: &dyn StepKind,
    spec: &StepSpec,
    path: &str,
    scope: &Scope<'_>,
) -> Result<(), Hash> {
    let mut place = Place { work, compiled, spec, path, scope };
    let skip = match &spec.when {
        Some(when) => place.scope.holds(place.work, compiled, when).map(|holds| !holds).map_err(Stop::from),
        None => Ok(false),
    };
    let prepared = match skip {
        Ok(false) => kind.prepare(&mut place).map(Some),
        Ok(true) => Ok(None),
        Err(stop) => Err(stop),
    };
    if let Err(Stop::Missing(hash)) = prepared {
        return Err(hash);
    }
    let stepped = !kind.is_composite() && place.work.run().is_some_and(|run| run.paused);
    let Prepared { input, arm } = match &prepared {
        Ok(Some(Prepared { input, arm })) => Prepared { input: input.clone(), arm: arm.clone() },
        _ => Prepared::default(),
    };
    let step = StepId::new(place.work.ids());
    let agent = spec.agent().map(str::to_owned);
    let started =
        StepStarted { step, path: path.to_owned(), kind: spec.kind.clone(), agent, input, arm, stepped };
    place.work.emit(Actor::engine(), StepEvent::Started(started));
    match prepared {
        Ok(Some(_)) => go_on(work, compiled, kind, spec, path, scope),
        Ok(None) => {
            let reason = format!("`{}` does not hold", spec.when.as_deref().unwrap_or_default());
            work.emit(Actor::engine(), StepEvent::Skipped(StepSkipped { path: path.to_owned(), reason }));
            Ok(())
        }
        Err(Stop::Fail(error)) => {
            work.emit(Actor::engine(), StepEvent::Failed(StepFailed { path: path.to_owned(), error }));
            Ok(())
        }
        Err(Stop::Missing(hash)) => Err(hash),
    }
}

fn go_on(
    work: &mut Work<'_>,
    compiled: &Compiled,
    kind: &dyn StepKind,
    spec: &StepSpec,
    path: &str,
    scope: &Scope<'_>,
) -> Result<(), Hash> {
    match kind.advance(&mut Place { work, compiled, spec, path, scope }) {
        Ok(()) => Ok(()),
        Err(Stop::Missing(hash)) => Err(hash),
        Err(Stop::Fail(error)) => {
            work.emit(Actor::engine(), StepEvent::Failed(StepFailed { path: path.to_owned(), error }));
            Ok(())
        }
    }
}

/// Where a kind is at work: one step of one run.
pub struct Place<'p, 'w> {
    pub(crate) work: &'p mut Work<'w>,
    pub(crate) compiled: &'p Compiled,
    pub(crate) spec: &'p StepSpec,
    pub(crate) path: &'p str,
    pub(crate) scope: &'p Scope<'p>,
}

impl<'p> Place<'p, '_> {
    pub(crate) fn run(&self) -> Option<&Run> {
        self.work.run()
    }

    pub(crate) fn step(&self) -> Option<&Step> {
        self.work.step(self.path)
    }

    pub(crate) fn rounds(&self) -> usize {
        self.step().map_or(0, |step| step.rounds as usize)
    }

    /// What the step was given.
    pub(crate) fn input(&self) -> Result<Option<Value>, Stop> {
        let input = self.step().and_then(|step| step.input.clone());
        Ok(input.map(|text| self.work.json(&text)).transpose()?)
    }

    pub(crate) fn eval(&self, expression: &str) -> Result<Value, Stop> {
        Ok(self.scope.eval(self.work, self.compiled, expression)?)
    }

    pub(crate) fn eval_setting(&self, key: &str) -> Result<Value, Stop> {
        self.eval(self.spec.text(key).unwrap_or("none"))
    }

    pub(crate) fn holds_setting(&self, key: &str) -> Result<bool, Stop> {
        Ok(self.scope.holds(self.work, self.compiled, self.spec.text(key).unwrap_or("false"))?)
    }

    pub(crate) fn render_setting(&self, key: &str) -> Result<String, Stop> {
        Ok(self.scope.render(self.work, self.compiled, self.spec.text(key).unwrap_or_default())?)
    }

    /// The filled tree of a setting; null where the setting is absent.
    pub(crate) fn fill_setting(&self, key: &str) -> Result<Value, Stop> {
        match self.spec.settings.get(key) {
            Some(tree) => Ok(self.scope.fill(self.work, self.compiled, tree)?),
            None => Ok(Value::Null),
        }
    }

    /// Advances a sub-flow.
    pub(crate) fn flow(
        &mut self,
        scope: &Scope<'_>,
        prefix: &str,
        steps: &[StepSpec],
    ) -> Result<FlowStatus, Stop> {
        flow(self.work, self.compiled, scope, prefix, steps).map_err(Stop::Missing)
    }

    /// What the last step of a settled flow gave; null where it was skipped.
    pub(crate) fn last_output(&self, prefix: &str, steps: &[StepSpec]) -> Result<Value, Stop> {
        let last = steps.last().and_then(|spec| self.work.step(&format!("{prefix}{}", spec.id)));
        match last.and_then(|step| step.output.as_ref()) {
            Some(text) => Ok(self.work.json(text)?),
            None => Ok(Value::Null),
        }
    }

    /// Whether the world may be asked something now.
    pub(crate) fn may_request(&self) -> bool {
        self.run().is_some_and(|run| !run.paused || run.stepping.as_deref() == Some(self.path))
    }

    /// Begins the next round; not while the run is paused.
    pub(crate) fn iterate(&mut self, iteration: u32) -> bool {
        let allowed = self.run().is_some_and(|run| !run.paused || run.one_step || run.stepping.is_some());
        if allowed {
            let event = StepIterated { path: self.path.to_owned(), iteration };
            self.work.emit(Actor::engine(), StepEvent::Iterated(event));
        }
        allowed
    }

    pub(crate) fn finish(&mut self, value: &Value, findings: Vec<String>) -> Result<(), Stop> {
        if let Some(schema) = &self.spec.output {
            let problems = self.compiled.check_step(schema, value);
            if !problems.is_empty() {
                let message = format!("the output of step {} is wrong: {}", self.path, problems.join("; "));
                return Err(Stop::Fail(failure(
                    codes::INVALID_OUTPUT,
                    message,
                    "correct the step or its output schema",
                )));
            }
        }
        let output = self.work.put_json(value);
        let finished = StepFinished { path: self.path.to_owned(), output, findings };
        self.work.emit(self.actor(), StepEvent::Finished(finished));
        Ok(())
    }

    /// Who the step's results come from.
    pub(crate) fn actor(&self) -> Actor {
        self.spec.agent().map_or_else(Actor::engine, Actor::agent)
    }

    /// The policy of this step's gate; none where the step declares no gate.
    pub(crate) fn gate_policy(&self) -> Option<GatePolicy> {
        let own = match self.spec.kind.as_str() {
            "gate" => Some(self.spec.gate.unwrap_or_default()),
            _ => self.spec.gate,
        };
        own.map(|own| self.run().and_then(|run| run.gates_policy).unwrap_or(own))
    }

    pub(crate) fn open_gate(&self) -> Option<&Gate> {
        self.run().and_then(|run| run.open_gates().find(|gate| gate.path == self.path))
    }

    /// The gate that what the step does now was asked for at.
    pub(crate) fn gate_behind(&self) -> Option<GateId> {
        let last =
            self.run()?.gates.values().filter(|gate| gate.path == self.path).max_by_key(|gate| gate.id)?;
        let asked_for = matches!(last.decided, None | Some(GateAction::Retry | GateAction::ChangeModel));
        asked_for.then_some(last.id)
    }

    pub(crate) fn was_approved(&self) -> bool {
        self.run().is_some_and(|run| {
            run.gates.values().any(|gate| gate.path == self.path && gate.decided == Some(GateAction::Approve))
        })
    }

    /// Opens a gate.
    pub(crate) fn ask(
        &mut self,
        kind: &str,
        prompt: &str,
        output: &Value,
        model: Option<String>,
        findings: Vec<String>,
        actions: &[GateAction],
    ) {
        let gate = GateId::new(self.work.ids());
        let opened = GateOpened {
            gate,
            path: self.path.to_owned(),
            kind: kind.to_owned(),
            prompt: self.work.put(prompt),
            output: self.work.put_json(output),
            model,
            findings,
            actions: actions.to_vec(),
        };
        self.work.emit(Actor::engine(), GateEvent::Opened(opened));
    }

    /// Asks for a context gathering, unless one is under way.
    pub(crate) fn gather(&mut self) {
        let Some(step) = self.step() else { return };
        let in_flight =
            step.attempts.iter().any(|a| a.status == atelier_domain::state::AttemptStatus::Requested);
        if in_flight || !self.may_request() {
            return;
        }
        let attempt = self.run().map_or(1, |run| run.next_attempt(self.path));
        let path = self.path.to_owned();
        let requested =
            AttemptRequested { path, attempt, call: 0, model: None, level: None, delay_ms: 0, because: None };
        self.work.emit(Actor::engine(), AttemptEvent::Requested(requested));
    }
}
