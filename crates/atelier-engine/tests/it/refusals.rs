//! What cannot be done is refused in words, with nothing changed.

use std::collections::BTreeMap;

use atelier_domain::event::gate::GateAction;
use atelier_domain::text::Blobs;
use atelier_domain::{BranchId, GateId, Hash, RunId, State, Timestamp};
use atelier_engine::{Command, Rejection, decide};
use serde_json::json;
use uuid::Uuid;

use crate::crew::{agent, definition, transform};
use crate::harness::{Project, Shelf};

fn create(p: &mut Project, name: &str) -> Result<atelier_engine::command::Reply, Rejection> {
    p.when(Command::Create { name: name.into(), epoch: 0 })
}

#[test]
fn a_project_begins_once_with_a_valid_name() {
    let mut p = Project::new();
    for bad in ["", "a/b", "..", &"x".repeat(300)] {
        assert!(matches!(create(&mut p, bad), Err(Rejection::Invalid { code: "bad_name", .. })), "{bad}");
    }
    assert_eq!(p.log.len(), 0);
    create(&mut p, " 🐙 ").unwrap();
    assert_eq!(p.state.name, "🐙");
    assert!(matches!(create(&mut p, "again"), Err(Rejection::Refused { code: "already_created", .. })));
    p.when(Command::Rename { name: "🐙".into() }).unwrap();
    assert_eq!(p.log.len(), 1, "the same name is no change");
    p.when(Command::Rename { name: "Squid".into() }).unwrap();
    assert_eq!(p.state.name, "Squid");
}

#[test]
fn settings_that_change_nothing_make_no_event() {
    let mut p = Project::new();
    let set = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
    for _ in 0..2 {
        p.when(Command::ChangeSettings { set: set.clone(), removed: vec!["absent".into()] }).unwrap();
    }
    assert_eq!((p.log.len(), p.state.settings["k"].as_str()), (1, "v"));
    p.when(Command::ChangeSettings { set: BTreeMap::new(), removed: vec!["k".into()] }).unwrap();
    assert!(p.state.settings.is_empty());
}

#[test]
fn what_is_not_there_is_not_found() {
    let mut p = Project::given(vec![agent("a", "writer")]);
    let run = RunId::from_uuid(Uuid::from_u128(404));
    let before = p.log.len();
    for command in [
        Command::Pause { run, reason: "asked".into(), cut: None },
        Command::Resume { run },
        Command::Step { run },
        Command::Cancel { run, cut: None },
        Command::Recover { run, cut: None },
        Command::Say { to: None, run: Some(run), step: None, priority: Default::default(), text: "x".into() },
        Command::Rewind { run, step: "a".into(), before: Box::default(), cut: None },
        Command::Decide {
            gate: GateId::from_uuid(Uuid::from_u128(5)),
            action: GateAction::Approve,
            text: None,
            route: None,
            cut: Default::default(),
        },
    ] {
        let what = format!("{command:?}");
        assert!(matches!(p.when(command), Err(Rejection::NotFound { .. })), "{what}");
    }
    assert_eq!(p.log.len(), before);
}

#[test]
fn a_run_with_wrong_inputs_or_on_no_branch_does_not_begin() {
    let mut p = Project::new();
    let mut strict = definition(vec![agent("a", "writer")]);
    strict.workflow.inputs.get_mut("idea").unwrap().required = true;
    for inputs in
        [json!({}), json!({"idea": null}), json!({"idea": "x", "colour": 1}), json!("idea"), json!(3)]
    {
        let start = p.start_command(strict.clone(), inputs.clone());
        assert!(matches!(p.when(start), Err(Rejection::Invalid { code: "bad_input", .. })), "{inputs}");
    }
    let Command::Start(mut start) = p.start_command(strict, json!({"idea": "x"})) else { panic!() };
    start.branch = BranchId::from_uuid(Uuid::from_u128(9));
    assert!(matches!(p.when(Command::Start(start)), Err(Rejection::NotFound { what: "branch", .. })));
    assert_eq!(p.log.len(), 0);
}

#[test]
fn a_text_that_is_not_at_hand_is_named_and_the_decision_made_once_it_is() {
    let mut p = Project::given(vec![
        agent("a", "writer"),
        agent("b", "writer"),
        transform("t", json!("{{ steps.a.output.text | length }}")),
    ]);
    p.answer_with("a", json!({"text": "x".repeat(3000)}));
    let call = p.flying()[0].clone();
    let answer = p.answered(&call, Ok(p.good(&call)));
    let all = std::mem::take(&mut p.shelf.blobs);
    let before = p.state.clone();
    let mut asked: Vec<Hash> = Vec::new();
    loop {
        match p.when(answer.clone()) {
            Ok(_) => break,
            Err(Rejection::Missing(hash)) => {
                assert!(!asked.contains(&hash), "asked twice for one text");
                assert_eq!(p.state, before, "nothing changes meanwhile");
                asked.push(hash);
                p.shelf.blobs.0.insert(hash, all.0[&hash].clone());
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(!asked.is_empty());
    assert!(p.news().contains("step.finished t = 3000"));
}

#[test]
fn without_its_definition_a_run_does_not_go_on() {
    let mut p = Project::given(vec![agent("a", "writer")]);
    let definition = p.run().definition;
    p.shelf = Shelf { blobs: Blobs::default(), ..Shelf::default() };
    assert_eq!(p.when(Command::Resume { run: p.run }), Err(Rejection::Missing(definition)));
}

#[test]
fn a_refusal_says_what_and_what_to_do() {
    let mut ids = crate::harness::Counter::default();
    let state = State::new(atelier_domain::ProjectId::from_uuid(Uuid::nil()));
    let refused = decide(
        &state,
        &Shelf::default(),
        &Command::Create { name: "a/b".into(), epoch: 0 },
        Timestamp::default(),
        &mut ids,
    );
    let Err(Rejection::Invalid { message, hint, .. }) = refused else { panic!() };
    assert!(message.contains('/') && hint.contains("characters"), "{message}: {hint}");
}
