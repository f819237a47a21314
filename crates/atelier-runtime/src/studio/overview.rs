//! What a person wants to see first: projects with their progress, gates that wait, runs under way, what it all costs.
//!
//! Owns: one summary per project, made from its state and kept until its log grows. Does not own: any of what it tells.
//!
//! **Invariant**: a project whose log has not grown is not read again.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use atelier_domain::event::{GateEvent, ReceiptEvent};
use atelier_domain::state::{Artifact, Run, RunStatus, StepStatus, Usage};
use atelier_domain::{BranchId, Event, GateId, Hash, ProjectId, State, Text, Timestamp};
use atelier_engine::Library;
use atelier_store::{Log, ProjectRow, Query};
use serde_json::{Map, Value, json};

use super::Studio;
use crate::actor::blocking;
use crate::project::Project;
use crate::{Failure, clock, doctor, view};

/// Receipts looked through at a time.
const AT_ONCE: usize = 64;

/// The summaries, by project.
#[derive(Default)]
pub(super) struct Summaries {
    kept: Mutex<BTreeMap<ProjectId, Arc<Summary>>>,
    words: Mutex<HashMap<Hash, u64>>,
}

/// What is told of a project as long as its log has not grown.
struct Summary {
    seq: u64,
    day: Timestamp,
    name: String,
    progress: Map<String, Value>,
    gates: Vec<Value>,
    runs: Vec<Value>,
    today: Usage,
    usage: Usage,
}

impl Studio {
    pub(super) async fn overview(&self) -> Result<Value, Failure> {
        let (mut projects, mut gates, mut runs) = (Vec::new(), Vec::new(), Vec::new());
        let (mut today, mut total) = (Usage::default(), Usage::default());
        for row in self.rows().await? {
            let mut line = view::project(&row);
            match self.summary(&row).await {
                Ok(summary) => {
                    if let Some(line) = line.as_object_mut() {
                        line.extend(summary.progress.clone());
                    }
                    gates.extend(summary.gates.iter().cloned());
                    runs.extend(self.with_life(row.id, &summary.runs));
                    today = today.plus(summary.today);
                    total = total.plus(summary.usage);
                }
                Err(failure) => {
                    line["status"] = json!("damaged");
                    line["reason"] = json!(failure.message);
                }
            }
            line["path"] = json!(self.folder(row.id));
            projects.push(line);
        }
        gates.sort_by(|a, b| a["since"].as_str().cmp(&b["since"].as_str()));
        let (config, data) = (self.config().clone(), self.inner.data.clone());
        let mut health = blocking(move || Ok(doctor::quick(&data))).await?;
        health["stopped"] = json!(self.is_stopped().await);
        let roles = ["models.default", "models.fast", "models.heavy", "models.embedding"];
        let models = roles.iter().filter_map(|key| {
            let (model, origin) = config.get(key).filter(|(model, _)| !model.is_empty())?;
            Some(json!({"setting": key, "model": model, "origin": origin}))
        });
        Ok(json!({
            "projects": projects,
            "gates": gates,
            "runs": runs,
            "models": models.collect::<Vec<_>>(),
            "usage": {"today": view::usage(today), "total": view::usage(total)},
            "health": health,
        }))
    }

    pub(super) async fn gates(&self) -> Result<Value, Failure> {
        let mut gates = Vec::new();
        for row in self.rows().await? {
            match self.summary(&row).await {
                Ok(summary) => gates.extend(summary.gates.iter().cloned()),
                Err(failure) => {
                    tracing::warn!(project = %row.id, error = %failure, "its gates cannot be listed");
                }
            }
        }
        Ok(Value::Array(gates))
    }

