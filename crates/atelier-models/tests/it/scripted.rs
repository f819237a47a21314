//! Replies from a file.

use crate::ask::{block_on, chat, gateway, request, spec};
use atelier_models::{CallErrorKind, ModelSpec, ProviderKind};
use std::path::Path;

fn script(dir: &Path, json: &str) -> ModelSpec {
    let file = dir.join("replies.json");
    std::fs::write(&file, json).unwrap();
    spec(&format!("scripted:{}", file.display()))
}

#[test]
fn replies_are_chosen_by_their_part_of_the_prompt_and_used_up() {
    let dir = tempfile::tempdir().unwrap();
    let model = script(
        dir.path(),
        r#"{"replies":[{"match":"world","json":{"b":1,"a":[2]}},
            {"error":{"kind":"rate_limited","retry_after_ms":5},"times":1},{"reply":"a longer text in several deltas"}]}"#,
    );
    let gateway = gateway();
    let answer = chat(&gateway, &model, &request("the world")).answer();
    assert_eq!((answer.text.as_str(), answer.provider), (r#"{"b":1,"a":[2]}"#, ProviderKind::Scripted));
    let error = chat(&gateway, &model, &request("plot")).error();
    assert_eq!((error.kind, error.retry_after_ms), (CallErrorKind::RateLimited, Some(5)));
    let heard = chat(&gateway, &model, &request("plot"));
    assert!(heard.text_deltas().len() > 1);
    assert_eq!(heard.answer().text, "a longer text in several deltas");
}

#[test]
fn a_call_that_nothing_matches_is_an_error_that_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let model = script(dir.path(), r#"{"replies":[{"match":"never","reply":"x"}]}"#);
    let error = chat(&gateway(), &model, &request("plot")).error();
    assert!(error.kind == CallErrorKind::Config && error.message.contains("no reply"), "{error}");
}

#[test]
fn a_broken_script_is_refused_with_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let cases = [
        (r#"{"replies":[{"reply":"x","json":1}]}"#, "exactly one"),
        (r#"{"replies":[{"error":{"kind":"tired"}}]}"#, "tired"),
        (r#"{"replies":[{"answer":"x"}]}"#, "answer"),
        ("once upon", "expected"),
    ];
    for (json, words) in cases {
        let model = script(dir.path(), json);
        let error = chat(&gateway(), &model, &request("a")).error();
        assert!(error.kind == CallErrorKind::Config && error.message.contains(words), "{json}: {error}");
    }
    let gone = spec("scripted:no/such/file.json");
    let listings = block_on(gateway().list(&[gone]));
    assert!(!listings[0].available && !listings[0].hint.is_empty());
}
