//! Laws of the fold, over random logs.

use std::collections::BTreeSet;

use atelier_domain::state::Stash;
use atelier_domain::{Envelope, Event, State};
use proptest::prelude::*;
use serde_json::json;

use crate::any::{Loose, PROJECT, any_event, bytes, content, fold, log, of_kind, run};

/// The log as the store gives it back.
fn stored(log: &[Envelope]) -> Vec<Envelope> {
    log.iter()
        .map(|envelope| serde_json::from_str(&serde_json::to_string(envelope).unwrap()).unwrap())
        .collect()
}

fn reopened() -> Stash {
    Stash { reopened: BTreeSet::from([run(0), run(1)]), ..Stash::default() }
}

fn new_state() -> State {
    State { stash: reopened(), ..State::new(PROJECT) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_same_log_folds_to_the_same_bytes(events in prop::collection::vec(any_event(), 0..60)) {
        let log = log(&events, 0);
        let once = fold(new_state(), &log);
        let again = fold(new_state(), &stored(&log));
        prop_assert_eq!(&once, &again);
        prop_assert_eq!(bytes(&once), bytes(&again));
        prop_assert_eq!(once.seq, events.len() as u64);
    }

    #[test]
    fn a_snapshot_folds_on_to_the_same_bytes(
        events in prop::collection::vec(any_event(), 1..60),
        cut in any::<prop::sample::Index>(),
    ) {
        let log = log(&events, 0);
        let (before, after) = log.split_at(cut.index(log.len()));
        let whole = fold(State::new(PROJECT), &log);
        let snapshot = bytes(&fold(State::new(PROJECT), before));
        let back: State = serde_json::from_str(&snapshot).unwrap();
        prop_assert_eq!(bytes(&back), snapshot);
        prop_assert_eq!(bytes(&fold(back, after)), bytes(&whole));
    }

    #[test]
    fn content_of_one_branch_never_reaches_another(
        events in prop::collection::vec(any_event(), 0..40),
        one in content(),
    ) {
        let mut state = fold(new_state(), &log(&events, 0));
        let envelope = log(&[one], state.seq).remove(0);
        let before = state.clone();
        state.apply(&envelope);
        for (id, branch) in &before.branches {
            if *id != envelope.branch {
                prop_assert_eq!(&state.branches[id], branch);
            }
        }
        prop_assert_eq!(state.runs, before.runs);
        prop_assert_eq!(state.branches.len(), before.branches.len());
    }

    #[test]
    fn what_a_run_does_touches_no_content_and_the_sums_agree(events in prop::collection::vec(any_event(), 0..60)) {
        let mut state = new_state();
        for envelope in log(&events, 0) {
            let before = state.branches.clone();
            state.apply(&envelope);
            let content = matches!(envelope.event, Event::Bucket(_) | Event::Canon(_) | Event::Artifact(_) | Event::Memory(_) | Event::Name(_) | Event::Branch(_));
            prop_assert!(content || state.branches == before);
            for run in state.runs.values() {
                prop_assert!(!run.is_closed());
                let of_attempts = run.steps.values().flat_map(|s| &s.attempts).count();
                let mut numbers = BTreeSet::new();
                numbers.extend(run.in_flight().map(|(path, a)| (path.to_owned(), a.number)));
                prop_assert!(numbers.len() <= of_attempts);
            }
        }
    }
}

#[test]
fn a_closed_run_leaves_the_state_and_comes_back_whole_when_it_is_opened_again() {
    let of = |kind: &str, body| (kind.to_owned(), body);
    let story = [
        of(
            "run.started",
            json!({"workflow": "w", "definition": atelier_domain::Hash::of(b"d"), "inputs": "{}"}),
        ),
        of("step.started", json!({"step": format!("step_{:032x}", 1), "path": "a", "kind": "transform"})),
        of("step.finished", json!({"path": "a", "output": "1"})),
        of("run.finished", json!({"outcome": "done", "outputs": "{\"x\":1}"})),
        of("run.rewound", json!({"to": "a", "dropped": ["a"], "kept": format!("brn_{:032x}", 9)})),
        of("run.resumed", json!({})),
        of("run.finished", json!({"outcome": "done", "outputs": "{\"x\":2}"})),
    ];
    let events: Vec<Loose> =
        story.iter().map(|(kind, body)| Loose::on(0, of_kind(kind, body)).within(0)).collect();
    let log = log(&events, 0);
    let closed = fold(new_state(), &log[..4]);
    assert!(closed.runs.is_empty());
    assert_eq!(closed.closed_runs, 1);
    let open = fold(closed, &log[4..6]);
    assert_eq!(open.closed_runs, 0);
    let again = &open.runs[&run(0)];
    assert_eq!((again.outputs.clone(), again.outcome, again.steps.len(), again.n_steps), (None, None, 0, 1));
    let end = fold(open, &log[6..]);
    assert_eq!((end.closed_runs, end.runs.len()), (1, 0));
    let forgotten = fold(State::new(PROJECT), &log);
    assert_eq!((forgotten.closed_runs, forgotten.runs.len()), (1, 0), "without a plan it stays closed");
}

#[test]
fn a_second_result_of_an_attempt_changes_nothing() {
    let step = json!({"step": format!("step_{:032x}", 1), "path": "a", "kind": "agent"});
    let usage = json!({"calls": 1, "input_tokens": 2, "output_tokens": 3, "cost_micros": 4});
    let error = json!({"code": "c", "message": "m"});
    let results = [
        of_kind("attempt.finished", &json!({"path": "a", "attempt": 1, "output": "1", "usage": usage})),
        of_kind("attempt.failed", &json!({"path": "a", "attempt": 1, "error": error, "usage": usage})),
        of_kind("attempt.interrupted", &json!({"path": "a", "attempt": 1, "estimate": usage})),
    ];
    let start = [
        of_kind(
            "run.started",
            &json!({"workflow": "w", "definition": atelier_domain::Hash::of(b"d"), "inputs": "{}"}),
        ),
        of_kind("step.started", &step),
        of_kind("attempt.requested", &json!({"path": "a", "attempt": 1})),
        of_kind("attempt.requested", &json!({"path": "a", "attempt": 2})),
    ];
    for first in &results {
        let once: Vec<Loose> =
            start.iter().chain([first]).map(|e| Loose::on(0, e.clone()).within(0)).collect();
        let after_one = fold(new_state(), &log(&once, 0));
        for second in &results {
            let mut after_two = after_one.clone();
            after_two.apply(&log(&[Loose::on(0, second.clone()).within(0)], after_one.seq)[0]);
            assert_eq!(after_two.runs, after_one.runs);
            assert_eq!(after_two.usage.calls, 1);
        }
        assert_eq!(after_one.runs[&run(0)].in_flight().map(|(_, a)| a.number).collect::<Vec<_>>(), [2]);
    }
}
