//! Rewind: an earlier step is opened again. The old line is kept as a branch, and what the run wrote since that step
//! is undone on its own line, by events that say so.

use std::collections::BTreeSet;
use std::sync::Arc;

use atelier_domain::event::artifact::{ArtifactEvent, ArtifactSaved, ArtifactWithdrawn};
use atelier_domain::event::branch::{BranchEvent, BranchForked};
use atelier_domain::event::bucket::{BucketArchived, BucketEdited, BucketEvent, Source};
use atelier_domain::event::canon::{CanonEvent, RuleRetired};
use atelier_domain::event::run::{RunEvent, RunRewound};
use atelier_domain::state::{Bucket, Content, RuleStatus, Run};
use atelier_domain::{Actor, BranchId, RunId};

use super::{done, enter, run};
use crate::command::{Cuts, Rejection, Reply};
use crate::compiled::Compiled;
use crate::definition::StepSpec;
use crate::plan;
use crate::work::Work;

/// `before` is the content of the run's branch right before the step began.
pub(super) fn rewind(
    work: &mut Work<'_>,
    id: RunId,
    step: &str,
    before: &Content,
    cut: &Cuts,
) -> Result<Reply, Rejection> {
    let compiled = enter(work, id)?;
    let not_found = || Rejection::NotFound { what: "step", name: step.to_owned() };
    let run_now = work.run().cloned().ok_or_else(not_found)?;
    let to = run_now.steps.iter().find(|(path, s)| path.as_str() == step || s.id.to_string() == step);
    let to = to.map(|(path, _)| path.clone()).ok_or_else(not_found)?;
    run::interrupt(work, &Some(cut.clone().unwrap_or_default()));
    let kept = keep_old_line(work, &run_now);
    let dropped = dropped(&compiled, &run_now, &to);
    undo_content(work, id, before, &dropped);
    work.emit(Actor::human(), RunEvent::Rewound(RunRewound { to, dropped, kept }));
    done(id)
}

fn keep_old_line(work: &mut Work<'_>, run: &Run) -> BranchId {
    let branch = BranchId::new(work.ids());
    let short: String =
        run.id.to_string().chars().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect();
    let n = 1 + work
        .state
        .branches
        .values()
        .filter(|b| b.name.starts_with(&format!("before-rewind-{short}")))
        .count();
    let forked = BranchForked {
        branch,
        name: format!("before-rewind-{short}-{n}"),
        parent: run.branch,
        at_seq: work.state.seq,
    };
    work.emit(Actor::human(), BranchEvent::Forked(forked));
    branch
}

/// The step itself, what stands under it, everything that needs it, and the places they stand under.
fn dropped(compiled: &Compiled, run: &Run, to: &str) -> Vec<String> {
    let since = run.steps.get(to).map_or(0, |step| step.order);
    let mut gone: BTreeSet<String> = BTreeSet::from([to.to_owned()]);
    loop {
        let more: Vec<String> = run
            .steps
            .iter()
            .filter(|(path, step)| {
                !gone.contains(*path) && step.order > since && follows(compiled, path, &gone)
            })
            .map(|(path, _)| path.clone())
            .collect();
        if more.is_empty() {
            return gone.into_iter().collect();
        }
        gone.extend(more);
    }
}

/// Whether a step stands under one that is gone, needs one, or belongs to a later round of the same repetition.
fn follows(compiled: &Compiled, path: &str, gone: &BTreeSet<String>) -> bool {
    let under = gone
        .iter()
        .any(|g| path.strip_prefix(g.as_str()).is_some_and(|r| r.starts_with('/') || r.starts_with('[')));
    under || needs_gone(compiled, path, gone) || later_round(path, gone)
}

fn needs_gone(compiled: &Compiled, path: &str, gone: &BTreeSet<String>) -> bool {
    let (prefix, id) = path.rsplit_once('/').map_or(("", path), |(prefix, id)| (prefix, id));
    let join = |id: &str| if prefix.is_empty() { id.to_owned() } else { format!("{prefix}/{id}") };
    let Some((spec, before)) = siblings(compiled, prefix).and_then(|steps| {
        let i = steps.iter().position(|spec| Some(spec.id.as_str()) == id.split('[').next())?;
        Some((steps[i], i.checked_sub(1).map(|j| steps[j])))
    }) else {
        return false;
    };
    let needs: Vec<&str> = match &spec.needs {
        Some(needs) => needs.iter().map(String::as_str).collect(),
        None => before.iter().map(|spec| spec.id.as_str()).collect(),
    };
    let touched = |need: &str| {
        let need = join(need);
        gone.iter().any(|g| {
            *g == need
                || g.strip_prefix(need.as_str()).is_some_and(|r| r.starts_with('/') || r.starts_with('['))
        })
    };
    needs.into_iter().any(touched)
}

