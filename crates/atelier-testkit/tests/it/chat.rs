//! Both protocols, in one piece and in a stream.

use crate::http::{get, post};
use atelier_testkit::{Matcher, ModelServer, Reply, Script};
use serde_json::{Value, json};

fn ask(text: &str, more: Value) -> Value {
    let mut body = json!({"model": "scripted", "messages": [{"role": "system", "content": "you are kind"}, {"role": "user", "content": text}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn openai(server: &ModelServer) -> String {
    format!("{}/chat/completions", server.base_url())
}

fn ollama(server: &ModelServer) -> String {
    format!("{}/api/chat", server.ollama_url())
}

#[test]
fn openai_answers_in_one_piece_with_usage() {
    let server = ModelServer::with(Script::new().otherwise("once upon a time"));
    let answer = post(&openai(&server), &ask("hello", json!({})));
    let value = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(value["choices"][0]["message"]["content"], "once upon a time");
    assert_eq!(value["choices"][0]["finish_reason"], "stop");
    assert_eq!(value["usage"], json!({"prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9}));
}

#[test]
fn openai_streams_pieces_a_finish_usage_where_asked_and_done() {
    let server = ModelServer::with(Script::new().otherwise("once upon a time"));
    let with = json!({"stream": true, "stream_options": {"include_usage": true}});
    let events = post(&openai(&server), &ask("hello", with)).events();
    let text: String = events.iter().filter_map(|e| e["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "once upon a time");
    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
    let [.., finish, usage, done] = &events[..] else { panic!("too short") };
    assert_eq!(finish["choices"][0]["finish_reason"], "stop");
    assert_eq!((&usage["choices"], &usage["usage"]["total_tokens"]), (&json!([]), &json!(9)));
    assert_eq!(done, "[DONE]");

    let without = post(&openai(&server), &ask("hello", json!({"stream": true}))).events();
    assert!(without.iter().all(|e| e.get("usage").is_none()));
    assert_eq!(without.last().unwrap(), "[DONE]");
}

#[test]
fn ollama_streams_lines_by_default_and_closes_with_counts() {
    let server = ModelServer::with(Script::new().otherwise("once upon a time"));
    let answer = post(&ollama(&server), &ask("hello", json!({})));
    assert!(answer.head.contains("content-type: application/x-ndjson"));
    let lines = answer.lines();
    let text: String = lines.iter().map(|line| line["message"]["content"].as_str().unwrap()).collect();
    assert_eq!(text, "once upon a time");
    let (last, rest) = lines.split_last().unwrap();
    assert!(rest.iter().all(|line| line["done"] == false));
    assert_eq!((&last["done"], &last["done_reason"]), (&json!(true), &json!("stop")));
    assert_eq!((&last["prompt_eval_count"], &last["eval_count"]), (&json!(5), &json!(4)));

    let whole = post(&ollama(&server), &ask("hello", json!({"stream": false}))).json();
    assert_eq!(whole["message"]["content"], "once upon a time");
}

#[test]
fn thinking_comes_before_the_answer_in_each_protocols_own_field() {
    let server = ModelServer::with(Script::new().otherwise(Reply::text("yes").thinking("hm")));
    let events = post(&openai(&server), &ask("x", json!({"stream": true}))).events();
    assert_eq!(events[0]["choices"][0]["delta"]["reasoning_content"], "hm");
    assert_eq!(post(&ollama(&server), &ask("x", json!({}))).lines()[0]["message"]["thinking"], "hm");
}

#[test]
fn a_schema_is_answered_in_both_protocols_and_the_same_question_gets_the_same_answer() {
    let server = ModelServer::start();
    let schema =
        json!({"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}});
    let format =
        json!({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}});
    let said = |body: &Value| post(&openai(&server), body).json()["choices"][0]["message"]["content"].clone();
    let first: Value =
        serde_json::from_str(said(&ask("a harbor", format.clone())).as_str().unwrap()).unwrap();
    assert!(first["title"].is_string());
    assert_eq!(said(&ask("a harbor", format.clone())), said(&ask("a harbor", format.clone())));
    assert_ne!(said(&ask("a harbor", format.clone())), said(&ask("the desert", format)));
    let native = post(&ollama(&server), &ask("a harbor", json!({"format": schema, "stream": false}))).json();
    assert_eq!(serde_json::from_str::<Value>(native["message"]["content"].as_str().unwrap()).unwrap(), first);
}

#[test]
fn ids_in_a_prompt_do_not_change_the_answer() {
    let server = ModelServer::start();
    let said = |text: &str| {
        post(&openai(&server), &ask(text, json!({}))).json()["choices"][0]["message"]["content"].clone()
    };
    let (one, other) = ("for run_0199aa11bb22cc33dd44", "for run_0199ee55ff66aa77bb88");
    assert_eq!(said(one), said(other));
    assert_ne!(said(one), said("for nobody"));
}

#[test]
fn without_a_rule_the_answer_is_a_sentence_and_any_json_is_an_object() {
    let server = ModelServer::start();
    let plain = post(&openai(&server), &ask("hi", json!({}))).json();
    assert!(plain["choices"][0]["message"]["content"].as_str().unwrap().ends_with("until the morning."));
    let object = post(&ollama(&server), &ask("hi", json!({"format": "json", "stream": false}))).json();
    assert!(
        serde_json::from_str::<Value>(object["message"]["content"].as_str().unwrap()).unwrap().is_object()
    );
}

#[test]
fn echo_gives_back_the_last_user_message_in_parts_too() {
    let server = ModelServer::with(Script::new().otherwise(Reply::echo()));
    let parts = json!({"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "in parts"}]}]});
    assert_eq!(post(&openai(&server), &parts).json()["choices"][0]["message"]["content"], "in parts");
}

#[test]
fn limits_are_honoured_only_where_the_script_says_so() {
    let server = ModelServer::with(Script::new().otherwise("once upon a time"));
    let limited = ask("x", json!({"max_tokens": 2}));
    assert_eq!(post(&openai(&server), &limited).json()["choices"][0]["finish_reason"], "stop");
    server.script(Script::new().honour_max_tokens().otherwise("once upon a time"));
    let cut = post(&openai(&server), &limited).json();
    assert_eq!(cut["choices"][0]["message"]["content"], "once upo");
    assert_eq!(cut["choices"][0]["finish_reason"], "length");
    let native = ask("x", json!({"options": {"num_predict": 2}, "stream": false}));
    assert_eq!(post(&ollama(&server), &native).json()["done_reason"], "length");
}

#[test]
fn embeddings_are_of_length_one_and_near_for_texts_that_share_words() {
    let server = ModelServer::start();
    let body =
        json!({"model": "scripted-embed", "input": ["the old harbor", "an old harbor", "seven white swans"]});
    let data = post(&format!("{}/embeddings", server.base_url()), &body).json()["data"].clone();
    let vector = |n: usize| -> Vec<f64> {
        data[n]["embedding"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
    };
    let dot = |a: usize, b: usize| vector(a).iter().zip(vector(b)).map(|(x, y)| x * y).sum::<f64>();
    assert!((dot(0, 0) - 1.0).abs() < 1e-5);
    assert!(dot(0, 1) > dot(0, 2) + 0.2, "{} and {}", dot(0, 1), dot(0, 2));
    let native = post(&format!("{}/api/embed", server.ollama_url()), &body).json();
    assert_eq!(native["embeddings"][2], data[2]["embedding"]);
    assert_eq!(server.count(), 0);
}

#[test]
fn the_lists_name_the_scripts_models() {
    let server = ModelServer::with(Script::new().models(&["one", "two-embed"]));
    let root = server.ollama_url();
    assert_eq!(get(&format!("{root}/v1/models")).json()["data"][1]["id"], "two-embed");
    assert_eq!(get(&format!("{root}/api/tags")).json()["models"][0]["name"], "one");
    assert_eq!(
        post(&format!("{root}/api/show"), &json!({"model": "one"})).json()["capabilities"][0],
        "completion"
    );
    let unknown = post(&format!("{root}/api/show"), &json!({"model": "three"}));
    assert_eq!((unknown.status, unknown.json()), (404, json!({"error": "model 'three' not found"})));
    assert!(get(&format!("{root}/api/version")).json()["version"].is_string());
    assert_eq!(get(&format!("{root}/api/ps")).json()["models"][0]["name"], "one");
    assert_eq!(get(&format!("{root}/health")).text(), "ok");
    assert_eq!(get(&format!("{root}/elsewhere")).status, 404);
    assert_eq!(post(&openai(&server), &Value::Null).status, 400);
}

#[test]
fn rules_are_tried_in_order_and_can_be_used_up() {
    let script =
        Script::new().times(1, "harbor", "first").when(Matcher::Nth(3), "third").when("harbor", "later");
    let server = ModelServer::with(script);
    server.when(Matcher::model("big"), "from the big one");
    let said = |body: &Value| post(&openai(&server), body).json()["choices"][0]["message"]["content"].clone();
    assert_eq!(said(&ask("the harbor", json!({}))), "first");
    assert_eq!(said(&ask("the harbor", json!({}))), "later");
    assert_eq!(said(&ask("the harbor", json!({}))), "third");
    assert_eq!(said(&ask("else", json!({"model": "big"}))), "from the big one");
    let by_hand = Matcher::of(|seen| seen.messages().len() == 2 && seen.model == "small");
    server.when(Matcher::All(vec![Matcher::text("kind"), by_hand]), json!({"a": 1}));
    assert_eq!(said(&ask("else", json!({"model": "small"}))), "{\"a\":1}");
}
