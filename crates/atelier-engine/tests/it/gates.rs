//! At a gate each action has its own effect.

use atelier_domain::event::gate::GateAction;
use atelier_domain::event::run::{GatePolicy, Level, Profile, Route};
use atelier_domain::state::{RunStatus, StepStatus};
use atelier_engine::{Command, Rejection};
use serde_json::json;

use crate::crew::{Spec, agent, step, transform};
use crate::harness::{Project, check};

/// A run that waits at the gate of its first step.
fn at_the_gate() -> Project {
    let mut p = Project::given(vec![
        agent("a", "caster").gate(GatePolicy::Always),
        transform("b", json!("{{ steps.a.output }}")),
    ]);
    p.answer_with("a", json!({"people": [{"name": "Ann"}]}));
    assert_eq!(p.status(), Some(RunStatus::Waiting));
    assert!(p.content().buckets.is_empty(), "nothing is kept before it is decided");
    p.news();
    p
}

fn calls(p: &Project) -> usize {
    p.log.iter().filter(|e| e.event.kind() == "attempt.requested").count()
}

#[test]
fn approve_keeps_the_output_as_it_is() {
    let mut p = at_the_gate();
    p.decide(GateAction::Approve, None).unwrap();
    check(
        &p.news(),
        r#"gate.decided approve
        step.finished a = {"people":[{"name":"Ann"}]}
        bucket.created person Ann {}
        artifact.saved bible/people v1
        step.started b
        step.finished b = {"people":[{"name":"Ann"}]}
        run.finished done {}"#,
    );
}