    /// What model calls came to.
    pub(super) async fn usage(&self, project: Option<&str>) -> Result<Value, Failure> {
        let rows = match project {
            Some(project) => vec![self.row(project).await?],
            None => self.rows().await?,
        };
        let (mut today, mut total) = (Usage::default(), Usage::default());
        let mut projects = Vec::new();
        for row in rows {
            let summary = match self.summary(&row).await {
                Ok(summary) => summary,
                Err(failure) if project.is_some() => return Err(failure),
                Err(failure) => {
                    tracing::warn!(project = %row.id, error = %failure, "its usage is not counted");
                    continue;
                }
            };
            today = today.plus(summary.today);
            total = total.plus(summary.usage);
            projects.push(json!({
                "id": row.id, "name": summary.name,
                "today": view::usage(summary.today), "total": view::usage(summary.usage),
            }));
        }
        Ok(json!({"today": view::usage(today), "total": view::usage(total), "projects": projects}))
    }

    /// The summary of a project; made anew where its log has grown, or a day has begun.
    async fn summary(&self, row: &ProjectRow) -> Result<Arc<Summary>, Failure> {
        let day = clock::today();
        let awake = self.inner.projects.is_awake(row.id);
        if !awake && let Some(kept) = self.kept(row.id, row.last_seq, day) {
            return Ok(kept);
        }
        let project = self.open_project(row.id).await?;
        let state = project.state();
        if let Some(kept) = self.kept(row.id, state.seq, day) {
            return Ok(kept);
        }
        let inner = self.inner.clone();
        let summary = blocking(move || inner.summaries.of(&project, &state, day)).await?;
        let summary = Arc::new(summary);
        self.inner.summaries.kept().insert(row.id, summary.clone());
        Ok(summary)
    }

    fn kept(&self, id: ProjectId, seq: u64, day: Timestamp) -> Option<Arc<Summary>> {
        self.inner.summaries.kept().get(&id).filter(|kept| kept.seq == seq && kept.day == day).cloned()
    }

    /// Whether somebody drives a run is not in the log.
    fn with_life(&self, id: ProjectId, runs: &[Value]) -> Vec<Value> {
        let driven: Vec<String> = self.inner.projects.driven(id).iter().map(ToString::to_string).collect();
        let told = runs.iter().cloned().map(|mut run| {
            let live = run["id"].as_str().is_some_and(|id| driven.iter().any(|driven| driven == id));
            run["live"] = Value::Bool(live);
            run
        });
        told.collect()
    }
}

