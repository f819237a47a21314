//! The embedded models, with the real files.

use crate::ask::{DEADLINE, block_on, call, chat, request, spec, with_schema};
use atelier_models::{
    CallErrorKind, ChatRequest, Delta, FinishReason, Gateway, GatewayOptions, ProviderKind,
};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Where `cargo xtask setup` puts them.
#[expect(clippy::disallowed_methods, reason = "a test has no settings to find the models' folder by")]
fn models_dir() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|dir| dir.is_absolute());
    let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")));
    let dir = cache.unwrap().join("atelier/models");
    let missing = "the embedded models are not installed: run `cargo xtask setup`";
    assert!(dir.join("smollm2-135m-instruct-q4_0.gguf").is_file(), "{missing}");
    assert!(dir.join("all-minilm-l6-v2").is_dir(), "{missing}");
    dir
}

fn in_dir(models_dir: PathBuf) -> Gateway {
    Gateway::new(GatewayOptions { models_dir, threads: 2, ..GatewayOptions::default() }).unwrap()
}

#[test]
fn the_embedded_model_answers_with_exact_counts() {
    let gateway = in_dir(models_dir());
    let model = spec("embedded:smollm2-135m");
    let traits = gateway.traits_of(&model);
    assert!(traits.tiny && traits.exact_tokens && traits.context_tokens == 8192, "{traits:?}");
    assert_eq!(gateway.count_tokens(&model, "Hello world"), 2);
    let asked = ChatRequest { max_output_tokens: 12, ..request("Name one colour.") };
    let heard = chat(&gateway, &model, &asked);
    assert_eq!(heard.deltas[0], Delta::Started);
    let text = heard.text_deltas().concat();
    let answer = heard.answer();
    assert_eq!((answer.text, answer.provider), (text, ProviderKind::Embedded));
    assert!(answer.usage.input_tokens > 10 && !answer.usage.estimated && answer.usage.output_tokens <= 12);
    let constrained = ChatRequest { max_output_tokens: 60, ..with_schema("Name a book.") };
    let answer = chat(&gateway, &model, &constrained).answer();
    assert!(answer.text.starts_with('{'), "{}", answer.text);
    if answer.finish == FinishReason::Stop {
        let value: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        assert!(value["title"].is_string());
    }
}

#[test]
fn a_cancelled_call_stops_the_engine_and_the_next_one_goes_ahead() {
    let gateway = in_dir(models_dir());
    let model = spec("embedded:smollm2-135m");
    block_on(async {
        let cancel = CancellationToken::new();
        let asked = ChatRequest { max_output_tokens: 4_000, ..request("Tell a very long story.") };
        let mut n = 0;
        let token = cancel.clone();
        let mut on_delta = |delta: Delta| {
            n += usize::from(matches!(delta, Delta::Text(_)));
            if n == 2 {
                token.cancel();
            }
        };
        let error = gateway.chat(&model, &asked, &mut on_delta, &cancel).await.unwrap_err();
        assert!(error.kind == CallErrorKind::Cancelled && !error.partial.is_empty(), "{error:?}");
        let next = ChatRequest { max_output_tokens: 3, ..request("Hi.") };
        let token = CancellationToken::new();
        let again = tokio::time::timeout(DEADLINE, call(&gateway, &model, &next, &token));
        again.await.unwrap().answer();
    });
}

#[test]
fn a_prompt_beyond_the_context_is_an_error_with_both_numbers() {
    let gateway = in_dir(models_dir());
    let long = "The harbour was quiet that night. ".repeat(1_500);
    let error = chat(&gateway, &spec("embedded:smollm2-135m"), &request(&long)).error();
    assert_eq!(error.kind, CallErrorKind::ContextTooLong, "{error}");
    assert!(error.message.contains("8192"), "{error}");
}

#[test]
fn sentences_become_vectors_in_which_the_like_lie_close() {
    let gateway = in_dir(models_dir());
    let texts = ["A dog runs in the park.", "A puppy is running outside.", "Taxes are due in April."];
    let vectors = block_on(gateway.embed(&texts.map(str::to_owned))).unwrap();
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    assert!(dot(&vectors[0], &vectors[1]) > 0.5);
    assert!(dot(&vectors[0], &vectors[2]) < 0.2);
}

#[test]
fn a_missing_or_broken_model_is_an_error_that_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = in_dir(dir.path().to_owned());
    let error = chat(&gateway, &spec("embedded:smollm2-135m"), &request("a")).error();
    assert!(error.kind == CallErrorKind::Config && error.hint.contains("cargo xtask setup"), "{error:?}");
    std::fs::write(dir.path().join("text.gguf"), "once upon a time").unwrap();
    let error = chat(&gateway, &spec("embedded:text.gguf"), &request("a")).error();
    assert!(error.kind == CallErrorKind::Config && error.message.contains("text.gguf"), "{error:?}");
    assert_eq!(block_on(gateway.embed(&["a".to_owned()])).unwrap_err().kind, CallErrorKind::Config);
    let listings = block_on(gateway.list(&[spec("embedded:smollm2-135m")]));
    assert!(!listings[0].available && listings[0].hint.contains("setup"));
}

#[test]
fn an_installed_model_is_found_by_its_name_and_installed_once() {
    let source = models_dir().join("smollm2-135m-instruct-q4_0.gguf");
    let dir = tempfile::tempdir().unwrap();
    let first = atelier_models::install(&source, dir.path()).unwrap();
    assert!(!first.unchanged && first.path.is_file());
    assert!(atelier_models::install(&source, dir.path()).unwrap().unchanged);
    let gateway = in_dir(dir.path().to_owned());
    let listings = block_on(gateway.list(&[spec(&format!("embedded:{}", first.name))]));
    assert!(listings[0].available && listings[0].context_tokens == Some(8192), "{listings:?}");
    assert!(listings[0].size_bytes.is_some_and(|size| size > 50_000_000));
}

#[test]
fn estimates_are_above_the_counts_of_a_real_tokenizer() {
    let gateway = in_dir(models_dir());
    let model = spec("embedded:smollm2-135m");
    let texts = [
        "The lighthouse keeper had not spoken to anyone for eleven days, and the gulls had noticed.",
        r#"{"title":"The Glass Harbour","chapters":[{"number":1,"summary":"A storm at 04:30."}]}"#,
        "Ihr Vater, der alte Müller, hätte das nie zugelassen; aber er war längst fort.",
        "fn main() {\n    let x = vec![1, 2, 3];\n    println!(\"{x:?}\");\n}\n",
        "## Act I\n\n- **Mara** (34), keeper of the light\n- *Jonas*, her brother\n",
        "数の島に住む人々は、夜ごとに灯台を見上げた。",
        "Её отец никогда бы этого не допустил.",
    ];
    for text in texts {
        let (real, estimate) = (gateway.count_tokens(&model, text), atelier_models::estimate_tokens(text));
        println!("{real} {estimate} {text}");
        assert!(estimate >= real, "{estimate} < {real}: {text}");
        assert!(estimate <= real * 2, "{estimate} is too far above {real}: {text}");
    }
}
