//! The fold: what a log means.
//!
//! Owns: [`State::apply`], the only way a state changes. *Content* (buckets, canon, artifacts, memory) folds per branch, with
//! structural sharing, so that a fork costs nothing. *Operations* (runs, gates, feedback, settings) fold per project.
//! Does not own: indexes, files, lists of closed runs and old messages; those are read from the log.
//!
//! **Invariant**: `apply` is total. An event that fits nothing changes nothing but the sequence number.

mod content;
mod feedback;
mod memory;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

pub use content::{Artifact, Bucket, Content, Rule, RuleStatus};
pub use feedback::Feedback;
pub use memory::{Memory, RefusedName};
pub use run::{Attempt, AttemptStatus, Gate, Run, RunStatus, Step, StepStatus, Turn, Usage};

use crate::event::branch::BranchForked;
use crate::event::{BranchEvent, MessageEvent, ProjectEvent, ReceiptEvent, RunEvent};
use crate::{BranchId, Envelope, Event, ProjectId, RunId, Text};

/// Rises whenever the same log would fold to other bytes; snapshots of another version are thrown away.
pub const FOLD_VERSION: u32 = 1;

/// Everything that holds in a project after an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The project.
    pub project: ProjectId,
    /// Its name; empty before the first event.
    pub name: String,
    /// How often the project was reset.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub epoch: u64,
    /// The last event folded in.
    pub seq: u64,
    /// Settings of this project.
    pub settings: OrdMap<String, String>,
    /// What stands in forms: by form, then by field, as canonical JSON.
    #[serde(default, skip_serializing_if = "OrdMap::is_empty")]
    pub forms: OrdMap<String, OrdMap<String, Text>>,
    /// The branches with their content.
    pub branches: OrdMap<BranchId, Branch>,
    /// Runs that have not ended, and failed ones that can be resumed.
    pub runs: OrdMap<RunId, Arc<Run>>,
    /// How many runs have ended and left this state.
    pub closed_runs: u64,
    /// Feedback that some agent has still to hear, by message number.
    pub feedback: OrdMap<u64, Arc<Feedback>>,
    /// How many messages were sent.
    pub n_messages: u64,
    /// What all model calls of the project cost together.
    pub usage: Usage,
    /// What the fold needs from the past to apply coming events; never part of the state itself.
    #[serde(skip)]
    pub stash: Stash,
}

/// A branch: a name, a fork point and what holds on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// The branch it was forked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<BranchId>,
    /// The last sequence number it shares with its parent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub at_seq: u64,
    /// What holds on it.
    pub content: Content,
}

/// Pieces of the past that events to come refer to: the content at old fork points, and runs that are opened again.
///
/// [`Stash::plan`] fills `forks` before a fold begins, from an index of the log; a live owner fills `contents` and `runs`
/// right before it applies such an event. Two stashes are always equal: they say nothing about the state.
#[derive(Debug, Clone, Default)]
pub struct Stash {
    /// Fork points to come: at this sequence number, keep the content of that branch.
    pub forks: BTreeMap<u64, BTreeSet<BranchId>>,
    /// Runs that are opened again after they ended.
    pub reopened: BTreeSet<RunId>,
    /// Kept contents, by branch and sequence number.
    pub contents: BTreeMap<(BranchId, u64), Content>,
    /// Kept runs.
    pub runs: BTreeMap<RunId, Arc<Run>>,
}

impl PartialEq for Stash {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Stash {
    /// What the fold of a log must keep, given all forks of that log in order.
    pub fn plan<'a>(forks: impl IntoIterator<Item = &'a BranchForked>) -> Self {
        let mut stash = Self::default();
        let mut lines = BTreeMap::from([(BranchId::MAIN, None)]);
        for forked in forks {
            if lines.contains_key(&forked.branch) || !lines.contains_key(&forked.parent) {
                continue;
            }
            let origin = origin(forked.parent, forked.at_seq, |branch| lines.get(&branch).copied().flatten());
            stash.forks.entry(forked.at_seq).or_default().insert(origin);
            lines.insert(forked.branch, Some((forked.parent, forked.at_seq)));
        }
        stash
    }
}

