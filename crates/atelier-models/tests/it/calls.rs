//! A call that goes well, what it sends, and who may make it when.

use crate::ask::{DEADLINE, block_on, call, chat, gateway, request, spec, waiting};
use atelier_models::{
    CallErrorKind, ChatRequest, Delta, FinishReason, Gateway, GatewayOptions, Keys, Price, Prices,
    ProviderKind,
};
use atelier_testkit::{Matcher, ModelServer, Reply, Script};
use serde_json::json;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

#[test]
fn an_answer_comes_in_deltas_in_order_from_one_request() {
    let server = ModelServer::with(Script::new().otherwise("once upon a time"));
    let heard = chat(&gateway(), &spec(&server.spec()), &request("begin"));
    assert_eq!(heard.deltas[0], Delta::Started);
    assert!(heard.text_deltas().len() > 1);
    assert_eq!(heard.text_deltas().concat(), "once upon a time");
    let answer = heard.answer();
    assert_eq!((answer.text.as_str(), &answer.finish), ("once upon a time", &FinishReason::Stop));
    assert_eq!((answer.model.as_str(), answer.provider), ("scripted", ProviderKind::OpenAi));
    assert_eq!((answer.usage.output_tokens, answer.usage.estimated, answer.cost_micros), (4, false, 0));
    assert!(answer.first_token_ms.is_some_and(|ms| ms <= answer.total_ms));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn the_request_carries_what_was_asked_for() {
    let server = ModelServer::start();
    chat(&gateway(), &spec(&server.spec()), &request("begin")).answer();
    let seen = &server.requests()[0];
    assert_eq!((seen.path.as_str(), seen.method.as_str()), ("/v1/chat/completions", "POST"));
    assert_eq!(
        seen.body,
        json!({"model": "scripted", "stream": true, "stream_options": {"include_usage": true},
            "messages": [{"role": "system", "content": "You are terse."}, {"role": "user", "content": "begin"}],
            "max_tokens": 200, "temperature": 0.7, "seed": 7})
    );
    assert!(!seen.headers.contains_key("authorization"));
}

#[test]
fn reasoning_is_heard_apart_and_is_no_part_of_the_answer() {
    let server = ModelServer::with(Script::new().otherwise(Reply::text("blue").thinking("sky, so")));
    let heard = chat(&gateway(), &spec(&server.spec()), &request("colour?"));
    assert!(heard.deltas.contains(&Delta::Reasoning("sky, so".to_owned())));
    assert_eq!(heard.answer().text, "blue");
}

#[test]
fn usage_that_the_server_keeps_to_itself_is_estimated_and_marked() {
    let server = ModelServer::with(Script::new().otherwise(Reply::text("four words are here").no_usage()));
    let usage = chat(&gateway(), &spec(&server.spec()), &request("begin")).answer().usage;
    assert!(usage.estimated && usage.input_tokens >= 4 && usage.output_tokens >= 4, "{usage:?}");
}

#[test]
fn a_key_goes_to_its_own_server_and_nowhere_else() {
    let (ours, other) = (ModelServer::start(), ModelServer::start());
    let mut keys = Keys::new();
    keys.insert(&ours.base_url(), "sk-secret-123".into()).unwrap();
    let gateway = Gateway::new(GatewayOptions { keys, ..GatewayOptions::default() }).unwrap();
    chat(&gateway, &spec(&ours.spec()), &request("a")).answer();
    chat(&gateway, &spec(&other.spec()), &request("b")).answer();
    assert_eq!(ours.requests()[0].headers["authorization"], "Bearer sk-secret-123");
    assert!(!other.requests()[0].headers.contains_key("authorization"));
}

#[test]
fn a_key_that_a_server_repeats_is_in_no_answer() {
    let secret = "sk-secret-123";
    let server = ModelServer::with(Script::new().otherwise(format!("you sent {secret}, did you?").as_str()));
    let mut keys = Keys::new();
    keys.insert(&server.base_url(), secret.into()).unwrap();
    let gateway = Gateway::new(GatewayOptions { keys, ..GatewayOptions::default() }).unwrap();
    let answer = chat(&gateway, &spec(&server.spec()), &request("echo")).answer();
    assert_eq!(answer.text, "you sent [key], did you?");
}

#[test]
fn local_models_cost_nothing_whatever_their_name() {
    let server = ModelServer::start();
    let mut prices = Prices::default();
    prices.set("scripted", Price { input: 1_000_000, output: 1_000_000, cached_input: None });
    let gateway = Gateway::new(GatewayOptions { prices, ..GatewayOptions::default() }).unwrap();
    assert_eq!(chat(&gateway, &spec(&server.spec()), &request("a")).answer().cost_micros, 0);
}

#[test]
fn a_hosted_service_is_not_contacted_without_a_key() {
    let error = chat(&gateway(), &spec("openai:gpt-4o-mini"), &request("a")).error();
    assert_eq!(error.kind, CallErrorKind::Config);
    assert!(error.hint.contains("OPENAI_API_KEY"));
}

#[test]
fn a_base_url_without_a_path_is_taken_to_mean_v1() {
    let server = ModelServer::start();
    let bare = spec(&format!("openai:scripted@{}", server.ollama_url()));
    chat(&gateway(), &bare, &request("a")).answer();
    assert_eq!(server.requests()[0].path, "/v1/chat/completions");
}

#[test]
fn cancelling_drops_the_connection_at_once_and_keeps_what_was_said() {
    let server = Arc::new(ModelServer::with(Script::new().otherwise("once upon a time")));
    let hold = server.hold_after(2, Matcher::Always);
    let (cancel, model, gateway) = (CancellationToken::new(), spec(&server.spec()), gateway());
    block_on(async {
        let asked = request("begin");
        let caller = call(&gateway, &model, &asked, &cancel);
        let watched = Arc::clone(&server);
        let canceller = async {
            let hold = waiting(move || (assert!(hold.wait_held(1, DEADLINE)), hold).1).await;
            // The two pieces are on their way; the call may still be cancelled before it has read them.
            cancel.cancel();
            hold
        };
        let (heard, hold) = tokio::join!(caller, canceller);
        let error = heard.error();
        assert_eq!(error.kind, CallErrorKind::Cancelled);
        assert!("once upon a time".starts_with(&error.partial));
        let gone = waiting(move || watched.wait_until(DEADLINE, |seen| seen[0].abandoned)).await;
        assert!(gone, "the server sees the connection go");
        drop(hold);
    });
}

#[test]
fn calls_beyond_the_limit_wait_and_lanes_take_turns() {
    let server = Arc::new(ModelServer::with(Script::new().otherwise(Reply::echo())));
    let gateway = Gateway::new(GatewayOptions { concurrency: 1, ..GatewayOptions::default() }).unwrap();
    let model = spec(&server.spec());
    let hold = server.hold("first");
    block_on(async {
        let token = CancellationToken::new();
        let of = |lane: &str, text: &str| ChatRequest { lane: lane.to_owned(), ..request(text) };
        let requests = [of("a", "first"), of("a", "a2"), of("a", "a3"), of("b", "b1")];
        let calls = requests.iter().map(|one| call(&gateway, &model, one, &token));
        let release = async { waiting(move || assert!(hold.wait_held(1, DEADLINE))).await };
        let (heard, ()) = tokio::join!(futures::future::join_all(calls), release);
        assert!(heard.into_iter().all(|heard| heard.result.is_ok()));
    });
    let order: Vec<String> = server.calls().iter().map(|seen| seen.text.clone()).collect();
    let place = |text: &str| order.iter().position(|seen| seen.contains(text)).unwrap();
    assert!(place("b1") < place("a3"), "the other project is not behind all of the first: {order:?}");
}

#[test]
fn a_call_that_waits_in_the_queue_can_be_cancelled_and_was_never_sent() {
    let server = Arc::new(ModelServer::start());
    let gateway = Gateway::new(GatewayOptions { concurrency: 1, ..GatewayOptions::default() }).unwrap();
    let model = spec(&server.spec());
    let hold = server.hold("first");
    block_on(async {
        let (token, second) = (CancellationToken::new(), CancellationToken::new());
        let (one, two) = (request("first"), request("second"));
        let holding = call(&gateway, &model, &one, &token);
        let queued = async {
            let hold = waiting(move || (assert!(hold.wait_held(1, DEADLINE)), hold).1).await;
            let mut queued = Box::pin(call(&gateway, &model, &two, &second));
            assert!(futures::poll!(&mut queued).is_pending());
            second.cancel();
            let heard = queued.await;
            drop(hold);
            heard
        };
        let (first, second) = tokio::join!(holding, queued);
        assert!(first.result.is_ok() && second.deltas.is_empty());
        assert_eq!(second.error().kind, CallErrorKind::Cancelled);
    });
    assert_eq!(server.count(), 1);
}

#[test]
fn listing_and_testing_tell_what_is_there() {
    let server = ModelServer::with(Script::new().models(&["scripted", "other"]));
    let gateway = gateway();
    block_on(async {
        let missing = spec(&format!("openai:missing@{}", server.base_url()));
        let listings = gateway.list(&[spec(&server.spec()), missing]).await;
        let found: Vec<_> = listings.iter().map(|one| (one.spec.model.as_str(), one.available)).collect();
        assert_eq!(found, [("scripted", true), ("missing", false), ("other", true)]);
        assert!(listings[1].detail.contains("scripted, other"), "{}", listings[1].detail);
        let report = gateway.test(&spec(&server.spec())).await.unwrap();
        assert!(report.output_tokens > 0 && !report.text.is_empty() && report.model == "scripted");
    });
}
