//! Pause, resume, step, cancel.

use atelier_domain::event::gate::GateAction;
use atelier_domain::event::run::GatePolicy;
use atelier_domain::state::{AttemptStatus, RunStatus, StepStatus};
use atelier_engine::{Command, Rejection};
use serde_json::json;

use crate::crew::{Spec, agent, step, transform};
use crate::harness::{Project, check};

fn three() -> Project {
    Project::given(vec![agent("a", "writer"), agent("b", "writer"), agent("c", "writer")])
}

fn begun(p: &Project) -> Vec<&str> {
    let mut steps: Vec<_> = p.run().steps.iter().map(|(path, s)| (s.order, path.as_str())).collect();
    steps.sort_unstable();
    steps.into_iter().map(|(_, path)| path).collect()
}

#[test]
fn after_a_pause_nothing_starts_until_it_is_resumed() {
    let mut p = three();
    p.pause();
    p.answer("a");
    assert_eq!(p.status(), Some(RunStatus::Paused));
    assert_eq!(p.step("a").status, StepStatus::Done, "the running call may finish");
    assert_eq!((p.paths().len(), begun(&p)), (0, vec!["a"]));
    p.kill();
    assert_eq!((p.paths().len(), p.status()), (0, Some(RunStatus::Paused)), "nor after a crash");
    p.resume();
    assert_eq!(p.paths(), ["b"]);
}

#[test]
fn a_pause_that_cuts_asks_again_when_it_is_resumed() {
    let mut p = three();
    p.news();
    p.pause_and_cut();
    check(&p.news(), "run.paused asked\nattempt.interrupted a #1");
    assert_eq!(p.run().usage.calls, 1, "what was cut is charged its estimate");
    p.resume();
    check(&p.news(), "run.resumed\nattempt.requested a #2");
}

#[test]
fn a_call_that_is_cut_has_its_receipt_at_once_and_a_late_answer_adds_nothing() {
    let mut p = three();
    p.sent("a");
    let call = p.flying()[0].clone();
    let answer = p.answered(&call, Ok(p.good(&call)));
    p.news();
    p.pause_and_cut();
    check(&p.news(), "run.paused asked\nreceipt.recorded a #1 interrupted\nattempt.interrupted a #1");
    assert_eq!(p.when(answer), Err(Rejection::Stale));
    p.resume();
    assert_eq!(p.flying(), [("a".to_owned(), 2)]);
    p.answer_all();
    assert_eq!(p.finished_calls(), ["a", "b", "c"]);
    p.audit();
}

#[test]
fn whatever_cuts_a_call_closes_its_receipt_with_it() {
    let cuts: [fn(&mut Project); 4] =
        [Project::kill, Project::pause_and_cut, Project::cancel, |p| p.rewind("a")];
    for cut in cuts {
        let mut p = three();
        p.sent("a");
        p.news();
        cut(&mut p);
        let news = p.news();
        assert!(news.contains("receipt.recorded a #1 interrupted\nattempt.interrupted a #1"), "{news}");
        p.audit();
    }
}

#[test]
fn a_call_that_waited_its_turn_when_it_was_cut_was_not_asked_and_has_no_receipt() {
    let mut p = three();
    p.news();
    p.kill();
    check(&p.news(), "attempt.interrupted a #1\nattempt.requested a #2");
}

#[test]
fn step_runs_exactly_one_step() {
    let mut p = three();
    p.pause();
    p.answer("a");
    p.one_step();
    assert_eq!(p.paths(), ["b"]);
    p.answer("b");
    assert_eq!((begun(&p), p.status()), (vec!["a", "b"], Some(RunStatus::Paused)));
    p.one_step();
    p.answer("c");
    assert!(!p.is_open(), "the last step ends the run");
}

#[test]
fn step_runs_one_leaf_at_a_time_inside_each_and_loop() {
    let inner = vec![agent("x", "writer"), transform("y", json!(1))];
    let every = step("every", "each").set("each", "[1, 2]").set("parallel", 2).arm("steps", inner);
    let again = step("again", "loop").set("until", "false").set("max", 2).arm("steps", vec![every]);
    let mut p = Project::given(vec![transform("first", json!(0)), again]);
    p.pause_and_cut();
    let leaves = |p: &Project| {
        p.run().steps.values().filter(|s| matches!(s.kind.as_str(), "agent" | "transform")).count()
    };
    // Two calls were under way when it was paused: they are the first two steps.
    let mut before = leaves(&p);
    assert_eq!(before, 3);
    for _ in 0..2 {
        p.one_step();
        assert_eq!((leaves(&p), p.paths().len()), (before, 1));
        p.answer_all();
    }
    for _ in 0..5 {
        before = leaves(&p);
        p.one_step();
        p.answer_all();
        assert_eq!(leaves(&p), before + 1);
        assert_eq!(p.status(), Some(RunStatus::Paused));
    }
    p.one_step();
    assert!(!p.is_open(), "the last leaf ends them all");
    assert_eq!(p.finished_calls().len(), 4);
}