/// The branch on whose own stretch of the line of `branch` this sequence number lies.
fn origin(branch: BranchId, seq: u64, forked_from: impl Fn(BranchId) -> Option<(BranchId, u64)>) -> BranchId {
    let mut branch = branch;
    while let Some((parent, at_seq)) = forked_from(branch)
        && seq <= at_seq
    {
        branch = parent;
    }
    branch
}

impl State {
    /// The state of a project before its first event.
    pub fn new(project: ProjectId) -> Self {
        let main = Branch { name: "main".into(), parent: None, at_seq: 0, content: Content::default() };
        Self {
            project,
            name: String::new(),
            seq: 0,
            epoch: 0,
            settings: OrdMap::new(),
            forms: OrdMap::new(),
            branches: OrdMap::unit(BranchId::MAIN, main),
            runs: OrdMap::new(),
            closed_runs: 0,
            feedback: OrdMap::new(),
            n_messages: 0,
            usage: Usage::default(),
            stash: Stash::default(),
        }
    }

    /// Folds one event in.
    pub fn apply(&mut self, envelope: &Envelope) {
        self.seq = envelope.seq;
        match &envelope.event {
            Event::Project(event) => self.apply_project(event),
            Event::Branch(BranchEvent::Forked(forked)) => self.fork(forked),
            Event::Bucket(_) | Event::Canon(_) | Event::Artifact(_) | Event::Memory(_) | Event::Name(_) => {
                if let Some(branch) = self.branches.get_mut(&envelope.branch) {
                    branch.content.apply(envelope);
                }
            }
            Event::Message(MessageEvent::Sent(sent)) => {
                self.n_messages = self.n_messages.max(sent.n);
                self.feedback.insert(sent.n, Arc::new(Feedback::new(envelope.id, sent)));
            }
            Event::Run(_) | Event::Step(_) | Event::Attempt(_) | Event::Gate(_) | Event::Receipt(_) => {
                self.apply_to_run(envelope);
            }
        }
        if self.stash.forks.contains_key(&envelope.seq) {
            self.keep_contents(envelope.seq);
        }
    }

    /// Keeps the content of branches that are forked at this point later on; one that is not there yet stays asked for.
    fn keep_contents(&mut self, seq: u64) {
        let wanted = self.stash.forks.remove(&seq).unwrap_or_default();
        let (here, later): (BTreeSet<_>, BTreeSet<_>) =
            wanted.into_iter().partition(|id| self.branches.contains_key(id));
        for id in here {
            if let Some(content) = self.content(&id).cloned() {
                self.stash.contents.insert((id, seq), content);
            }
        }
        if !later.is_empty() {
            self.stash.forks.insert(seq, later);
        }
    }

    /// What holds on a branch.
    pub fn content(&self, branch: &BranchId) -> Option<&Content> {
        self.branches.get(branch).map(|b| &b.content)
    }

    /// The branch with this id or name.
    pub fn find_branch(&self, id_or_name: &str) -> Option<BranchId> {
        self.branches
            .iter()
            .find(|(id, b)| b.name == id_or_name || id.to_string() == id_or_name)
            .map(|(id, _)| *id)
    }