#[test]
fn edit_keeps_the_persons_text_and_calls_no_model() {
    let mut p = at_the_gate();
    p.decide(GateAction::Edit, Some(r#"{"people": [{"name": "Bea"}]}"#)).unwrap();
    let news = p.news();
    assert!(news.contains("gate.decided edit") && news.contains("bucket.created person Bea"), "{news}");
    assert_eq!(calls(&p), 1);
}

#[test]
fn paste_keeps_an_output_made_elsewhere_and_calls_no_model() {
    let mut p = at_the_gate();
    p.decide(GateAction::Paste, Some("```json\n{\"people\": [{\"name\": \"Cy\"}]}\n```")).unwrap();
    let news = p.news();
    assert!(news.contains("gate.decided paste") && news.contains("bucket.created person Cy"), "{news}");
    assert_eq!(calls(&p), 1);
}

#[test]
fn a_wrong_text_is_refused_and_changes_nothing() {
    let mut p = at_the_gate();
    let before = p.log.len();
    for action in [GateAction::Edit, GateAction::Paste] {
        for text in
            ["some prose", r#"{"people": "Ann"}"#, "{\"persons\": []}", r#"{"people": [{"name": " "}]}"#]
        {
            let refused = p.decide(action, Some(text));
            assert!(
                matches!(refused, Err(Rejection::Invalid { code: "wrong_output", .. })),
                "{text}: {refused:?}"
            );
        }
        assert!(matches!(p.decide(action, Some("  ")), Err(Rejection::Invalid { code: "missing_text", .. })));
    }
    assert_eq!((p.log.len(), p.status()), (before, Some(RunStatus::Waiting)));
}

#[test]
fn skip_passes_over_the_step_without_a_call_and_says_so() {
    let mut p = at_the_gate();
    p.decide(GateAction::Skip, Some("not needed")).unwrap();
    check(
        &p.news(),
        "gate.decided skip
        step.skipped a: not needed
        step.started b
        step.finished b = null
        run.finished done {}",
    );
    assert!(p.content().buckets.is_empty());
}

#[test]
fn retry_asks_the_same_model_again() {
    let mut p = at_the_gate();
    p.decide(GateAction::Retry, None).unwrap();
    check(&p.news(), "gate.decided retry\nattempt.requested a #2");
    p.answer("a");
    assert_eq!(p.status(), Some(RunStatus::Waiting), "and the gate opens again");
    p.decide(GateAction::Approve, None).unwrap();
    assert_eq!(p.content().buckets.values().next().unwrap().title, "Mara");
}

#[test]
fn change_model_asks_another_model() {
    let mut p = at_the_gate();
    let gate = p.gate();
    assert!(matches!(
        p.decide(GateAction::ChangeModel, None),
        Err(Rejection::Invalid { code: "missing_model", .. })
    ));
    let route =
        Route { model: "bigger".into(), level: Level::Step, profile: Profile::Full, fallback: vec![] };
    p.when(Command::Decide {
        gate,
        action: GateAction::ChangeModel,
        text: None,
        route: Some(route),
        cut: Default::default(),
    })
    .unwrap();
    check(&p.news(), "gate.decided change-model\nattempt.requested a #2 on bigger");
}

#[test]
fn chat_is_a_talk_of_several_turns_at_an_open_gate() {
    let mut p = at_the_gate();
    p.decide(GateAction::Chat, Some("someone older")).unwrap();
    check(&p.news(), "gate.turned chat: someone older\nattempt.requested a #2");
    assert!(p.context("a", 2).contains(&("turn".into(), "someone older".into())), "the agent reads it");
    p.answer_with("a", json!({"people": [{"name": "Old Ann"}]}));
    check(
        &p.news(),
        r#"receipt.recorded a #2
        attempt.finished a #2
        gate.turned answer: {"people":[{"name":"Old Ann"}]}"#,
    );
    p.decide(GateAction::Chat, Some("and wiser")).unwrap();
    assert_eq!(
        p.context("a", 3).iter().filter(|(source, _)| source == "turn").count(),
        3,
        "with all that was said"
    );
    p.answer_with("a", json!({"people": [{"name": "Wise Ann"}]}));
    assert_eq!(p.run().gates.len(), 1, "it is the same gate");
    p.decide(GateAction::Approve, None).unwrap();
    assert_eq!(p.content().buckets.values().next().unwrap().title, "Wise Ann");
}

#[test]
fn pin_stays_with_the_step_and_calls_no_model_by_itself() {
    let mut p = at_the_gate();
    p.decide(GateAction::Pin, Some("the sea is salt")).unwrap();
    check(&p.news(), "gate.turned pin: the sea is salt");
    assert_eq!((calls(&p), p.status()), (1, Some(RunStatus::Waiting)));
    p.decide(GateAction::Retry, None).unwrap();
    assert!(p.context("a", 2).contains(&("pin".into(), "the sea is salt".into())));
}

#[test]
fn reject_fails_the_step_with_the_reason_and_keeps_nothing() {
    let mut p = at_the_gate();
    p.decide(GateAction::Reject, Some("dull")).unwrap();
    check(&p.news(), "gate.decided reject\nstep.failed a: rejected\nrun.finished failed rejected");
    assert_eq!(p.run().error.as_ref().unwrap().message, "rejected: dull");
    assert!(p.content().buckets.is_empty());
}

#[test]
fn a_gate_is_decided_once_and_only_in_offered_ways() {
    let steps = vec![
        agent("a", "writer"),
        step("ask", "gate").gate(GatePolicy::Always).set("prompt", "Go on?"),
        agent("b", "writer"),
    ];
    let mut p = Project::given(steps);
    p.answer("a");
    let gate = p.gate();
    assert!(matches!(
        p.decide(GateAction::Retry, None),
        Err(Rejection::Refused { code: "action_not_offered", .. })
    ));
    p.decide(GateAction::Approve, None).unwrap();
    let again = p.when(Command::Decide {
        gate,
        action: GateAction::Skip,
        text: None,
        route: None,
        cut: Default::default(),
    });
    assert!(matches!(again, Err(Rejection::Refused { code: "gate_decided", .. })));
    assert_eq!(p.step("ask").status, StepStatus::Done);
}

/// Whether a person was asked under this policy of the run.
fn asks(run: Option<GatePolicy>, own: GatePolicy, people: serde_json::Value) -> bool {
    let mut p = Project::new();
    p.gates = run;
    p.start(crate::crew::definition(vec![agent("a", "caster").gate(own)]), json!({}));
    p.answer_with("a", json!({"people": people}));
    p.status() == Some(RunStatus::Waiting)
}

#[test]
fn the_policy_says_when_an_output_is_shown() {
    let (ann, nobody) = (json!([{"name": "Ann"}]), json!([]));
    for (run, own, with_findings, without) in [
        (None, GatePolicy::Always, true, true),
        (None, GatePolicy::OnViolation, true, false),
        (None, GatePolicy::Never, false, false),
        (Some(GatePolicy::Never), GatePolicy::Always, false, false),
        (Some(GatePolicy::Always), GatePolicy::Never, true, true),
        (Some(GatePolicy::OnViolation), GatePolicy::Always, true, false),
    ] {
        assert_eq!(asks(run, own, nobody.clone()), with_findings, "{run:?} {own:?} with a finding");
        assert_eq!(asks(run, own, ann.clone()), without, "{run:?} {own:?} without");
    }
}

#[test]
fn findings_are_shown_at_the_gate_and_stay_with_the_step() {
    let mut p =
        Project::given(vec![agent("a", "caster").gate(GatePolicy::OnViolation), agent("b", "writer")]);
    p.answer_with("a", json!({"people": []}));
    assert_eq!(p.run().open_gates().next().unwrap().findings, ["nobody is in it"]);
    p.decide(GateAction::Approve, None).unwrap();
    assert_eq!(p.step("a").findings, ["nobody is in it"]);
}

#[test]
fn a_gate_step_shows_what_it_is_about_and_gives_what_was_decided() {
    let gate = || {
        step("ask", "gate")
            .set("prompt", "Keep {{ steps.a.output.text }}?")
            .set("about", json!({"it": "{{ steps.a.output.text }}"}))
            .set("violations", "['x'] if inputs.flag else []")
    };
    let open = |flag: bool, policy| {
        let mut p = Project::new();
        let steps = vec![
            agent("a", "writer"),
            gate().gate(policy),
            transform("b", json!("{{ steps.ask.output }}")),
            agent("c", "writer"),
        ];
        p.start(crate::crew::definition(steps), json!({"flag": flag}));
        p.answer_with("a", json!({"text": "rain"}));
        p
    };
    let mut p = open(false, GatePolicy::OnViolation);
    assert!(
        p.news().contains(r#"step.finished b = {"it":"rain"}"#),
        "nothing was found: approved by the policy"
    );
    let mut p = open(true, GatePolicy::OnViolation);
    assert!(p.news().contains(r#"gate.opened ask decision {"it":"rain"} x"#));
    p.decide(GateAction::Edit, Some(r#"{"it": "snow"}"#)).unwrap();
    assert!(p.news().contains(r#"step.finished b = {"it":"snow"}"#));
    let mut p = open(true, GatePolicy::Never);
    assert!(p.news().contains(r#"step.finished b = {"it":"rain"}"#));
    let mut p = open(true, GatePolicy::Always);
    for nobody_hears in [GateAction::Chat, GateAction::Pin] {
        let refused = p.decide(nobody_hears, Some("why?"));
        assert!(matches!(refused, Err(Rejection::Refused { .. })), "no agent stands behind it: {refused:?}");
    }
    assert!(!p.news().contains("gate.turned"), "no turn that nobody hears");
}

/// What was asked for at the gate fails for good.
fn asked_and_failed(p: &mut Project, code: &str) {
    p.news();
    p.fail("a", code, false);
}

#[test]
fn a_retry_that_fails_leads_back_to_the_gate_with_the_reason_and_nothing_is_lost() {
    let mut p = at_the_gate();
    let gate = p.gate();
    p.decide(GateAction::Retry, None).unwrap();
    asked_and_failed(&mut p, "unreachable");
    check(
        &p.news(),
        "receipt.recorded a #2 unreachable
        attempt.failed a #2: unreachable
        gate.reopened no_model_reachable",
    );
    assert_eq!((p.status(), p.gate()), (Some(RunStatus::Waiting), gate));
    p.decide(GateAction::Approve, None).unwrap();
    assert_eq!(p.content().buckets.values().next().unwrap().title, "Ann", "what waited there is still there");
    assert!(!p.is_open());
}

#[test]
fn another_model_that_cannot_be_reached_leaves_the_gate_open_for_a_third() {
    let mut p = at_the_gate();
    for model in ["down", "up"] {
        let route =
            Route { model: model.into(), level: Level::Step, profile: Profile::Full, fallback: vec![] };
        let (gate, action) = (p.gate(), GateAction::ChangeModel);
        p.when(Command::Decide { gate, action, text: None, route: Some(route), cut: Default::default() })
            .unwrap();
        if model == "down" {
            asked_and_failed(&mut p, "unreachable");
            assert_eq!(p.run().gates[&gate].error.as_ref().unwrap().code, "no_model_reachable");
        }
    }
    p.answer("a");
    assert_eq!(p.status(), Some(RunStatus::Waiting));
    assert!(p.run().open_gates().all(|gate| gate.error.is_none()), "the new question is a new one");
    p.decide(GateAction::Approve, None).unwrap();
    assert_eq!(p.content().buckets.values().next().unwrap().title, "Mara");
}

#[test]
fn a_talk_at_a_gate_whose_answer_fails_goes_on_at_the_same_gate() {
    let mut p = at_the_gate();
    let gate = p.gate();
    p.decide(GateAction::Chat, Some("older")).unwrap();
    asked_and_failed(&mut p, "timeout");
    assert_eq!((p.status(), p.gate()), (Some(RunStatus::Waiting), gate));
    p.decide(GateAction::Chat, Some("older, please")).unwrap();
    assert_eq!(p.run().gates[&gate].error, None, "it is asked anew");
    p.answer("a");
    p.decide(GateAction::Approve, None).unwrap();
    assert_eq!(p.content().buckets.values().next().unwrap().title, "Mara");
}

#[test]
fn a_step_that_fails_before_its_gate_fails_the_run_as_ever() {
    let mut p = Project::given(vec![agent("a", "caster").gate(GatePolicy::Always)]);
    p.fail("a", "timeout", false);
    assert_eq!(p.status(), Some(RunStatus::Failed));
}

#[test]
fn a_decision_at_a_paused_runs_gate_asks_for_nothing_until_it_is_resumed() {
    let mut p = at_the_gate();
    p.pause();
    p.decide(GateAction::Retry, None).unwrap();
    assert!(p.flying().is_empty());
    p.resume();
    assert_eq!(p.paths(), ["a"]);
}
