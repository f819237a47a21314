//! How outputs become buckets, rules and artifacts.

use std::collections::BTreeMap;

use atelier_domain::event::BucketEvent;
use atelier_domain::event::bucket::BucketEdited;
use atelier_domain::state::{Bucket, RuleStatus};
use atelier_domain::{Actor, BranchId, Draft, Envelope, EventId, RuleId, Text};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::crew::{Spec, agent, definition, step};
use crate::harness::Project;
use atelier_engine::{Command, Rejection};

fn cast(p: &mut Project, output: Value) {
    p.start(definition(vec![agent("a", "caster")]), json!({}));
    p.answer_with("a", output);
    assert!(!p.is_open());
}

pub(crate) fn only(p: &Project) -> Bucket {
    assert_eq!(p.content().buckets.len(), 1);
    p.content().buckets.values().next().unwrap().as_ref().clone()
}

/// A person changes a bucket.
pub(crate) fn person_edits(p: &mut Project, set: Value) {
    let edited = BucketEdited {
        bucket: only(p).id,
        title: None,
        aliases: None,
        set: serde_json::from_value(set).unwrap(),
        removed: vec![],
        body: Some(Text::inline("by hand")),
        source: None,
    };
    let draft = Draft {
        id: EventId::from_uuid(Uuid::from_u128(77)),
        branch: BranchId::MAIN,
        at: Default::default(),
        actor: Actor::human(),
        correlation: None,
        causation: None,
        event: BucketEvent::Edited(edited).into(),
    };
    let envelope = Envelope::place(draft, p.state.project, p.state.seq + 1);
    p.state.apply(&envelope);
    p.log.push(envelope);
}

#[test]
fn a_second_run_makes_new_versions_of_what_means_the_same() {
    let mut p = Project::new();
    cast(
        &mut p,
        json!({"people": [{"name": "The  River Queen", "role": "queen", "age": 40, "body": "old"}]}),
    );
    let first = only(&p);
    cast(&mut p, json!({"people": [{"name": "river queen", "role": "exile", "body": "new"}]}));
    let second = only(&p);
    assert_eq!((first.version, second.version, first.id == second.id), (1, 2, true));
    assert_eq!(second.title, "The River Queen");
    assert_eq!(second.fields, BTreeMap::from([("age".into(), json!(40)), ("role".into(), json!("exile"))]));
    assert_eq!(second.body, Text::inline("new"));
    assert_eq!(second.source.unwrap().run, p.run);
    let people = &p.content().artifacts["bible/people"];
    assert_eq!((people.version, people.markdown.clone()), (2, Some(Text::inline("* river queen\n"))));
}

#[test]
fn what_says_the_same_makes_no_version() {
    let mut p = Project::new();
    for _ in 0..2 {
        cast(&mut p, json!({"people": [{"name": "Ann", "role": "r", "body": "b"}]}));
    }
    assert_eq!(only(&p).version, 1);
}

#[test]
fn what_a_person_wrote_stays_and_the_rest_is_updated() {
    let mut p = Project::new();
    cast(&mut p, json!({"people": [{"name": "Ann", "role": "r", "age": 1, "body": "b"}]}));
    person_edits(&mut p, json!({"role": "mine"}));
    cast(&mut p, json!({"people": [{"name": "ann", "role": "theirs", "age": 2, "body": "theirs"}]}));
    let ann = only(&p);
    assert_eq!(ann.fields, BTreeMap::from([("age".into(), json!(2)), ("role".into(), json!("mine"))]));
    assert_eq!(ann.body, Text::inline("by hand"));
}

#[test]
fn two_of_one_name_in_one_output_are_one() {
    let mut p = Project::new();
    cast(&mut p, json!({"people": [{"name": "Ann", "role": "x"}, {"name": "ANN ", "age": 3}]}));
    assert_eq!(only(&p).fields, BTreeMap::from([("age".into(), json!(3)), ("role".into(), json!("x"))]));
}

