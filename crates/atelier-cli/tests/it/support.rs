//! What the tests share: a studio over a scripted model server, and short words for long commands.

use atelier_testkit::{Atelier, ModelServer, Output};
use atelier_testkit::{Matcher, Reply, Script};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
pub(crate) const IDEA: &str = "A lighthouse keeper finds that the sea has begun to answer her.";

/// A terminal in an empty world.
pub(crate) fn atelier() -> Atelier {
    Atelier::new(env!("CARGO_BIN_EXE_atelier"))
}

/// A terminal whose default model is the scripted server.
pub(crate) fn studio(server: &ModelServer) -> Atelier {
    atelier().model(&server.spec())
}

/// A server whose answers make sense, so that no gate opens by itself.
pub(crate) fn content_server() -> ModelServer {
    ModelServer::with(content())
}

pub(crate) fn content() -> Script {
    Script::new().when(critiques(), Reply::json(&critique())).when(asks_for("people"), Reply::json(&people()))
}

fn asks_for(key: &'static str) -> Matcher {
    Matcher::of(move |seen| seen.schema().is_some_and(|schema| schema["properties"][key].is_object()))
}

/// Calls whose answer is the director's verdict.
pub(crate) fn critiques() -> Matcher {
    asks_for("verdict")
}

pub(crate) fn people() -> Value {
    let person = |name: &str, role: &str, want: &str| {
        json!({
            "name": name, "role": role, "want": want, "need": "To be heard.", "flaw": "Stubborn as stone.",
            "voice": "Short sentences.", "look": "Grey coat, salt in the hair."
        })
    };
    json!({"people": [person("Mara Tull", "protagonist", "To keep the light burning."), person("Old Penn", "ally", "A quiet death at sea.")]})
}

pub(crate) fn critique() -> Value {
    json!({
        "score": 8,
        "verdict": "accept",
        "strengths": ["The sea that answers is a strong image."],
        "core_problem": "The keeper wants too little in the middle.",
        "guidance": ["Give the keeper something to lose before the storm."],
        "canon_rules": ["The sea never lies to the keeper."]
    })
}

/// A project, and its id.
#[track_caller]
pub(crate) fn project(atelier: &Atelier, name: &str) -> String {
    text(&atelier.json(["project", "create", name]), "id")
}

/// A whole story bible, with `--json`: the run.
#[track_caller]
pub(crate) fn bible(atelier: &Atelier, project: &str) -> Value {
    atelier.json(["run", "story-bible", "--project", project, "--idea", IDEA])
}

#[track_caller]
pub(crate) fn runs(atelier: &Atelier, project: &str) -> Vec<Value> {
    atelier.json(["runs", "list", "--project", project]).as_array().expect("a list").clone()
}

/// The id of the only run of a project.
#[track_caller]
pub(crate) fn only_run(atelier: &Atelier, project: &str) -> String {
    let runs = runs(atelier, project);
    assert_eq!(runs.len(), 1, "{runs:?}");
    text(&runs[0], "id")
}

#[track_caller]
pub(crate) fn show(atelier: &Atelier, run: &str) -> Value {
    atelier.json(["runs", "show", run])
}

#[track_caller]
pub(crate) fn step<'a>(run: &'a Value, name: &str) -> &'a Value {
    list(run, "steps")
        .iter()
        .find(|step| step["name"] == name)
        .unwrap_or_else(|| panic!("no step {name} in {run:#}"))
}

#[track_caller]
pub(crate) fn log(atelier: &Atelier, project: &str) -> Vec<Value> {
    atelier.json_lines(["log", "--project", project])
}

#[track_caller]
pub(crate) fn state(atelier: &Atelier, project: &str) -> String {
    atelier.run(["state", "--project", project]).expect_code(0).stdout
}

#[track_caller]
pub(crate) fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("no text `{key}` in {value:#}")).to_owned()
}

#[track_caller]
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key].as_array().unwrap_or_else(|| panic!("no list `{key}` in {value:#}"))
}

/// The gate that waits.
#[track_caller]
pub(crate) fn open_gate(run: &Value) -> &Value {
    list(run, "gates")
        .iter()
        .find(|gate| gate["status"] == "open")
        .unwrap_or_else(|| panic!("no open gate in {run:#}"))
}

/// Three lines on stderr: what, why, what to do.
#[track_caller]
pub(crate) fn told_in_three_lines(output: &Output) {
    let lines: Vec<&str> = output.stderr.lines().collect();
    let told = matches!(lines.as_slice(), [.., what, why, hint]
        if what.starts_with("error: ") && why.starts_with("  why: ") && hint.starts_with("  try: ") && hint.len() > 8);
    assert!(told, "not told in three lines\n{output}");
}
