//! Asking for JSON: by schema, by object, in plain words, and remembering what a server takes.

use crate::ask::{chat, gateway, request, schema, spec, with_schema};
use atelier_models::{CallErrorKind, ChatRequest};
use atelier_testkit::{Fault, Matcher, ModelServer, Script};
use serde_json::{Value, json};

fn refuses(form: &'static str, body: &str) -> (Matcher, Fault) {
    let fits = Matcher::of(move |seen| seen.body.pointer("/response_format/type") == Some(&json!(form)));
    (fits, Fault::status_with(400, body, &[]))
}

fn forms(server: &ModelServer) -> Vec<Value> {
    let form = |body: &Value| body.pointer("/response_format/type").cloned().unwrap_or_default();
    server.calls().iter().map(|seen| form(&seen.body)).collect()
}

#[test]
fn a_schema_is_sent_as_the_protocol_has_it() {
    let server = ModelServer::start();
    let answer = chat(&gateway(), &spec(&server.spec()), &with_schema("a")).answer();
    assert!(serde_json::from_str::<Value>(&answer.text).unwrap()["title"].is_string());
    let sent = server.calls()[0].body["response_format"].clone();
    let expected = json!({"name": "thing", "strict": true, "schema": schema()});
    assert_eq!(sent, json!({"type": "json_schema", "json_schema": expected}));
}

#[test]
fn a_server_that_knows_no_schemas_is_asked_for_less_the_next_time_and_for_good() {
    let (matcher, fault) =
        refuses("json_schema", r#"{"error":"response_format json_schema is not supported"}"#);
    let server = ModelServer::with(Script::new().when(matcher, fault));
    let (gateway, model) = (gateway(), spec(&server.spec()));
    let error = chat(&gateway, &model, &with_schema("a")).error();
    assert_eq!(error.kind, CallErrorKind::SchemaRefused);
    assert!(error.kind.is_retryable());
    chat(&gateway, &model, &with_schema("a")).answer();
    chat(&gateway, &model, &ChatRequest { schema_name: "other".to_owned(), ..with_schema("a") }).answer();
    assert_eq!(forms(&server), ["json_schema", "json_object", "json_object"]);
}

#[test]
fn a_server_that_refuses_json_objects_too_is_asked_in_plain_words() {
    let (schema, no_schema) = refuses("json_schema", r#"{"error":"response_format is not supported"}"#);
    let said = r#"{"error":"'response_format.type' must be 'json_schema' or 'text'"}"#;
    let (object, no_object) = refuses("json_object", said);
    let server = ModelServer::with(Script::new().when(schema, no_schema).when(object, no_object));
    let (gateway, model) = (gateway(), spec(&server.spec()));
    for _ in 0..2 {
        assert_eq!(chat(&gateway, &model, &with_schema("a")).error().kind, CallErrorKind::SchemaRefused);
    }
    chat(&gateway, &model, &with_schema("a")).answer();
    assert_eq!(forms(&server), [json!("json_schema"), json!("json_object"), Value::Null]);
}

#[test]
fn one_schema_that_a_server_cannot_use_does_not_spoil_the_others() {
    let said = r#"{"error":{"code":400,"message":"JSON schema error at #: unrecognized type nonsense"}}"#;
    let bad =
        Matcher::of(|seen| seen.body.pointer("/response_format/json_schema/name") == Some(&json!("bad")));
    let server = ModelServer::with(Script::new().when(bad, Fault::status_with(400, said, &[])));
    let (gateway, model) = (gateway(), spec(&server.spec()));
    let bad = ChatRequest { schema_name: "bad".to_owned(), ..with_schema("a") };
    assert_eq!(chat(&gateway, &model, &bad).error().kind, CallErrorKind::SchemaRefused);
    chat(&gateway, &model, &bad).answer();
    chat(&gateway, &model, &with_schema("a")).answer();
    assert_eq!(forms(&server), ["json_schema", "json_object", "json_schema"]);
}

#[test]
fn a_refusal_without_a_schema_is_a_bad_request() {
    let server = ModelServer::with(Script::new().otherwise(Fault::status_with(400, "grammar?", &[])));
    assert_eq!(
        chat(&gateway(), &spec(&server.spec()), &request("a")).error().kind,
        CallErrorKind::BadRequest
    );
}