#[test]
fn step_ends_a_half_done_step_and_begins_no_other() {
    let mut p = Project::given(vec![agent("a", "planner"), agent("b", "writer")]);
    p.pause();
    p.answer("a");
    assert_eq!(p.step("a").results.len(), 1);
    assert!(p.flying().is_empty(), "the second call is a new request: it waits");
    p.one_step();
    p.answer("a");
    assert_eq!((p.step("a").status, begun(&p)), (StepStatus::Done, vec!["a"]));
}

#[test]
fn step_on_a_running_run_pauses_it_after_the_next_step() {
    let mut p = three();
    p.one_step();
    assert_eq!(p.status(), Some(RunStatus::Paused));
    p.answer_all();
    assert_eq!(begun(&p), ["a", "b"]);
}

#[test]
fn cancel_ends_the_run_and_keeps_what_was_finished() {
    let mut p = Project::given(vec![agent("a", "caster"), agent("b", "writer")]);
    p.answer("a");
    p.news();
    p.cancel();
    check(&p.news(), "attempt.interrupted b #1\nrun.finished cancelled");
    assert_eq!(p.content().buckets.len(), 1, "partial results stay");
    for command in [
        Command::Resume { run: p.run },
        Command::Cancel { run: p.run, cut: None },
        Command::Step { run: p.run },
    ] {
        assert!(matches!(p.when(command), Err(Rejection::NotFound { what: "open run", .. })));
    }
    assert_eq!(p.when(p.answered(&("b".into(), 1), Ok("{}".into()))), Err(Rejection::Stale));
}

#[test]
fn a_failed_run_can_be_cancelled_and_not_paused() {
    let mut p = three();
    p.fail("a", "bad_request", false);
    let pause = p.when(Command::Pause { run: p.run, reason: "asked".into(), cut: None });
    assert!(matches!(pause, Err(Rejection::Refused { code: "run_is_over", .. })));
    p.cancel();
    assert_eq!(p.state.closed_runs, 1);
}

#[test]
fn resume_of_a_failed_run_opens_only_the_failed_step_again() {
    let mut p = Project::given(vec![
        agent("good", "writer").needs(&[]),
        agent("bad", "planner").needs(&[]),
        agent("after", "writer").needs(&["good", "bad"]),
    ]);
    p.answer("good");
    p.answer("bad");
    p.fail("bad", "bad_request", false);
    assert_eq!(p.status(), Some(RunStatus::Failed));
    p.news();
    p.resume();
    check(&p.news(), "run.resumed reopened bad\nattempt.requested bad #3 call 1");
    p.answer_all();
    assert_eq!(
        p.finished_calls(),
        ["after", "bad", "bad", "good"],
        "nothing that was finished is asked again"
    );
    p.audit();
}

#[test]
fn resume_of_a_run_that_failed_inside_goes_on_inside() {
    let every = step("every", "each")
        .set("each", "[1, 2]")
        .set("parallel", 2)
        .arm("steps", vec![agent("x", "writer")]);
    let mut p = Project::given(vec![every, agent("end", "writer")]);
    p.fail("every[1]/x", "bad_request", false);
    p.answer("every[0]/x");
    assert_eq!(p.status(), Some(RunStatus::Failed));
    p.resume();
    assert_eq!(p.flying(), [("every[1]/x".to_owned(), 2)]);
    p.answer_all();
    assert_eq!(p.finished_calls(), ["end", "every[0]/x", "every[1]/x"]);
}

#[test]
fn resume_after_a_rejection_begins_the_step_anew_and_asks_again() {
    let mut p = Project::given(vec![agent("a", "writer").gate(GatePolicy::Always), agent("b", "writer")]);
    p.answer("a");
    p.decide(GateAction::Reject, Some("too short")).unwrap();
    assert_eq!(p.status(), Some(RunStatus::Failed));
    p.resume();
    assert_eq!(
        p.flying(),
        [("a".to_owned(), 2)],
        "an attempt of its own, that no late answer can be taken for"
    );
    p.answer("a");
    assert_eq!(p.status(), Some(RunStatus::Waiting));
    p.decide(GateAction::Approve, None).unwrap();
    p.answer_all();
    assert!(!p.is_open());
    p.audit();
}

#[test]
fn a_crash_cuts_what_was_asked_and_asks_again() {
    let mut p = three();
    p.answer("a");
    p.news();
    p.kill();
    check(&p.news(), "attempt.interrupted b #1\nattempt.requested b #2");
    let interrupted = p.step("b").attempts.iter().filter(|a| a.status == AttemptStatus::Interrupted).count();
    assert_eq!(interrupted, 1);
    for _ in 0..10 {
        p.kill();
    }
    p.answer_all();
    assert_eq!(p.finished_calls(), ["a", "b", "c"], "crashes use up no tries");
}
