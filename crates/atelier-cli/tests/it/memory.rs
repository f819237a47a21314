//! Remembering and finding again, on the real binary.

use crate::support::{atelier, list, log, project, text, told_in_three_lines};
use atelier_testkit::{Atelier, Call, Fault, Matcher, ModelServer, Reply};
use serde_json::Value;
use std::time::Duration;

fn add(atelier: &Atelier, passage: &str) -> String {
    let id = text(&atelier.json(["memory", "add", passage, "--project", "Salt"]), "id");
    assert!(id.starts_with("mem_"), "{id}");
    id
}

fn search(atelier: &Atelier, question: &str, more: &[&str]) -> Vec<Value> {
    let words = [&["memory", "search", question, "--project", "Salt"][..], more].concat();
    atelier.json(words).as_array().expect("a list").clone()
}

fn texts(found: &[Value]) -> Vec<String> {
    found.iter().map(|one| text(one, "text")).collect()
}

fn embedding_requests(server: &ModelServer) -> usize {
    server.requests().iter().filter(|seen| seen.call == Call::Embed).count()
}

#[test]
fn c14_what_was_remembered_is_found_by_meaning_without_a_network() {
    let atelier = atelier().with_embedded_models().deadline(Duration::from_secs(120));
    project(&atelier, "Salt");
    let boat = add(&atelier, "The ferry sinks at low tide.");
    add(&atelier, "Mara keeps a white cat.");
    add(&atelier, "The north tower has no door.");

    let found = search(&atelier, "What happens to the boat when the water is shallow?", &["-k", "5"]);
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(text(&found[0], "id"), boat);
    let scores: Vec<f64> = found.iter().map(|one| one["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    assert_eq!(texts(&search(&atelier, "kitten", &["-k", "1"])), ["Mara keeps a white cat."]);

    atelier.json(["memory", "delete", &boat, "--project", "Salt"]);
    assert!(!texts(&search(&atelier, "boat", &[])).contains(&"The ferry sinks at low tide.".to_owned()));
    atelier.run(["memory", "delete", &boat, "--project", "Salt"]).expect_code(3);
    atelier.run(["memory", "clear", "--project", "Salt"]).expect_code(4);
    atelier.json(["memory", "clear", "--project", "Salt", "--yes"]);
    assert!(search(&atelier, "boat", &[]).is_empty());
    let kinds: Vec<String> = log(&atelier, "Salt").iter().map(|event| text(event, "kind")).collect();
    assert_eq!(
        kinds[1..],
        ["memory.added", "memory.added", "memory.added", "memory.removed", "memory.cleared"]
    );
}

#[test]
fn without_any_model_words_are_searched_and_that_is_said() {
    let atelier = atelier();
    project(&atelier, "Salt");
    add(&atelier, "The ferry sinks at low tide.");
    add(&atelier, "the FERRY sinks at low tide");
    add(&atelier, "Mara keeps a white cat.");
    let output = atelier
        .run(["memory", "search", "ferries and a ferry", "--project", "Salt", "--json"])
        .expect_code(0);
    assert!(output.stderr.contains("by words alone") && output.stderr.contains("not installed"), "{output}");
    let found = output.json();
    assert_eq!(
        found.as_array().unwrap().len(),
        1,
        "the same passage twice, or one without the word: {found}"
    );
    assert_eq!(*list(&found[0], "by"), ["words"]);
    assert_eq!(atelier.json(["memory", "list", "--project", "Salt"]).as_array().unwrap().len(), 3);
}

#[test]
fn another_server_embeds_and_each_text_is_sent_once() {
    for protocol in ["openai", "ollama"] {
        let server = ModelServer::start();
        let spec = if protocol == "openai" { server.spec() } else { server.ollama_spec() };
        let atelier = atelier().env("ATELIER_EMBEDDING_MODEL", &spec);
        project(&atelier, "Salt");
        add(&atelier, "The ferry sinks at low tide.");
        add(&atelier, "Mara keeps a white cat.");
        let found = search(&atelier, "cat", &[]);
        assert_eq!(texts(&found), ["Mara keeps a white cat.", "The ferry sinks at low tide."], "{protocol}");
        let asked = embedding_requests(&server);
        search(&atelier, "cat", &[]);
        assert_eq!(
            embedding_requests(&server),
            asked + 1,
            "{protocol}: more than the question was embedded again"
        );
    }
}

#[test]
fn a_server_that_fails_leaves_the_words() {
    let server = ModelServer::start();
    server.when(Matcher::path("/v1/embeddings"), Reply::auto().failing(Fault::BadJson));
    let atelier = atelier().env("ATELIER_EMBEDDING_MODEL", server.spec());
    project(&atelier, "Salt");
    add(&atelier, "The ferry sinks at low tide.");
    let output = atelier.run(["memory", "search", "ferry", "--project", "Salt", "--json"]).expect_code(0);
    assert!(output.stderr.contains("by words alone"), "{output}");
    assert_eq!(output.json().as_array().unwrap().len(), 1);
}

#[test]
fn another_model_embeds_anew_and_a_cut_file_is_made_whole() {
    let server = ModelServer::start();
    let mut atelier = atelier().env("ATELIER_EMBEDDING_MODEL", server.spec());
    let id = project(&atelier, "Salt");
    add(&atelier, "The ferry sinks at low tide.");
    add(&atelier, "Mara keeps a white cat.");
    search(&atelier, "cat", &[]);
    let folder = atelier.data_dir().join("projects").join(&id).join("index");
    let files =
        || -> Vec<_> { std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect() };
    assert_eq!(files().len(), 1);
    let file = files().remove(0);
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2 + 3]).unwrap();
    assert_eq!(search(&atelier, "cat", &[]).len(), 2);
    assert_eq!(std::fs::read(&file).unwrap().len(), whole.len());
    std::fs::write(&file, b"no vectors at all").unwrap();
    assert_eq!(search(&atelier, "cat", &[]).len(), 2);
    assert_eq!(std::fs::read(&file).unwrap().len(), whole.len());

    let other = format!("openai:other@{}", server.base_url());
    atelier.set_env("ATELIER_EMBEDDING_MODEL", &other);
    assert_eq!(texts(&search(&atelier, "cat", &[]))[0], "Mara keeps a white cat.");
    assert_eq!(files().len(), 2);
}

#[test]
fn a_passage_of_a_megabyte_is_kept_and_a_longer_one_refused() {
    let atelier = atelier();
    project(&atelier, "Salt");
    let long = "salt ".repeat(1024 * 1024 / 5);
    let kept = |passage: &str| {
        atelier.run_with_stdin(["memory", "add", "-", "--project", "Salt", "--json"], passage.as_bytes())
    };
    kept(&format!("{long}quartz")[6..]).expect_code(0);
    assert_eq!(search(&atelier, "quartz", &[]).len(), 1);
    told_in_three_lines(
        &atelier
            .run_with_stdin(["memory", "add", "-", "--project", "Salt"], format!("{long}{long}").as_bytes())
            .expect_code(2),
    );
    atelier.run(["memory", "add", "  ", "--project", "Salt"]).expect_code(2);
    atelier.run(["memory", "add", "x", "--project", "Salt", "--about", "nobody"]).expect_code(3);
}
