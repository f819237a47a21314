//! An earlier step is opened again: what it led to is undone, the old line stays as a branch.

use atelier_domain::BranchId;
use atelier_domain::state::{RuleStatus, RunStatus};
use atelier_engine::{Command, Rejection};
use serde_json::json;

use crate::crew::{Spec, agent, step};
use crate::harness::{Project, check};
use crate::saves::{only, person_edits};

fn titles(p: &Project) -> Vec<String> {
    p.content().live(None).map(|b| b.title.clone()).collect()
}

fn person(name: &str, role: &str) -> serde_json::Value {
    json!({"people": [{"name": name, "role": role}], "rules": [format!("{name} lives.")]})
}

fn steps_of(p: &Project) -> Vec<&str> {
    p.run().steps.keys().map(String::as_str).collect()
}

#[test]
fn a_rewind_restores_buckets_rules_and_artifacts_and_keeps_the_old_line() {
    let mut p = Project::given(vec![agent("a", "caster"), agent("b", "caster"), agent("c", "writer")]);
    p.answer_with("a", person("Ann", "queen"));
    p.answer_with(
        "b",
        json!({"people": [{"name": "Ann", "role": "exile"}, {"name": "Bea"}], "rules": ["It rains."]}),
    );
    let then = p.content_before(p.step("b").started_seq);
    let tip = p.content().clone();
    p.news();
    p.rewind("b");
    let news = p.news();
    assert!(news.contains("attempt.interrupted c #1"), "{news}");
    assert!(news.ends_with("run.rewound to b dropped b c"), "{news}");
    assert_eq!(p.status(), Some(RunStatus::Paused));
    assert_eq!(steps_of(&p), ["a"]);
    assert_eq!(titles(&p), ["Ann"]);
    let (now, before) = (p.content().buckets.values().next().unwrap(), then.buckets.values().next().unwrap());
    assert_eq!((&now.fields, &now.body, &now.source), (&before.fields, &before.body, &before.source));
    let retired = p.content().rules.values().filter(|r| r.status == RuleStatus::Retired).count();
    assert_eq!((p.content().rules.len(), retired), (2, 1));
    let people = &p.content().artifacts["bible/people"];
    assert_eq!(
        (people.version, &people.content),
        (3, &then.artifacts["bible/people"].content),
        "versions only rise"
    );
    let kept = p.state.branches.iter().find(|(id, _)| **id != BranchId::MAIN).unwrap().1;
    assert_eq!(kept.content, tip, "the old line is as it was");
    p.resume();
    p.answer_with("b", person("Cy", "pilot"));
    p.answer("c");
    assert_eq!(titles(&p), ["Ann", "Cy"]);
    assert!(!p.is_open());
    p.audit();
}

#[test]
fn what_the_dropped_step_made_first_is_withdrawn() {
    let mut p = Project::given(vec![agent("a", "caster"), agent("b", "writer")]);
    p.answer_with("a", person("Ann", "queen"));
    p.rewind("a");
    assert!(titles(&p).is_empty() && p.content().artifacts.is_empty());
    assert!(p.content().rules.values().all(|r| r.status == RuleStatus::Retired));
    p.resume();
    assert_eq!(p.flying(), [("a".to_owned(), 2)]);
}

#[test]
fn a_parallel_step_and_what_it_wrote_stay() {
    let mut p = Project::given(vec![
        agent("left", "caster").needs(&[]),
        agent("right", "caster").needs(&[]),
        step("both", "join").needs(&["left", "right"]),
        agent("end", "writer"),
    ]);
    p.answer_with("left", person("Lea", "l"));
    p.answer_with("right", person("Rob", "r"));
    p.rewind("left");
    assert_eq!((steps_of(&p), titles(&p)), (vec!["right"], vec!["Rob".to_owned()]));
    p.resume();
    p.answer_with("left", person("Lou", "l"));
    assert_eq!(titles(&p), ["Rob", "Lou"]);
    p.answer_all();
    assert_eq!(p.finished_calls(), ["end", "left", "left", "right"]);
}

