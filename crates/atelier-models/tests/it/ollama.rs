//! Ollama's own protocol and its traps.

use crate::ask::{block_on, chat, gateway, request, schema, spec, with_schema};
use crate::raw;
use atelier_models::{CallErrorKind, Gateway, GatewayOptions};
use atelier_testkit::{Fault, Matcher, ModelServer, Reply, Script};
use serde_json::json;

#[test]
fn the_request_sets_the_context_and_forbids_cutting_the_prompt() {
    let server = ModelServer::start();
    let answer = chat(&gateway(), &spec(&server.ollama_spec()), &with_schema("begin")).answer();
    assert!(answer.text.starts_with('{') && !answer.usage.estimated);
    let calls = server.calls();
    assert_eq!(calls.len(), 1);
    let body = &calls[0].body;
    assert_eq!(body["format"], schema());
    assert_eq!((&body["truncate"], &body["stream"]), (&json!(false), &json!(true)));
    assert_eq!(body["options"]["num_predict"], 200);
    assert!(body["options"]["num_ctx"].as_u64().is_some_and(|n| n > 0));
    assert!(body.get("think").is_none(), "only models that can think may be told not to");
}

#[test]
fn the_context_is_the_setting_or_the_models_own_limit() {
    let raw = raw::ollama(
        json!({"capabilities": ["completion"], "model_info": {"llama.context_length": 2048}}),
        &[],
    );
    let gateway = gateway();
    let model = spec(&format!("ollama:m@{}", raw.url()));
    assert_eq!(gateway.traits_of(&model).context_tokens, 8192);
    chat(&gateway, &model, &request("a")).answer();
    assert_eq!(raw.last_body()["options"]["num_ctx"], 2048);
    assert_eq!(gateway.traits_of(&model).context_tokens, 2048);
}

#[test]
fn a_model_that_can_think_is_told_not_to() {
    let raw = raw::ollama(json!({"capabilities": ["completion", "thinking"]}), &[]);
    chat(&gateway(), &spec(&format!("ollama:m@{}", raw.url())), &request("a")).answer();
    assert_eq!(raw.last_body()["think"], false);
}

#[test]
fn what_a_model_can_is_asked_once() {
    let server = ModelServer::start();
    let gateway = gateway();
    for _ in 0..3 {
        chat(&gateway, &spec(&server.ollama_spec()), &request("a")).answer();
    }
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn a_prompt_that_was_cut_without_a_word_is_an_error_with_both_numbers() {
    let long = "The harbour was quiet that night. ".repeat(1_500);
    let server =
        ModelServer::with(Script::new().times(1, Matcher::Always, Reply::text("ok").wrong_usage(4_095, 2)));
    let error = chat(&gateway(), &spec(&server.ollama_spec()), &request(&long)).error();
    assert_eq!(error.kind, CallErrorKind::ContextTooLong);
    assert!(error.message.contains("4095"), "{error}");
    // The same prompt, counted as it is, is no error.
    server.when(Matcher::Always, Reply::text("ok").wrong_usage(10_500, 2));
    assert_eq!(chat(&gateway(), &spec(&server.ollama_spec()), &request(&long)).answer().text, "ok");
}

#[test]
fn an_answer_that_only_loaded_the_model_is_none() {
    let line = json!({"model": "m", "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "load"});
    let raw = raw::ollama(json!({}), &[line]);
    let error = chat(&gateway(), &spec(&format!("ollama:m@{}", raw.url())), &request("a")).error();
    assert!(error.kind == CallErrorKind::EmptyAnswer && error.message.contains("loaded"), "{error}");
}

#[test]
fn a_refused_format_is_left_out_from_then_on() {
    let refused = Matcher::of(|seen| seen.body.get("format").is_some());
    let fault =
        Fault::status_with(400, r#"{"error":"invalid format: expected \"json\" or a JSON schema"}"#, &[]);
    let server = ModelServer::with(Script::new().when(refused, fault));
    let (gateway, model) = (gateway(), spec(&server.ollama_spec()));
    assert_eq!(chat(&gateway, &model, &with_schema("a")).error().kind, CallErrorKind::SchemaRefused);
    chat(&gateway, &model, &with_schema("a")).answer();
    assert_eq!(server.count(), 2);
}

#[test]
fn its_models_are_listed_with_and_without_the_latest_tag() {
    let server = ModelServer::with(Script::new().models(&["qwen:3b", "story:latest"]));
    let gateway = Gateway::new(GatewayOptions::default()).unwrap();
    let listings = block_on(gateway.list(&[spec(&format!("ollama:story@{}/v1", server.ollama_url()))]));
    let found: Vec<_> = listings.iter().map(|one| (one.spec.model.as_str(), one.available)).collect();
    assert_eq!(found, [("story", true), ("qwen:3b", true)]);
}