impl Summaries {
    /// Forgets all; they are made again when they are wanted.
    pub(super) fn forget(&self) {
        self.kept().clear();
        self.words.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, BTreeMap<ProjectId, Arc<Summary>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Blocks.
    fn of(&self, project: &Project, state: &State, day: Timestamp) -> Result<Summary, Failure> {
        let log = &*project.log;
        let content = state.content(&BranchId::MAIN).cloned().unwrap_or_default();
        let words = content
            .artifacts
            .values()
            .map(|artifact| self.words_of(log, artifact))
            .sum::<Result<u64, _>>()?;
        let mut counts: BTreeMap<&str, u64> = ["running", "waiting", "paused", "failed", "done"]
            .into_iter()
            .map(|status| (status, 0))
            .collect();
        counts.insert("done", state.closed_runs);
        let (mut gates, mut runs) = (Vec::new(), Vec::new());
        for run in state.runs.values() {
            let status = match run.status() {
                RunStatus::Running => "running",
                RunStatus::Waiting => "waiting",
                RunStatus::Paused => "paused",
                RunStatus::Failed => "failed",
                RunStatus::Done | RunStatus::Cancelled => "done",
            };
            *counts.entry(status).or_default() += 1;
            gates.extend(open_gates(project, state, run)?);
            runs.push(line(project, state, run));
        }
        let progress = json!({
            "runs": counts,
            "buckets": content.live(None).count(),
            "artifacts": content.artifacts.len(),
            "words": words,
            "usage": view::usage(state.usage),
            "cost": view::usage(state.usage)["cost"],
            "last_seq": state.seq,
        });
        let progress = progress.as_object().cloned().unwrap_or_default();
        let today = since(log, day)?;
        let name = state.name.clone();
        Ok(Summary { seq: state.seq, day, name, progress, gates, runs, today, usage: state.usage })
    }

    /// The words of an artifact's text for people. Long texts are counted once.
    fn words_of(&self, log: &dyn Log, artifact: &Artifact) -> Result<u64, Failure> {
        let Some(text) = &artifact.markdown else { return Ok(0) };
        let count = |text: &str| text.split_whitespace().count() as u64;
        let Text::Blob { blob, .. } = text else { return Ok(count(&view::plain(text, log)?)) };
        if let Some(n) = self.words.lock().unwrap_or_else(PoisonError::into_inner).get(blob) {
            return Ok(*n);
        }
        let n = count(&view::plain(text, log)?);
        self.words.lock().unwrap_or_else(PoisonError::into_inner).insert(*blob, n);
        Ok(n)
    }
}

fn line(project: &Project, state: &State, run: &Run) -> Value {
    let mut line = view::run_line(run, false);
    let settled = |status: StepStatus| matches!(status, StepStatus::Done | StepStatus::Skipped);
    let done = run.steps.values().filter(|step| settled(step.status)).count();
    line["project"] = json!(project.id);
    line["project_name"] = json!(state.name);
    line["steps"] = json!({"done": done, "total": run.steps.len().max(planned(project, state, run))});
    line["error"] = json!(run.error);
    line
}

/// How many steps the run's workflow names; what repeats counts once.
fn planned(project: &Project, state: &State, run: &Run) -> usize {
    let known = || project.shelf.definition(&run.definition);
    let definition = known().or_else(|| {
        // Without it, what has begun is all there is to tell.
        project.shelf.fetch(&*project.log, &run.definition, state).ok().and_then(|()| known())
    });
    definition.map_or(0, |compiled| compiled.definition.workflow.all_steps().len())
}

fn open_gates(project: &Project, state: &State, run: &Run) -> Result<Vec<Value>, Failure> {
    let mut gates = Vec::new();
    let open: Vec<_> = run.gates.values().filter(|gate| gate.decided.is_none()).collect();
    if open.is_empty() || run.outcome.is_some() {
        return Ok(gates);
    }
    let opened = opened_at(&*project.log, run)?;
    for gate in open {
        gates.push(json!({
            "id": gate.id,
            "project": project.id,
            "project_name": state.name,
            "run": run.id,
            "workflow": run.workflow,
            "step": gate.path,
            "kind": gate.kind,
            "prompt": view::plain(&gate.prompt, &*project.log)?,
            "findings": gate.findings,
            "actions": gate.actions,
            "since": opened.get(&gate.id),
        }));
    }
    Ok(gates)
}

fn opened_at(log: &dyn Log, run: &Run) -> Result<HashMap<GateId, Timestamp>, Failure> {
    let query = Query { correlation: Some(run.id), kinds: &["gate.opened"], ..Query::default() };
    let mut opened = HashMap::new();
    for envelope in log.read(query)? {
        if let Event::Gate(GateEvent::Opened(gate)) = &envelope.event {
            opened.insert(gate.gate, envelope.at);
        }
    }
    Ok(opened)
}

/// What calls since some moment came to: no older receipt is looked at but the first one.
fn since(log: &dyn Log, at: Timestamp) -> Result<Usage, Failure> {
    let (mut usage, mut upto) = (Usage::default(), None);
    loop {
        let query = Query {
            upto,
            kinds: &["receipt.recorded"],
            newest_first: true,
            limit: Some(AT_ONCE),
            ..Query::default()
        };
        let page = log.read(query)?;
        for envelope in &page {
            if envelope.at < at {
                return Ok(usage);
            }
            if let Event::Receipt(ReceiptEvent::Recorded(receipt)) = &envelope.event {
                usage = usage.plus(receipt.usage);
            }
        }
        match page.last() {
            Some(last) if page.len() == AT_ONCE => upto = Some(last.seq.saturating_sub(1)),
            _ => return Ok(usage),
        }
    }
}
