//! Everything that goes wrong at a server is an error of its kind, after one request, and never text.

use crate::ask::{Heard, chat, gateway, request, spec};
use atelier_models::CallErrorKind::*;
use atelier_models::{CallError, CallErrorKind, Delta, FinishReason, Gateway, GatewayOptions, Keys};
use atelier_testkit::{DeadPort, Fault, ModelServer, Reply, Script};

const TEXT: &str = "once upon a time there was";

fn server(fault: Fault) -> ModelServer {
    ModelServer::with(Script::new().otherwise(Reply::text(TEXT).failing(fault)))
}

fn both(fault: &Fault) -> [CallError; 2] {
    let server = server(fault.clone());
    let errors = [server.spec(), server.ollama_spec()].map(|model| heard(&model).error());
    assert_eq!(server.count(), 2, "one request each");
    errors
}

fn heard(model: &str) -> Heard {
    chat(&gateway(), &spec(model), &request("begin"))
}

#[test]
fn a_status_has_its_kind_in_both_protocols() {
    let cases = [(401, Auth), (403, Auth), (404, ModelNotFound), (429, RateLimited), (503, Overloaded)];
    for (status, kind) in cases.into_iter().chain([(400, BadRequest), (500, ServerError)]) {
        for error in both(&Fault::status(status)) {
            assert_eq!(error.kind, kind, "{error:?}");
            assert!(!error.hint.is_empty() && error.partial.is_empty());
        }
    }
}

#[test]
fn the_server_says_when_to_come_again() {
    for status in [429, 503] {
        for error in both(&Fault::status_with(status, "slow down", &[("retry-after", "7")])) {
            assert_eq!(error.retry_after_ms, Some(7_000));
            assert!(error.kind.is_retryable() && error.message.contains("slow down"));
        }
    }
}

#[test]
fn a_cut_stream_is_an_error_with_the_part_that_came() {
    for error in both(&Fault::CutAfter(3)) {
        assert_eq!((error.kind, error.partial.as_str()), (Cut, "once upon a "));
    }
    for error in both(&Fault::CutAfter(99)) {
        assert_eq!((error.kind, error.partial.as_str()), (Cut, TEXT));
    }
}

#[test]
fn a_stream_that_never_announces_its_end_is_cut() {
    for error in both(&Fault::NoFinish) {
        assert_eq!((error.kind, error.partial.as_str()), (Cut, TEXT));
    }
}

#[test]
fn an_error_inside_a_200_is_an_error() {
    for after in [0, 2] {
        for error in both(&Fault::error_in_200(after, "out of memory")) {
            assert_eq!(error.kind, ServerError);
            assert!(error.message.contains("out of memory"));
            assert_eq!(error.partial.len(), after * 4);
        }
    }
}

#[test]
fn a_page_with_status_200_is_garbage() {
    for error in both(&Fault::Garbage) {
        assert_eq!(error.kind, Garbage, "{error:?}");
        assert!(error.partial.is_empty());
    }
}

#[test]
fn an_empty_answer_is_an_error_and_a_short_one_is_marked() {
    for error in both(&Fault::EmptyAnswer) {
        assert_eq!(error.kind, EmptyAnswer);
        assert!(error.usage.is_some());
    }
    let server = server(Fault::LengthStop);
    for model in [server.spec(), server.ollama_spec()] {
        assert_eq!(heard(&model).answer().finish, FinishReason::Length);
    }
}

#[test]
fn only_thinking_is_an_empty_answer_that_says_so() {
    let reply = Reply::text("").thinking("hm").failing(Fault::EmptyAnswer);
    let server = ModelServer::with(Script::new().otherwise(reply));
    let heard = heard(&server.spec());
    assert!(heard.deltas.contains(&Delta::Reasoning("hm".to_owned())));
    let error = heard.error();
    assert!(error.kind == EmptyAnswer && error.message.contains("thinking"), "{error}");
}

#[test]
fn nobody_there_is_unreachable_and_then_the_breaker_opens() {
    let port = DeadPort::new();
    let gateway = gateway();
    let model = spec(&format!("openai:m@{}", port.base_url()));
    let kinds: Vec<CallErrorKind> =
        (0..6).map(|_| chat(&gateway, &model, &request("a")).error().kind).collect();
    assert_eq!(kinds[..5], [Unreachable; 5]);
    assert_eq!(kinds[5], BreakerOpen);
    let error = chat(&gateway, &model, &request("a")).error();
    assert!(error.retry_after_ms.is_some() && error.kind.is_unreachable());
    let ollama = spec(&format!("ollama:m@{}", port.root_url()));
    assert_eq!(chat(&gateway, &ollama, &request("a")).error().kind, Unreachable);
}

#[test]
fn a_key_that_a_server_repeats_is_not_in_the_message() {
    let said = r#"{"error":{"message":"Incorrect API key provided: sk-secret-123"}}"#;
    let server = server(Fault::status_with(401, said, &[]));
    let mut keys = Keys::new();
    keys.insert(&server.base_url(), "sk-secret-123".into()).unwrap();
    let gateway = Gateway::new(GatewayOptions { keys, ..GatewayOptions::default() }).unwrap();
    let error = chat(&gateway, &spec(&server.spec()), &request("a")).error();
    assert_eq!(error.kind, Auth);
    assert!(!format!("{error:?}").contains("sk-secret"), "{error:?}");
    assert!(error.message.contains("[key]"));
}

#[test]
fn a_prompt_beyond_the_context_is_told_with_both_numbers() {
    let said = r#"{"error":{"code":400,"type":"exceed_context_size_error","message":"too big",
        "n_prompt_tokens":2033,"n_ctx":512}}"#;
    let error = heard(&server(Fault::status_with(400, said, &[])).spec()).error();
    assert_eq!(error.kind, ContextTooLong);
    assert!(error.message.contains("2033") && error.message.contains("512"));
    assert!(!error.kind.is_retryable());
}
