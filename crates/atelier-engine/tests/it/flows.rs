//! What each kind of step does when nothing goes wrong.

use std::collections::BTreeMap;

use atelier_domain::state::{RunStatus, StepStatus};
use serde_json::{Value, json};

use crate::crew::{Spec, agent, definition, step, transform, workflow};
use crate::harness::{Project, check};

/// The output of the run that has just ended.
fn last(project: &mut Project) -> String {
    project.news().lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_linear_run_goes_from_step_to_step_to_its_end() {
    let mut definition = definition(vec![
        agent("draft", "writer").set("with", json!({"topic": "{{ inputs.idea }}"})),
        transform(
            "upper",
            json!({"text": "{{ steps.draft.output.text }}!", "raw": "{{ steps.draft.output }}"}),
        ),
    ]);
    definition.workflow.outputs = BTreeMap::from([("story".into(), "steps.upper.output.text".into())]);
    let mut p = Project::new();
    p.start(definition, json!({"idea": "a ferry"}));
    check(
        &p.news(),
        r#"run.started main {"flag":false,"idea":"a ferry"}
        step.started draft
        attempt.requested draft #1"#,
    );
    assert_eq!(p.status(), Some(RunStatus::Running));
    p.answer_with("draft", json!({"text": "once"}));
    check(
        &p.news(),
        r#"receipt.recorded draft #1
        attempt.finished draft #1
        step.finished draft = {"text":"once"}
        step.started upper
        step.finished upper = {"raw":{"text":"once"},"text":"once!"}
        run.finished done {"story":"once!"}"#,
    );
    assert_eq!((p.is_open(), p.state.closed_runs), (false, 1));
    assert_eq!(p.state.usage.calls, 1);
    p.audit();
}

#[test]
fn a_diamond_runs_both_arms_at_once_and_its_join_gets_both() {
    let mut p = Project::given(vec![
        agent("top", "writer"),
        agent("left", "writer").needs(&["top"]),
        agent("right", "writer").needs(&["top"]),
        step("both", "join").needs(&["left", "right"]),
    ]);
    assert_eq!(p.paths(), ["top"]);
    p.answer("top");
    assert_eq!(p.paths(), ["left", "right"], "both arms are asked for at the same time");
    p.answer("right");
    assert!(!p.run().steps.contains_key("both"), "the join waits for the other arm");
    p.news();
    p.answer("left");
    check(
        &p.news(),
        r#"receipt.recorded left #1
        attempt.finished left #1
        step.finished left = {"text":"text of left"}
        step.started both
        step.finished both = {"left":{"text":"text of left"},"right":{"text":"text of right"}}
        run.finished done {}"#,
    );
}

#[test]
fn an_if_takes_one_arm_and_never_the_other() {
    let branching = || {
        definition(vec![
            step("pick", "if")
                .set("if", "inputs.flag")
                .arm("then", vec![transform("yes", json!("yes"))])
                .arm("else", vec![transform("no", json!("no"))]),
            transform("got", json!("{{ steps.pick.output }}")),
        ])
    };
    for (flag, arm, output) in [(true, "yes", "yes"), (false, "no", "no")] {
        let mut p = Project::new();
        p.start(branching(), json!({"flag": flag}));
        let news = p.news();
        assert!(news.contains(&format!("step.finished got = \"{output}\"")), "{news}");
        assert!(news.contains(&format!("step.started pick/{arm}")));
        assert_eq!(news.matches("step.started pick/").count(), 1);
    }
}

#[test]
fn an_if_without_the_arm_gives_nothing() {
    let one_armed = step("pick", "if").set("if", "inputs.flag").arm("then", vec![transform("yes", json!(1))]);
    let mut p = Project::given(vec![one_armed, transform("got", json!("{{ steps.pick.output }}"))]);
    assert!(p.news().contains("step.finished got = null"));
}

#[test]
fn each_works_on_so_many_items_at_a_time_and_keeps_their_order() {
    let write = agent("write", "writer").set("with", json!({"topic": "{{ item }} {{ index }}"}));
    let every = step("every", "each").set("each", "[7, 8, 9]").set("parallel", 2).arm("steps", vec![write]);
    let mut p = Project::given(vec![
        every,
        transform("got", json!("{{ steps.every.output | map(attribute='text') | list }}")),
    ]);
    assert_eq!(p.paths(), ["every[0]/write", "every[1]/write"], "two at a time");
    p.answer("every[1]/write");
    assert_eq!(p.paths(), ["every[0]/write", "every[2]/write"], "the next as soon as one is through");
    p.answer("every[2]/write");
    p.answer("every[0]/write");
    let got = p.news();
    assert!(got.contains(r#"step.finished got = ["text of every[0]/write","text of every[1]/write","text of every[2]/write"]"#), "{got}");
}

#[test]
fn each_collects_what_it_is_told_and_nothing_of_an_empty_list() {
    let inner = vec![transform("a", json!("{{ item.n }}")), transform("b", json!("b"))];
    let every = step("every", "each")
        .set("each", json!("[{'n': 1}, {'n': 2}]"))
        .set("collect", "steps.a.output")
        .arm("steps", inner.clone());
    let mut p = Project::given(vec![every]);
    assert!(p.news().contains("step.finished every = [1,2]"));
    let mut p = Project::given(vec![step("every", "each").set("each", "[]").arm("steps", inner)]);
    assert!(p.news().contains("step.finished every = []"));
    let mut p = Project::given(vec![step("every", "each").set("each", "'x'").arm("steps", vec![])]);
    assert!(p.news().contains("step.failed every: not_a_list"));
}

#[test]
fn a_loop_ends_when_its_condition_holds() {
    let again = step("again", "loop")
        .set("until", "steps.judge.output.ok")
        .set("max", 5)
        .arm("steps", vec![transform("n", json!("{{ [round, last] }}")), agent("judge", "critic")]);
    let mut p = Project::given(vec![again]);
    p.answer("again[0]/judge");
    assert_eq!(p.paths(), ["again[1]/judge"]);
    p.answer("again[1]/judge");
    let news = p.news();
    assert!(news.contains("step.finished again[0]/n = [1,null]"), "{news}");
    assert!(
        news.contains(r#"step.finished again[1]/n = [2,{"ok":false}]"#),
        "`last` is what the round before gave: {news}"
    );
    assert!(news.ends_with("step.finished again = {\"ok\":true}\nrun.finished done {}"), "{news}");
}

#[test]
fn a_loop_ends_at_its_bound() {
    let again = step("again", "loop")
        .set("until", "false")
        .set("max", 3)
        .arm("steps", vec![transform("n", json!("{{ round }}"))]);
    let mut p = Project::given(vec![again]);
    let news = p.news();
    assert_eq!(news.matches("step.iterated again").count(), 3);
    assert!(news.contains("step.finished again = 3"));
}

#[test]
fn a_called_workflow_sees_its_own_inputs_and_gives_its_outputs() {
    let mut definition = definition(vec![
        step("sub", "call").set("workflow", "other").set("with", json!({"x": "{{ inputs.idea }}"})),
    ]);
    let steps = vec![transform("t", json!("{{ inputs.x }}/{{ inputs.y }}"))];
    let inputs = json!({"x": {"type": "text", "required": true}, "y": {"type": "integer", "default": 4}});
    let other = workflow("other", inputs, steps, json!({"out": "steps.t.output"}));
    definition.workflows.insert("other".into(), other);
    let mut p = Project::new();
    p.start(definition.clone(), json!({"idea": "i"}));
    let news = p.news();
    assert!(news.contains(r#"step.finished sub = {"out":"i/4"}"#), "{news}");
    definition.workflow.steps[0].settings.insert("with".into(), json!({}));
    let mut p = Project::new();
    p.start(definition, Value::Null);
    assert!(p.news().contains("step.failed sub: bad_input"));
}

#[test]
fn a_step_whose_when_does_not_hold_is_skipped_and_gives_null() {
    let mut p = Project::given(vec![
        agent("extra", "writer").when("inputs.flag"),
        transform("after", json!("{{ [steps.extra.output, steps.extra.status] }}")),
    ]);
    assert_eq!(p.log.iter().filter(|e| e.event.kind() == "attempt.requested").count(), 0);
    let news = p.news();
    assert!(news.contains("step.skipped extra: `inputs.flag` does not hold"), "{news}");
    assert!(news.contains(r#"step.finished after = [null,"skipped"]"#), "{news}");
}

#[test]
fn a_failed_step_blocks_only_what_needs_it() {
    let mut p = Project::given(vec![
        agent("bad", "writer").needs(&[]),
        agent("good", "writer").needs(&[]),
        transform("of_bad", json!(1)).needs(&["bad"]),
        transform("of_good", json!(2)).needs(&["good"]),
    ]);
    p.fail("bad", "bad_request", false);
    assert_eq!(p.step("bad").status, StepStatus::Failed);
    assert_eq!(p.status(), Some(RunStatus::Running), "the other arm goes on");
    p.answer("good");
    assert_eq!(p.step("of_good").status, StepStatus::Done);
    assert!(!p.run().steps.contains_key("of_bad"));
    assert_eq!(p.status(), Some(RunStatus::Failed));
    assert_eq!(last(&mut p), "run.finished failed bad_request");
}

#[test]
fn an_expression_that_names_nothing_fails_its_step_in_words() {
    let mut p = Project::given(vec![transform("t", json!("{{ steps.nowhere.output }}"))]);
    assert!(p.news().contains("step.failed t: bad_expression"));
    let error = p.step("t").error.clone().unwrap();
    assert!(error.message.contains("steps.nowhere.output"), "{}", error.message);
}

#[test]
fn a_context_step_asks_for_a_gathering_and_gives_it() {
    let mut p = Project::given(vec![step("ctx", "context").set("agent", "writer").set("budget", 100)]);
    assert_eq!(p.paths(), ["ctx"]);
    let gathered = atelier_engine::Command::Gathered {
        run: p.run,
        path: "ctx".into(),
        attempt: 1,
        output: json!({"text": "all", "ratio": 0.5}),
    };
    p.when(gathered.clone()).unwrap();
    assert!(p.news().contains(r#"step.finished ctx = {"ratio":"0.5","text":"all"}"#));
    assert_eq!(p.when(gathered), Err(atelier_engine::Rejection::Stale));
}

#[test]
fn editing_a_crew_does_not_change_a_run_under_way() {
    let mut p = Project::given(vec![agent("a", "writer"), transform("b", json!("old"))]);
    let other = p.start_command(definition(vec![transform("b", json!("new"))]), json!({}));
    let first = p.run;
    p.when(other).unwrap();
    p.run = first;
    p.answer("a");
    assert!(p.news().ends_with("step.finished b = \"old\"\nrun.finished done {}"));
}
