//! `each` in `loop` in `call` in `if`: killed inside, rewound inside, and every finished call made once.

use atelier_engine::definition::Definition;
use serde_json::json;

use crate::crew::{Spec, agent, definition, step, transform, workflow};
use crate::harness::Project;

/// Agent calls: plan (2), then two rounds of three items with two calls each and a verdict, then the end.
pub(crate) const CALLS: usize = 2 + 2 * (3 * 2 + 1) + 1;

pub(crate) fn nested() -> Definition {
    let write = agent("write", "writer").set("with", json!({"topic": "{{ item }}"}));
    let every = step("every", "each")
        .set("each", "inputs.items")
        .set("parallel", 2)
        .arm("steps", vec![write, agent("polish", "writer")]);
    let again = step("again", "loop").set("until", "steps.judge.output.ok").set("max", 4).arm(
        "steps",
        vec![every, transform("count", json!("{{ steps.every.output | length }}")), agent("judge", "critic")],
    );
    let deep = step("deep", "call").set("workflow", "deep").set("with", json!({"items": ["a", "b", "c"]}));
    let mut definition = definition(vec![
        agent("plan", "planner"),
        step("pick", "if")
            .set("if", "steps.plan.output.a == 'plan'")
            .arm("then", vec![deep])
            .arm("else", vec![]),
        agent("end", "writer"),
    ]);
    let inputs = json!({"items": {"type": "list", "required": true}});
    definition.workflows.insert(
        "deep".into(),
        workflow("deep", inputs, vec![again], json!({"verdict": "steps.again.output"})),
    );
    definition.workflow.outputs =
        [("end".to_owned(), "[steps.end.output, steps.pick.output]".to_owned())].into();
    definition
}

pub(crate) fn started() -> Project {
    let mut p = Project::new();
    p.start(nested(), json!({}));
    p
}

const END: &str = r#"run.finished done {"end":[{"text":"text of end"},{"verdict":{"ok":true}}]}"#;

#[test]
fn nested_kinds_run_to_their_end() {
    let mut p = started();
    p.answer_all();
    let news = p.news();
    assert!(news.ends_with(END), "{news}");
    assert!(news.contains("step.started pick/deep/again[1]/every[2]/polish"));
    assert_eq!(p.finished_calls().len(), CALLS);
}

#[test]
fn killed_at_every_instant_no_finished_call_is_made_again() {
    for kill_at in 0..CALLS {
        let mut p = started();
        let mut answers = 0;
        while let Some(call) = p.flying().first().cloned() {
            if answers == kill_at {
                p.kill();
            }
            answers += 1;
            if let Some(again) = p.flying().into_iter().find(|(path, _)| *path == call.0) {
                let text = p.good(&again);
                p.when(p.answered(&again, Ok(text))).unwrap();
            }
        }
        assert_eq!(p.finished_calls().len(), CALLS, "killed at {kill_at}");
        assert!(p.news().ends_with(END));
        p.audit();
    }
}

#[test]
fn rewound_at_every_step_it_comes_to_the_same_end() {
    let mut whole = started();
    while whole.paths() != ["end"] {
        whole.answer_all_but("end");
    }
    let paths: Vec<String> = whole.run().steps.keys().cloned().collect();
    assert!(paths.len() > 20);
    for path in paths {
        let mut p = whole.clone();
        p.rewind(&path);
        let calls_kept: usize = p.run().steps.values().map(|s| s.results.len()).sum();
        p.resume();
        p.answer_all();
        assert!(p.news().ends_with(END), "{path}");
        let again = p.finished_calls().len() - whole.finished_calls().len();
        assert_eq!(again, CALLS - calls_kept, "{path}: what was kept is not asked again");
        p.audit();
    }
}