fn siblings<'a>(compiled: &'a Compiled, prefix: &str) -> Option<Vec<&'a StepSpec>> {
    if prefix.is_empty() {
        return Some(compiled.definition.workflow.steps.iter().collect());
    }
    let parent = plan::locate(compiled, prefix)?;
    match parent.text("workflow").filter(|_| parent.kind == "call").and_then(|id| compiled.workflow(id)) {
        Some(workflow) => Some(workflow.steps.iter().collect()),
        None => Some(parent.arms.values().flatten().collect()),
    }
}

/// Whether a path stands in a later round than a gone one, at any depth of repetition they share.
fn later_round(path: &str, gone: &BTreeSet<String>) -> bool {
    let rounds = |text: &str| -> Vec<(String, u32)> {
        text.match_indices('[')
            .filter_map(|(open, _)| {
                let close = open + text[open..].find(']')?;
                Some((text[..open].to_owned(), text[open + 1..close].parse().ok()?))
            })
            .collect()
    };
    let own = rounds(path);
    let later = |(base, m): (String, u32)| own.iter().any(|(other, n)| *other == base && *n > m);
    gone.iter().flat_map(|g| rounds(g)).any(later)
}

/// Brings buckets, rules and artifacts that the dropped steps wrote back to what they were. What parallel steps wrote
/// meanwhile stays, and so does what a person wrote.
fn undo_content(work: &mut Work<'_>, run: RunId, before: &Content, dropped: &[String]) {
    let now = work.content();
    let undone =
        |source: &Option<Source>| source.as_ref().is_some_and(|s| s.run == run && dropped.contains(&s.step));
    for bucket in now.buckets.values().filter(|b| undone(&b.source)) {
        match before.buckets.get(&bucket.id) {
            Some(old) if old.version != bucket.version => {
                let edited = back_to(bucket, old);
                work.emit(Actor::engine(), BucketEvent::Edited(edited));
            }
            None if !bucket.archived && bucket.held.is_empty() => {
                work.emit(Actor::engine(), BucketEvent::Archived(BucketArchived { bucket: bucket.id }));
            }
            _ => {}
        }
    }
    for rule in now.rules.values().filter(|r| undone(&r.source)) {
        if !before.rules.contains_key(&rule.id) && rule.status != RuleStatus::Retired {
            work.emit(Actor::engine(), CanonEvent::RuleRetired(RuleRetired { rule: rule.id }));
        }
    }
    for (key, artifact) in &now.artifacts {
        if !undone(&artifact.source) {
            continue;
        }
        if !before.artifacts.contains_key(key) {
            let withdrawn = ArtifactWithdrawn { kind: artifact.kind.clone(), name: artifact.name.clone() };
            work.emit(Actor::engine(), ArtifactEvent::Withdrawn(withdrawn));
        }
        if let Some(old) = before.artifacts.get(key).filter(|old| old.version != artifact.version) {
            let saved = ArtifactSaved {
                artifact: old.id,
                kind: old.kind.clone(),
                name: old.name.clone(),
                version: artifact.version + 1,
                content: old.content.clone(),
                markdown: old.markdown.clone(),
                source: old.source.clone(),
            };
            work.emit(Actor::engine(), ArtifactEvent::Saved(saved));
        }
    }
}

/// The edit that brings a bucket back, but for what a person has written since.
fn back_to(now: &Bucket, old: &Arc<Bucket>) -> BucketEdited {
    let written = |key: &str| now.held.contains(key) && !old.held.contains(key);
    BucketEdited {
        bucket: now.id,
        title: (now.title != old.title && !written("title")).then(|| old.title.clone()),
        aliases: (now.aliases != old.aliases && !written("aliases")).then(|| old.aliases.clone()),
        set: old
            .fields
            .iter()
            .filter(|(k, v)| now.fields.get(*k) != Some(v) && !written(k))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
        removed: now.fields.keys().filter(|k| !old.fields.contains_key(*k) && !written(k)).cloned().collect(),
        body: (now.body != old.body && !written("body")).then(|| old.body.clone()),
        source: old.source.clone(),
    }
}
