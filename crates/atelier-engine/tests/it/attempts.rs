//! Every retry, fallback and re-ask is an attempt of its own.

use atelier_domain::event::run::{Level, Profile, Route};
use atelier_domain::state::{AttemptStatus, RunStatus, StepStatus};
use atelier_engine::definition::{Limits, Retry};
use serde_json::json;

use crate::crew::{agent, definition};
use crate::harness::{Project, check};

fn one_agent(retry: Retry, fallback: &[&str]) -> Project {
    let mut p = Project::new();
    let fallback = fallback.iter().map(|m| (*m).to_owned()).collect();
    p.route = Route { model: "one".into(), level: Level::Agent, profile: Profile::Full, fallback };
    let mut step = agent("a", "writer");
    step.retry = retry;
    p.start(definition(vec![step]), json!({}));
    p
}

const TWICE: Retry = Retry { attempts: 2, backoff_ms: 100 };

#[test]
fn a_failure_that_a_retry_can_help_is_tried_again_after_a_growing_wait() {
    let mut p = one_agent(Retry { attempts: 4, backoff_ms: 100 }, &[]);
    for _ in 0..3 {
        p.fail("a", "timeout", true);
    }
    let waits: Vec<u64> = p.step("a").attempts.iter().map(|a| a.delay_ms).collect();
    assert_eq!(waits[0], 0);
    assert!((100..=125).contains(&waits[1]), "{waits:?}");
    assert!((200..=250).contains(&waits[2]) && (400..=500).contains(&waits[3]), "{waits:?}");
    p.fail("a", "timeout", true);
    assert_eq!(p.step("a").status, StepStatus::Failed);
    assert_eq!(p.run().error.as_ref().unwrap().code, "timeout");
    p.audit();
}

#[test]
fn a_server_that_asks_to_wait_is_given_the_time() {
    let mut p = one_agent(TWICE, &[]);
    let call = p.flying()[0].clone();
    let mut failure = crate::harness::call_failure("rate_limited", true);
    failure.retry_after_ms = 7000;
    p.when(p.answered(&call, Err(failure))).unwrap();
    assert_eq!(p.step("a").attempts[1].delay_ms, 7000);
}

#[test]
fn a_failure_that_no_retry_can_help_goes_straight_to_the_next_model_and_both_attempts_stay() {
    let mut p = one_agent(TWICE, &["two"]);
    p.news();
    p.fail("a", "no_such_model", false);
    check(
        &p.news(),
        "receipt.recorded a #1 no_such_model
        attempt.failed a #1: no_such_model
        attempt.requested a #2 on two",
    );
    p.answer("a");
    assert_eq!(p.status(), None, "the run is done");
    let receipts = p.log.iter().filter(|e| e.event.kind() == "receipt.recorded").count();
    assert_eq!(receipts, 2);
}

#[test]
fn each_model_of_the_chain_has_its_tries_and_then_the_step_fails() {
    let mut p = one_agent(TWICE, &["two"]);
    let mut models = Vec::new();
    while p.status() == Some(RunStatus::Running) {
        models.push(p.step("a").attempts.last().unwrap().model.clone().unwrap());
        p.fail("a", "unreachable", true);
    }
    assert_eq!(models, ["one", "one", "two", "two"]);
    assert_eq!(p.run().error.as_ref().unwrap().code, "no_model_reachable");
}

#[test]
fn a_wrong_answer_is_asked_for_once_more_with_what_was_wrong_and_then_nothing_is_kept() {
    let mut p = Project::given(vec![agent("a", "caster")]);
    p.news();
    p.answer_with("a", "I am sorry, I cannot do that");
    let news = p.news();
    assert!(news.contains("attempt.failed a #1: invalid_output"), "{news}");
    assert!(news.contains("attempt.requested a #2 because the answer is not JSON"), "{news}");
    assert_eq!(p.step("a").attempts[1].delay_ms, 0);
    p.answer_with("a", json!({"people": "none"}));
    check(
        &p.news(),
        "receipt.recorded a #2 invalid_output
        attempt.failed a #2: invalid_output
        step.failed a: invalid_output
        run.finished failed invalid_output",
    );
    assert_eq!(p.step("a").output, None);
    assert!(p.step("a").results.is_empty());
    assert!(p.content().buckets.is_empty() && p.content().artifacts.is_empty());
}

#[test]
fn a_second_answer_that_is_right_is_kept() {
    let mut p = Project::given(vec![agent("a", "caster")]);
    p.answer_with("a", "{\"people\": 3}");
    p.answer("a");
    assert_eq!(p.content().buckets.len(), 1);
    assert!(!p.is_open());
}

#[test]
fn a_refused_schema_does_not_use_up_the_tries() {
    let mut p = one_agent(TWICE, &[]);
    p.fail("a", "schema_refused", true);
    p.fail("a", "schema_refused", true);
    p.fail("a", "timeout", true);
    assert_eq!(
        p.step("a").attempts.iter().map(|a| a.delay_ms > 0).collect::<Vec<_>>(),
        [false, false, false, true]
    );
    p.answer("a");
    assert!(!p.is_open());
    let mut p = one_agent(TWICE, &[]);
    for _ in 0..3 {
        p.fail("a", "schema_refused", true);
    }
    assert_eq!(p.status(), Some(RunStatus::Failed), "it does not go on for ever");
}

#[test]
fn the_calls_of_one_piece_of_work_follow_each_other_and_a_finished_one_is_not_made_again() {
    let mut p = Project::given(vec![agent("a", "planner")]);
    p.answer("a");
    assert_eq!(p.step("a").attempts[1].call, 1);
    p.fail("a", "timeout", true);
    let calls: Vec<(u32, AttemptStatus)> = p.step("a").attempts.iter().map(|a| (a.call, a.status)).collect();
    assert_eq!(
        calls,
        [(0, AttemptStatus::Finished), (1, AttemptStatus::Failed), (1, AttemptStatus::Requested)]
    );
    p.answer("a");
    assert!(p.news().contains(r#"step.finished a = {"a":"a","b":"a"}"#));
}

#[test]
fn a_limit_stops_the_next_call() {
    for (limits, used) in [
        (Limits { tokens: 100, ..Limits::default() }, "110 of 100 tokens"),
        (Limits { cost_micros: 5, ..Limits::default() }, "5 of 5 millionths"),
    ] {
        let mut step = agent("a", "planner");
        step.limits = limits;
        let mut p = Project::given(vec![step]);
        p.answer("a");
        let error = p.run().error.clone().unwrap();
        assert_eq!(error.code, "limit_reached");
        assert!(error.message.contains(used), "{}", error.message);
        assert!(p.flying().is_empty());
    }
}

#[test]
fn a_call_that_could_not_be_asked_ends_its_step_without_a_receipt() {
    let mut p = one_agent(TWICE, &[]);
    let failure = crate::harness::call_failure("bad_template", false);
    p.when(atelier_engine::Command::Unasked { run: p.run, path: "a".into(), attempt: 1, failure }).unwrap();
    assert_eq!(p.run().error.as_ref().unwrap().code, "bad_template");
    assert_eq!(p.log.iter().filter(|e| e.event.kind() == "receipt.recorded").count(), 0);
    assert_eq!(p.state.usage.calls, 0);
}