#[test]
fn rules_that_say_the_same_are_proposed_once_and_accepted_by_a_tool() {
    let mut p = Project::new();
    let steps = vec![agent("a", "caster"), step("ok", "tool").set("tool", "accept_rules")];
    p.start(definition(steps), json!({}));
    p.answer_with(
        "a",
        json!({"people": [{"name": "A"}], "rules": ["No  magic.", "no magic.", " ", "It rains."]}),
    );
    let rules: Vec<_> =
        p.content().rules.values().map(|r| (r.text.as_str(), r.status, r.confidence_milli)).collect();
    assert_eq!(rules, [("No magic.", RuleStatus::Accepted, 700), ("It rains.", RuleStatus::Accepted, 700)]);
    assert!(p.news().contains(r#"step.finished ok = {"accepted":2}"#));
}

#[test]
fn a_thing_without_a_title_fails_the_step_and_is_not_kept() {
    let mut p = Project::given(vec![agent("a", "caster")]);
    p.answer_with("a", json!({"people": [{"name": " "}]}));
    assert_eq!(p.run().error.as_ref().unwrap().code, "untitled");
    assert!(p.content().buckets.is_empty() && p.content().artifacts.is_empty());
}

#[test]
fn a_save_that_fails_in_the_middle_keeps_nothing() {
    let mut p = Project::given(vec![agent("a", "caster")]);
    p.answer_with("a", json!({"people": [{"name": "Ann"}, {"name": ""}]}));
    assert_eq!(p.status(), Some(atelier_domain::state::RunStatus::Failed));
    assert!(p.content().buckets.is_empty(), "{:?}", p.content().buckets);
    assert_eq!(p.step("a").output, None);
}

#[test]
fn a_tool_whose_result_is_not_what_its_step_promises_has_kept_nothing() {
    let mut t =
        step("t", "tool").set("tool", "save_bucket").set("with", json!({"type": "place", "title": "Mole"}));
    t.output = Some(json!({"type": "string"}));
    let p = Project::given(vec![t]);
    assert_eq!(p.run().error.as_ref().unwrap().code, "invalid_output");
    assert!(p.content().buckets.is_empty());
}

#[test]
fn tools_keep_what_they_are_given_and_refuse_wrong_arguments() {
    let tool = |name: &str, with: Value| step("t", "tool").set("tool", name).set("with", with);
    let mut p = Project::given(vec![tool(
        "save_bucket",
        json!({"type": "place", "title": "Mole", "fields": {"n": 2}, "body": "b"}),
    )]);
    assert_eq!(only(&p).fields["n"], json!(2));
    assert!(p.news().contains("bucket.created place Mole"));
    let p = Project::given(vec![tool(
        "save_artifact",
        json!({"kind": "notes", "name": "n", "content": {"x": "{{ 1.5 }}"}}),
    )]);
    assert_eq!(p.content().artifacts["notes/n"].content, Text::inline(r#"{"x":"1.5"}"#));
    for (name, with) in [
        ("save_bucket", json!({"type": "place"})),
        ("save_bucket", json!({"type": "place", "title": "t", "colour": 1})),
        ("explode", json!({})),
    ] {
        let p = Project::given(vec![tool(name, with)]);
        assert_eq!(p.run().error.as_ref().unwrap().code, "bad_tool_call");
    }
}

#[test]
fn a_long_text_is_named_by_its_hash_and_read_back() {
    let mut p = Project::new();
    let long = "salt ".repeat(500);
    cast(&mut p, json!({"people": [{"name": "Ann", "body": long}]}));
    let body = only(&p).body;
    assert!(body.blob().is_some());
    assert_eq!(body.get(&p.shelf).unwrap().as_ref(), long.trim());
}

#[test]
fn a_proposed_rule_is_accepted_or_rejected_by_a_person_and_stays_so() {
    let mut p = Project::given(vec![agent("a", "caster")]);
    p.answer("a");
    let rule = *p.content().rules.keys().next().unwrap();
    let branch = BranchId::MAIN;
    let (accept, reject) = (Command::AcceptRule { branch, rule }, Command::RejectRule { branch, rule });
    for (word, status, kind) in [
        (&accept, RuleStatus::Accepted, "canon.rule_accepted"),
        (&accept, RuleStatus::Accepted, ""),
        (&reject, RuleStatus::Retired, "canon.rule_retired"),
        (&reject, RuleStatus::Retired, ""),
        (&accept, RuleStatus::Accepted, "canon.rule_accepted"),
    ] {
        p.news();
        p.when(word.clone()).unwrap();
        assert_eq!(p.content().rules[&rule].status, status);
        assert_eq!(p.news(), kind);
    }
    let unknown = RuleId::from_uuid(Uuid::nil());
    let refused = p.when(Command::AcceptRule { branch, rule: unknown });
    assert!(matches!(refused, Err(Rejection::NotFound { what: "canon rule", .. })));
    let elsewhere = BranchId::from_uuid(Uuid::from_u128(77));
    assert!(p.when(Command::RejectRule { branch: elsewhere, rule }).is_err(), "there is no such branch");
}
