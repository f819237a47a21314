//! From a log to its state: the newest snapshot, then the rest of the events; and views of any branch at any number.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use atelier_domain::event::RunEvent;
use atelier_domain::event::branch::BranchForked;
use atelier_domain::event::run::Outcome;
use atelier_domain::state::{Run, Stash};
use atelier_domain::{BranchId, Envelope, Event, FOLD_VERSION, ProjectId, RunId, State};
use atelier_store::{Health, Log, Query, Verify};

use crate::Failure;
use crate::codes;

/// So many events since the last snapshot are worth a new one.
pub(crate) const SNAPSHOT_EVERY: u64 = 2_000;

/// The state after the last event. Blocks.
pub(crate) fn current(log: &dyn Log, project: ProjectId) -> Result<(State, u64), Failure> {
    let stash = plan(log, None)?;
    let (mut state, from) = start(log, project, u64::MAX, &stash)?;
    match fold(log, &mut state, None) {
        // What comes before the damage can still be read, copied and checked; the log refuses to go on from there.
        Err(error) if log.health() != Health::Ok => {
            tracing::error!(%project, %error, upto = state.seq, "the project is shown up to where it can be read");
        }
        folded => folded?,
    }
    state.stash = Stash::default();
    Ok((state, from))
}

/// The state after event `at`. Blocks.
pub(crate) fn at(log: &dyn Log, project: ProjectId, at: u64) -> Result<State, Failure> {
    let stash = plan(log, Some(at))?;
    let (mut state, _) = start(log, project, at, &stash)?;
    fold(log, &mut state, Some(at))?;
    state.stash = Stash::default();
    Ok(state)
}

/// The state after event `at`, from the first event on and without any snapshot. Blocks.
pub(crate) fn from_nothing(log: &dyn Log, project: ProjectId, at: u64) -> Result<State, Failure> {
    let mut state = State::new(project);
    state.stash = plan(log, Some(at))?;
    fold(log, &mut state, Some(at))?;
    state.stash = Stash::default();
    Ok(state)
}

/// What held on a branch after event `at` of its line. Blocks.
pub(crate) fn content_at(
    log: &dyn Log,
    project: ProjectId,
    branch: BranchId,
    at_seq: u64,
) -> Result<atelier_domain::state::Content, Failure> {
    // Before it was forked, a branch was its parent.
    let forks = log.forks()?;
    let (mut branch, mut at_seq) = (branch, at_seq);
    while let Some(fork) = forks.iter().find(|fork| fork.branch == branch && fork.seq > at_seq) {
        at_seq = at_seq.min(fork.at_seq);
        branch = fork.parent;
    }
    let state = at(log, project, at_seq)?;
    let gone = || Failure::not_found("branch", &branch.to_string(), "see the project's branches");
    state.content(&branch).cloned().ok_or_else(gone)
}

/// A run as its own events tell it, whether it is open or closed; `None` when there is no such run. Blocks.
pub(crate) fn run(log: &dyn Log, id: RunId) -> Result<Option<(Run, Vec<Envelope>)>, Failure> {
    let events = log.read(Query { correlation: Some(id), ..Query::default() })?;
    let mut run: Option<Run> = None;
    for envelope in &events {
        match (&mut run, &envelope.event) {
            (None, Event::Run(RunEvent::Started(started))) => run = Some(Run::begin(id, envelope, started)),
            (Some(run), _) => run.apply(envelope),
            (None, _) => {}
        }
    }
    Ok(run.map(|run| (run, events)))
}

/// How a run ended last; `None` when it never did. Reads one event, however long the run was. Blocks.
pub(crate) fn outcome(log: &dyn Log, id: RunId) -> Result<Option<Outcome>, Failure> {
    let last = Query {
        correlation: Some(id),
        kinds: &["run.finished"],
        newest_first: true,
        limit: Some(1),
        ..Query::default()
    };
    Ok(log.read(last)?.iter().find_map(|envelope| match &envelope.event {
        Event::Run(RunEvent::Finished(finished)) => Some(finished.outcome),
        _ => None,
    }))
}

/// What the fold has to keep on its way: contents at old fork points, runs that are opened again later.
fn plan(log: &dyn Log, upto: Option<u64>) -> Result<Stash, Failure> {
    let forks: Vec<BranchForked> = log
        .forks()?
        .into_iter()
        .map(|f| BranchForked { branch: f.branch, name: f.name, parent: f.parent, at_seq: f.at_seq })
        .collect();
    let mut stash = Stash::plan(&forks);
    let kinds = &["run.resumed", "run.rewound"];
    let reopened = log.read(Query { kinds, upto, ..Query::default() })?;
    stash.reopened = reopened.iter().filter_map(|e| e.correlation).collect::<BTreeSet<_>>();
    Ok(stash)
}

/// The newest snapshot that can be built on, or the empty state.
fn start(log: &dyn Log, project: ProjectId, at: u64, stash: &Stash) -> Result<(State, u64), Failure> {
    let mut state = State::new(project);
    if let Some((seq, bytes)) = log.snapshot_latest(at, FOLD_VERSION)?
        && let Ok(kept) = serde_json::from_slice::<State>(&bytes)
        && kept.seq == seq
        && kept.project == project
        && reachable(log, &kept)?
    {
        state = kept;
    }
    let from = state.seq;
    state.stash = stash.clone();
    Ok((state, from))
}

/// Whether nothing after `seq` refers to what is only found before it: an old fork point, a run that had closed.
fn reachable(log: &dyn Log, kept: &State) -> Result<bool, Failure> {
    if log.forks()?.iter().any(|fork| fork.seq > kept.seq && fork.at_seq < kept.seq) {
        return Ok(false);
    }
    let kinds = &["run.resumed", "run.rewound"];
    let later = log.read(Query { after: kept.seq, kinds, ..Query::default() })?;
    let mut begun = BTreeSet::new();
    for envelope in log.read(Query { after: kept.seq, kinds: &["run.started"], ..Query::default() })? {
        begun.extend(envelope.correlation);
    }
    let known = |run: &RunId| kept.runs.contains_key(run) || begun.contains(run);
    Ok(later.iter().filter_map(|e| e.correlation).all(|run| known(&run)))
}

fn fold(log: &dyn Log, state: &mut State, upto: Option<u64>) -> Result<(), Failure> {
    log.for_each(state.seq, upto, Verify::No, &mut |envelope| {
        state.apply(&envelope);
        ControlFlow::Continue(())
    })?;
    Ok(())
}

/// The bytes of a snapshot.
pub(crate) fn snapshot(state: &State) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(state).map_err(|error| Failure::failed(codes::INTERNAL, error.to_string(), ""))
}

/// A closed run is needed in the state again: it is brought there before the command that opens it.
pub(crate) fn bring_back(log: &dyn Log, state: &mut State, id: RunId) -> Result<bool, Failure> {
    let Some((run, _)) = run(log, id)? else { return Ok(false) };
    state.stash.runs.insert(id, Arc::new(run));
    Ok(true)
}
