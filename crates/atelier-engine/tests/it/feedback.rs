//! What a person says is heard once by each agent it concerns.

use atelier_domain::event::message::Priority;
use atelier_engine::{Command, Rejection};
use serde_json::json;

use crate::crew::{Spec, agent};
use crate::harness::Project;

fn say(p: &mut Project, to: Option<&str>, step: Option<&str>, priority: Priority, text: &str) {
    let run = step.map(|_| p.run);
    let (to, step) = (to.map(str::to_owned), step.map(str::to_owned));
    p.when(Command::Say { to, run, step, priority, text: text.into() }).unwrap();
}

fn heard(p: &Project, path: &str) -> Vec<String> {
    let number = p.flying().into_iter().find(|(at, _)| at == path).unwrap().1;
    p.context(path, number)
        .into_iter()
        .filter(|(source, _)| source == "feedback")
        .map(|(_, text)| text)
        .collect()
}

fn two() -> Project {
    Project::given(vec![agent("a", "writer"), agent("b", "critic"), agent("c", "writer")])
}

#[test]
fn feedback_is_in_the_next_call_of_each_agent_the_most_urgent_first_and_only_once() {
    let mut p = two();
    say(&mut p, None, None, Priority::Normal, "darker");
    say(&mut p, None, None, Priority::Urgent, "no dragons");
    say(&mut p, None, None, Priority::Low, "maybe rain");
    assert_eq!(heard(&p, "a"), ["no dragons", "darker", "maybe rain"]);
    p.answer("a");
    assert!(p.news().contains("receipt.recorded a #1 heard 3"));
    assert_eq!(heard(&p, "b").len(), 3, "the other agent has not heard it yet");
    p.answer("b");
    assert!(heard(&p, "c").is_empty(), "the first agent has");
    p.answer("c");
    assert!(p.state.feedback.is_empty(), "with the run's end it is history");
}

#[test]
fn feedback_is_in_every_call_of_the_step_that_heard_it_and_in_no_later_step_of_that_agent() {
    let mut p = Project::given(vec![agent("a", "planner"), agent("b", "planner")]);
    say(&mut p, None, None, Priority::Normal, "darker");
    assert_eq!(heard(&p, "a"), ["darker"]);
    p.answer("a");
    assert_eq!((p.paths(), heard(&p, "a")), (vec!["a".to_owned()], vec!["darker".to_owned()]));
    p.answer("a");
    assert_eq!(p.paths(), ["b"]);
    assert!(heard(&p, "b").is_empty(), "the agent has heard it");
}

#[test]
fn feedback_to_one_agent_or_step_reaches_no_other() {
    let mut p = two();
    say(&mut p, Some("critic"), None, Priority::Normal, "be kind");
    say(&mut p, None, Some("c"), Priority::Normal, "end well");
    assert!(heard(&p, "a").is_empty());
    p.answer("a");
    assert_eq!(heard(&p, "b"), ["be kind"]);
    p.answer("b");
    assert_eq!(heard(&p, "c"), ["end well"]);
}

#[test]
fn a_call_that_failed_has_not_heard_it() {
    let mut p = two();
    say(&mut p, None, None, Priority::Normal, "darker");
    p.fail("a", "timeout", true);
    assert_eq!(heard(&p, "a"), ["darker"]);
    p.kill();
    assert_eq!(heard(&p, "a"), ["darker"], "nor has one that was cut");
}

#[test]
fn with_no_run_open_feedback_waits_for_the_next() {
    let mut p = Project::new();
    p.when(Command::Say {
        to: None,
        run: None,
        step: None,
        priority: Priority::Normal,
        text: " rain ".into(),
    })
    .unwrap();
    p.start(crate::crew::definition(vec![agent("a", "writer")]), json!({}));
    assert_eq!(heard(&p, "a"), ["rain"]);
}

#[test]
fn feedback_said_while_two_work_reaches_both() {
    let mut p = Project::given(vec![agent("a", "writer").needs(&[]), agent("b", "critic").needs(&[])]);
    say(&mut p, None, None, Priority::Normal, "both");
    assert_eq!((heard(&p, "a"), heard(&p, "b")), (vec!["both".to_owned()], vec!["both".to_owned()]));
}

#[test]
fn nothing_and_too_much_are_refused_with_nothing_changed() {
    let mut p = two();
    let before = p.log.len();
    for (text, code_) in [(" \n".to_owned(), "empty_text"), ("x".repeat(70_000), "text_too_long")] {
        let said = p.when(Command::Say { to: None, run: None, step: None, priority: Priority::Low, text });
        assert!(matches!(said, Err(Rejection::Invalid { code, .. }) if code == code_));
    }
    assert_eq!((p.log.len(), p.state.n_messages), (before, 0));
}
