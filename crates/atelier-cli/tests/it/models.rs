//! Which model is asked, who decided that, and what happens when it does not answer.

use crate::support::{IDEA, atelier, content, list, project, step, text};
use atelier_testkit::{Atelier, DeadPort, Fault, Matcher, ModelServer, Reply, Script};
use serde_json::Value;

const OUTLINE: &str = "outline=A keeper and the sea.";

fn server() -> ModelServer {
    let models = ["of-studio", "of-file", "of-project", "of-agent", "of-run", "first", "second"];
    ModelServer::with(content().models(&models))
}

fn spec(server: &ModelServer, name: &str) -> String {
    format!("openai:{name}@{}", server.base_url())
}

/// Lets one agent work and gives the model and the level of its receipt, which the server must confirm.
#[track_caller]
fn decided(atelier: &Atelier, server: &ModelServer, more: &[&str]) -> (String, String) {
    server.reset();
    let words = [&["agent", "worldbuilder", "--project", "Salt", "--input", OUTLINE][..], more].concat();
    let run = atelier.json(words);
    let receipt = &list(&run, "receipts")[0];
    let asked: Vec<String> = server.requests().iter().map(|seen| seen.model.clone()).collect();
    assert_eq!(asked.len(), 1, "somebody else was contacted: {asked:?}");
    assert!(text(receipt, "model").contains(&asked[0]), "{receipt:#}");
    (asked[0].clone(), text(receipt, "level"))
}

#[test]
fn c27_the_nearest_level_chooses_the_model_and_is_named() {
    let server = server();
    let mut atelier = atelier();
    project(&atelier, "Salt");
    let set =
        |atelier: &Atelier, words: &[&str]| drop(atelier.json([&["config", "set"][..], words].concat()));
    let pair = |model: &str, level: &str| (model.to_owned(), level.to_owned());

    set(&atelier, &["models.default", &spec(&server, "of-file")]);
    assert_eq!(decided(&atelier, &server, &[]), pair("of-file", "studio"));
    atelier.set_env("ATELIER_MODEL", spec(&server, "of-studio"));
    assert_eq!(decided(&atelier, &server, &[]), pair("of-studio", "studio"));
    set(&atelier, &["--project", "Salt", "models.default", &spec(&server, "of-project")]);
    assert_eq!(decided(&atelier, &server, &[]), pair("of-project", "project"));
    set(&atelier, &["agents.worldbuilder.model", &spec(&server, "of-agent")]);
    assert_eq!(decided(&atelier, &server, &[]), pair("of-agent", "agent"));
    assert_eq!(decided(&atelier, &server, &["--model", &spec(&server, "of-run")]), pair("of-run", "run"));

    let origin = atelier.json(["config", "get", "models.default", "--project", "Salt"]);
    assert_eq!(origin["origin"], "project");
}

#[test]
fn c27_the_mode_chooses_among_the_configured_models() {
    let server = server();
    let atelier = atelier()
        .env("ATELIER_MODEL", spec(&server, "of-studio"))
        .env("ATELIER_FAST_MODEL", spec(&server, "first"))
        .env("ATELIER_HEAVY_MODEL", spec(&server, "second"));
    project(&atelier, "Salt");
    assert_eq!(decided(&atelier, &server, &["--mode", "fast"]).0, "first");
    assert_eq!(decided(&atelier, &server, &["--mode", "heavy"]).0, "second");
}

#[test]
fn c28_a_failing_model_is_followed_by_its_fallback_and_both_are_recorded() {
    let server = server();
    let down = DeadPort::new();
    let dead = format!("openai:gone@{}", down.base_url());
    let atelier = atelier().env("ATELIER_MODEL", &dead);
    project(&atelier, "Salt");
    atelier.json(["config", "set", "models.fallback", &spec(&server, "second")]);
    let run = atelier.json(["agent", "worldbuilder", "--project", "Salt", "--input", OUTLINE]);
    assert_eq!(run["status"], "done");
    let attempts: Vec<&Value> = list(&run, "steps").iter().flat_map(|step| list(step, "attempts")).collect();
    let last = attempts.last().unwrap();
    assert!(attempts.len() >= 2 && text(attempts[0], "model") == dead, "{attempts:#?}");
    assert_eq!((&attempts[0]["status"], &last["status"]), (&"failed".into(), &"finished".into()));
    assert!(text(last, "model").contains("second"));
    assert!(attempts[0]["error"]["message"].is_string());
}

#[test]
fn c28_where_all_models_fail_the_step_fails_and_nothing_is_saved() {
    let server = ModelServer::with(
        Script::new().models(&["first", "second"]).otherwise(Reply::auto().failing(Fault::status(400))),
    );
    let atelier = atelier().env("ATELIER_MODEL", spec(&server, "first"));
    project(&atelier, "Salt");
    atelier.json(["config", "set", "models.fallback", &spec(&server, "second")]);
    let run = atelier.json_code(["run", "story-bible", "--project", "Salt", "--idea", IDEA], 1);
    assert_eq!(step(&run, "plot")["status"], "failed");
    let models: Vec<String> = server.calls().iter().map(|seen| seen.model.clone()).collect();
    assert!(models.contains(&"first".to_owned()) && models.contains(&"second".to_owned()), "{models:?}");
    assert_eq!(list(&run, "receipts").len(), server.count(), "every request that was sent has a receipt");
    assert_eq!(atelier.json(["bucket", "list", "--project", "Salt"]), Value::Array(Vec::new()));
}

#[test]
fn models_are_listed_and_tested() {
    let server = server();
    let atelier = atelier().env("ATELIER_MODEL", spec(&server, "first"));
    let tested = atelier.json(["models", "test"]);
    assert_eq!(tested["ok"], true, "{tested}");
    assert!(atelier.json(["models", "list"]).to_string().contains("first"));
    let down = DeadPort::new();
    let dead = format!("openai:gone@{}", down.base_url());
    let failed = atelier.json_code(["models", "test", &dead], 6);
    assert!(failed["error"]["hint"].is_string(), "{failed}");
}

#[test]
fn a_server_that_fails_once_is_asked_again() {
    let script = Script::new().times(1, Matcher::Always, Reply::auto().failing(Fault::status(503)));
    let server = ModelServer::with(script);
    let atelier = crate::support::studio(&server);
    project(&atelier, "Salt");
    let run = atelier.json(["agent", "worldbuilder", "--project", "Salt", "--input", OUTLINE]);
    assert_eq!(run["status"], "done");
    assert_eq!(server.count(), 2);
    assert_eq!(list(&run, "receipts").len(), 2);
}
