//! A fork at any earlier point shares what held there, however the fold is told of it.

use std::collections::BTreeMap;

use atelier_domain::event::BranchEvent;
use atelier_domain::event::branch::BranchForked;
use atelier_domain::state::{Content, Stash};
use atelier_domain::{BranchId, Envelope, Event, State};
use proptest::prelude::*;
use serde_json::json;

use crate::any::{Loose, PROJECT, branch, content, fold, log, of_kind};

/// The content of every branch, by folding the events of each line from nothing.
fn naive(log: &[Envelope]) -> BTreeMap<BranchId, Content> {
    let forks: BTreeMap<BranchId, &BranchForked> = forks(log).map(|f| (f.branch, f)).collect();
    let on_line = |envelope: &Envelope, line: BranchId| {
        let (mut line, mut up_to) = (line, u64::MAX);
        loop {
            if envelope.branch == line && envelope.seq <= up_to {
                return true;
            }
            let Some(fork) = forks.get(&line) else { return false };
            (line, up_to) = (fork.parent, up_to.min(fork.at_seq));
        }
    };
    let ids = forks.keys().copied().chain([BranchId::MAIN]);
    ids.map(|id| {
        let line = log.iter().filter(|e| !matches!(e.event, Event::Branch(_)) && on_line(e, id));
        let moved: Vec<Envelope> = line.map(|e| Envelope { branch: BranchId::MAIN, ..e.clone() }).collect();
        (id, fold(State::new(PROJECT), &moved).content(&BranchId::MAIN).unwrap().clone())
    })
    .collect()
}

fn forks(log: &[Envelope]) -> impl Iterator<Item = &BranchForked> {
    log.iter().filter_map(|envelope| match &envelope.event {
        Event::Branch(BranchEvent::Forked(forked)) => Some(forked),
        _ => None,
    })
}

/// Content events on branches that are there, and forks of those at any earlier point.
fn well_formed() -> impl Strategy<Value = Vec<Envelope>> {
    let one = (content(), prop::option::weighted(0.3, (any::<u16>(), any::<u16>())), any::<u16>());
    prop::collection::vec(one, 1..50).prop_map(|steps| {
        let mut envelopes: Vec<Envelope> = Vec::new();
        let mut branches = vec![0u128];
        for (loose, fork, where_) in steps {
            let seq = envelopes.len() as u64;
            let loose = match fork {
                Some((parent, at)) => {
                    let (parent, child) = (branches[parent as usize % branches.len()], branches.len() as u128);
                    branches.push(child);
                    let at_seq = u64::from(at) % (seq + 1);
                    let body = json!({"branch": branch(child), "name": "b", "parent": branch(parent), "at_seq": at_seq});
                    Loose::on(parent, of_kind("branch.forked", &body))
                }
                None => loose,
            };
            let mut envelope = log(&[loose], seq).remove(0);
            if fork.is_none() {
                envelope.branch = branch(branches[where_ as usize % branches.len()]);
            }
            envelopes.push(envelope);
        }
        envelopes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn forks_at_any_point_equal_a_naive_replay_of_each_line(log in well_formed()) {
        let planned = State { stash: Stash::plan(forks(&log)), ..State::new(PROJECT) };
        let state = fold(planned, &log);
        for (id, content) in naive(&log) {
            prop_assert_eq!(state.content(&id).unwrap(), &content, "branch {}", id);
        }
    }

    #[test]
    fn an_owner_that_hands_in_each_content_comes_to_the_same(log in well_formed()) {
        let planned = fold(State { stash: Stash::plan(forks(&log)), ..State::new(PROJECT) }, &log);
        let mut live = State::new(PROJECT);
        for (i, envelope) in log.iter().enumerate() {
            if let Event::Branch(BranchEvent::Forked(forked)) = &envelope.event {
                let then = naive(&log[..i])[&forked.parent].clone();
                let at = naive_at(&log[..i], forked, then);
                live.stash.contents.insert((forked.parent, forked.at_seq), at);
            }
            live.apply(envelope);
        }
        prop_assert_eq!(live.branches, planned.branches);
    }
}

/// The content of the parent's line at the fork point.
fn naive_at(log: &[Envelope], forked: &BranchForked, now: Content) -> Content {
    let mut probe = log.to_vec();
    let seq = probe.len() as u64 + 1;
    let body = json!({"branch": branch(999), "name": "p", "parent": forked.parent, "at_seq": forked.at_seq});
    let mut envelope = crate::any::log(&[Loose::on(0, of_kind("branch.forked", &body))], seq - 1).remove(0);
    envelope.branch = forked.parent;
    probe.push(envelope);
    naive(&probe).remove(&branch(999)).unwrap_or(now)
}

#[test]
fn a_branch_that_is_there_is_never_forked_over() {
    let mut state = State::new(PROJECT);
    let rule = of_kind(
        "canon.rule_proposed",
        &json!({"rule": format!("rule_{:032x}", 1), "text": "t", "confidence_milli": 1}),
    );
    let over = of_kind(
        "branch.forked",
        &json!({"branch": BranchId::MAIN, "name": "x", "parent": BranchId::MAIN, "at_seq": 0}),
    );
    state = fold(state, &log(&[Loose::on(0, rule), Loose::on(0, over)], 0));
    assert_eq!(state.branches[&BranchId::MAIN].name, "main");
    assert_eq!(state.content(&BranchId::MAIN).unwrap().rules.len(), 1);
}