#[test]
fn an_answer_from_before_the_rewind_is_not_taken_for_the_new_call() {
    let mut p = Project::given(vec![agent("a", "writer"), agent("b", "writer")]);
    p.answer("a");
    let late = p.answered(&("b".into(), 1), Ok(json!({"text": "from the old line"}).to_string()));
    p.rewind("a");
    p.resume();
    p.answer("a");
    assert_eq!(p.flying(), [("b".to_owned(), 2)]);
    assert_eq!(p.when(late), Err(Rejection::Stale));
    assert_eq!(p.flying(), [("b".to_owned(), 2)]);
    p.answer_all();
    assert!(p.news().contains("step.finished b = {\"text\":\"text of b\"}"));
    p.audit();
}

#[test]
fn inside_nested_rounds_everything_later_is_dropped_and_nothing_earlier() {
    let inner =
        step("inner", "loop").set("until", "false").set("max", 2).arm("steps", vec![agent("x", "writer")]);
    let outer = step("outer", "loop").set("until", "false").set("max", 2).arm("steps", vec![inner]);
    let mut p = Project::given(vec![outer, agent("end", "writer")]);
    while p.paths() != ["end"] {
        p.answer_all_but("end");
    }
    p.rewind("outer[0]/inner[0]/x");
    assert_eq!(steps_of(&p), ["outer", "outer[0]/inner"]);
    p.resume();
    p.answer_all();
    assert_eq!(p.finished_calls().len(), 4 + 4 + 1, "every round once more");
    assert!(!p.is_open());
    p.audit();
}

#[test]
fn a_rewind_of_a_failed_run_opens_it_again() {
    let mut p = Project::given(vec![agent("a", "writer"), agent("b", "writer")]);
    p.answer("a");
    p.fail("b", "bad_request", false);
    p.rewind("a");
    assert_eq!(p.status(), Some(RunStatus::Paused));
    p.resume();
    p.answer_all();
    assert!(!p.is_open());
}

#[test]
fn a_step_can_be_named_by_its_id_and_an_unknown_one_is_refused() {
    let mut p = Project::given(vec![agent("a", "writer"), agent("b", "writer")]);
    p.answer("a");
    let id = p.step("a").id.to_string();
    let Command::Rewind { run, before, cut, .. } = p.rewind_command("a") else { panic!() };
    let unknown = Command::Rewind { run, step: "zz".into(), before: before.clone(), cut: cut.clone() };
    assert_eq!(p.when(unknown), Err(Rejection::NotFound { what: "step", name: "zz".into() }));
    p.news();
    p.when(Command::Rewind { run, step: id, before, cut }).unwrap();
    check(&p.news(), "attempt.interrupted b #1\nbranch.forked at 9\nrun.rewound to a dropped a b");
}

#[test]
fn two_rewinds_keep_two_lines_with_names_of_their_own() {
    let mut p = Project::given(vec![agent("a", "writer"), agent("b", "writer")]);
    for _ in 0..2 {
        p.answer("a");
        p.rewind("a");
        p.resume();
    }
    let names: std::collections::BTreeSet<_> = p.state.branches.values().map(|b| b.name.clone()).collect();
    assert_eq!(names.len(), 3);
    p.audit();
}

#[test]
fn what_a_person_wrote_meanwhile_stays() {
    let mut p = Project::given(vec![agent("a", "caster"), agent("b", "caster"), agent("c", "writer")]);
    p.answer_with("a", person("Ann", "queen"));
    p.answer_with("b", person("Ann", "exile"));
    person_edits(&mut p, json!({"age": 9}));
    p.rewind("b");
    let ann = only(&p);
    assert_eq!((ann.fields["age"].clone(), ann.fields["role"].clone()), (json!(9), json!("queen")));
    assert_eq!(ann.body, atelier_domain::Text::inline("by hand"));
    p.resume();
    p.rewind("a");
    assert_eq!(titles(&p), ["Ann"], "what a person has written in is not put away");
}