    fn apply_project(&mut self, event: &ProjectEvent) {
        match event {
            ProjectEvent::Created(created) => {
                self.name.clone_from(&created.name);
                self.epoch = created.epoch;
            }
            ProjectEvent::Renamed(renamed) => self.name.clone_from(&renamed.name),
            ProjectEvent::SettingsChanged(changed) => {
                for (key, value) in &changed.set {
                    self.settings.insert(key.clone(), value.clone());
                }
                for key in &changed.removed {
                    self.settings.remove(key);
                }
            }
            ProjectEvent::FormKept(kept) => {
                let mut form = self.forms.get(&kept.form).cloned().unwrap_or_default();
                kept.removed.iter().for_each(|field| drop(form.remove(field)));
                form.extend(kept.set.iter().map(|(field, value)| (field.clone(), value.clone())));
                if form.is_empty() {
                    self.forms.remove(&kept.form);
                } else {
                    self.forms.insert(kept.form.clone(), form);
                }
            }
        }
    }

    fn fork(&mut self, forked: &BranchForked) {
        if self.branches.contains_key(&forked.branch) {
            return;
        }
        let Some(content) = self.content_at(forked.parent, forked.at_seq) else { return };
        let branch =
            Branch { name: forked.name.clone(), parent: Some(forked.parent), at_seq: forked.at_seq, content };
        self.branches.insert(forked.branch, branch);
        let asked: Vec<u64> = self.stash.forks.range(..self.seq).map(|(seq, _)| *seq).collect();
        asked.into_iter().for_each(|seq| self.keep_contents(seq));
    }

    /// What held on a branch at an earlier point: kept for this, or what holds on it now.
    fn content_at(&self, branch: BranchId, seq: u64) -> Option<Content> {
        let now = self.content(&branch)?;
        if seq == 0 {
            return Some(Content::default());
        }
        let origin =
            origin(branch, seq, |id| self.branches.get(&id).and_then(|b| Some((b.parent?, b.at_seq))));
        let kept = |id| self.stash.contents.get(&(id, seq));
        Some(kept(branch).or_else(|| kept(origin)).unwrap_or(now).clone())
    }

    fn apply_to_run(&mut self, envelope: &Envelope) {
        let Some(id) = envelope.correlation else { return };
        if let Event::Run(RunEvent::Started(started)) = &envelope.event {
            self.runs.insert(id, Arc::new(Run::begin(id, envelope, started)));
            return;
        }
        self.hear(envelope);
        if !self.runs.contains_key(&id) {
            let Some(run) = self.stash.runs.remove(&id) else { return };
            self.closed_runs = self.closed_runs.saturating_sub(1);
            self.runs.insert(id, run);
        }
        let Some(run) = self.runs.get_mut(&id) else { return };
        let run = Arc::make_mut(run);
        let before = run.usage;
        run.apply(envelope);
        self.usage = self.usage.plus(run.usage.minus(before));
        if run.is_closed() {
            self.close(id);
        }
    }

    /// A prompt that reached its model has made the feedback in it history for that agent.
    fn hear(&mut self, envelope: &Envelope) {
        let Event::Receipt(ReceiptEvent::Recorded(receipt)) = &envelope.event else { return };
        if receipt.error.is_some() || receipt.feedback.is_empty() {
            return;
        }
        let numbers: Vec<u64> = self
            .feedback
            .iter()
            .filter(|(_, f)| receipt.feedback.contains(&f.event))
            .map(|(n, _)| *n)
            .collect();
        for n in numbers {
            let Some(feedback) = self.feedback.get_mut(&n) else { continue };
            let feedback = Arc::make_mut(feedback);
            if let Some(run) = envelope.correlation {
                let at = feedback::place(run, &receipt.path);
                feedback.heard_by.entry(receipt.agent.clone()).or_insert(at);
            }
        }
    }

    fn close(&mut self, id: RunId) {
        self.closed_runs += 1;
        if let Some(run) = self.runs.remove(&id)
            && self.stash.reopened.contains(&id)
        {
            self.stash.runs.insert(id, run);
        }
        let past: Vec<u64> = self
            .feedback
            .iter()
            .filter(|(_, f)| f.run == Some(id) || (f.run.is_none() && !f.heard_by.is_empty()))
            .map(|(n, _)| *n)
            .collect();
        for n in past {
            self.feedback.remove(&n);
        }
    }
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}
