//! The real models that `cargo xtask setup` puts into the cache folder.
#![allow(clippy::expect_used, clippy::panic, reason = "a helper that fails is a test that fails")]

use atelier_inference::{
    ChatModel, Embedder, Error, Finish, Generate, Generation, LoadOptions, Message, TokenCounter, requantize,
};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

const TWO: LoadOptions = LoadOptions { threads: 2 };

#[expect(clippy::disallowed_methods, reason = "tests find the models where the product finds them")]
fn model(name: &str) -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")))
        .expect("neither XDG_CACHE_HOME nor HOME is set");
    let path = cache.join("atelier/models").join(name);
    assert!(path.exists(), "the model {} is missing: run `cargo xtask setup` once", path.display());
    path
}

fn chat_path() -> PathBuf {
    model("smollm2-135m-instruct-q4_0.gguf")
}

fn chat() -> ChatModel {
    ChatModel::load(&chat_path(), &TWO).expect("the model loads")
}

fn ask(text: &str) -> Generate {
    Generate {
        messages: vec![Message { role: "user".to_owned(), content: text.to_owned() }],
        schema: None,
        max_tokens: 24,
        temperature_milli: 0,
        seed: 1,
        stop: Vec::new(),
    }
}

fn run(model: &mut ChatModel, request: &Generate) -> Generation {
    let mut streamed = String::new();
    let done = model
        .generate(request, &mut |text| {
            streamed.push_str(text);
            ControlFlow::Continue(())
        })
        .expect("the model answers");
    assert_eq!(streamed, done.text, "what was streamed is the answer");
    done
}

fn bible() -> Value {
    json!({
        "type": "object",
        "properties": {
            "title": {"type": "string", "minLength": 3, "maxLength": 30},
            "tone": {"enum": ["dark", "light", "wry"]},
            "chapters": {"type": "integer", "minimum": 3, "maximum": 40},
            "places": {
                "type": "array", "minItems": 1, "maxItems": 2,
                "items": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string", "maxLength": 16},
                        "mood": {"enum": ["calm", "tense"]},
                    },
                    "required": ["name", "mood"],
                    "additionalProperties": false,
                },
            },
        },
        "required": ["title", "tone", "chapters", "places"],
        "additionalProperties": false,
    })
}

#[test]
fn greedy_text_is_the_same_each_time_on_any_number_of_threads() {
    let request = Generate { max_tokens: 120, ..ask("What is the capital of France?") };
    let first = run(&mut chat(), &request);
    let one = LoadOptions { threads: 1 };
    let mut alone = ChatModel::load(&chat_path(), &one).expect("the model loads");
    let second = run(&mut alone, &request);
    assert_eq!(first.text, second.text);
    assert!(first.text.contains("Paris"), "{:?}", first.text);
    assert_eq!(first.finish, Finish::Stop, "{:?}", first.text);
    assert!(first.output_tokens < 120 && first.prompt_tokens > 20);
}

#[test]
fn answers_obey_the_schema_for_every_seed() {
    let mut model = chat();
    let validator = jsonschema::validator_for(&bible()).expect("the schema is a schema");
    let mut forced = 0;
    let mut texts = Vec::new();
    for seed in 1..=5 {
        let request = Generate {
            schema: Some(bible()),
            max_tokens: 200,
            temperature_milli: 900,
            seed,
            ..ask("Invent a short novel about a lighthouse. Answer in JSON.")
        };
        let done = run(&mut model, &request);
        assert_eq!(done.finish, Finish::Stop, "{}", done.text);
        let value: Value = serde_json::from_str(&done.text)
            .unwrap_or_else(|error| panic!("seed {seed}: {error} in {:?}", done.text));
        assert!(validator.is_valid(&value), "seed {seed}: {}", done.text);
        forced += done.forced_tokens;
        texts.push(done.text);
    }
    assert!(forced > 50, "keys are not chosen, they are forced: {forced}");
    texts.dedup();
    assert!(texts.len() > 1, "seeds differ");
}

#[test]
fn a_schema_that_cannot_be_enforced_is_refused() {
    let mut model = chat();
    for schema in
        [json!({"type": "nonsense"}), json!("text"), json!({"type": "array", "minItems": 3, "maxItems": 1})]
    {
        let request = Generate { schema: Some(schema.clone()), ..ask("Answer in JSON.") };
        let error = model.generate(&request, &mut |_| ControlFlow::Continue(()));
        assert!(matches!(error, Err(Error::Schema { .. })), "{schema}: {error:?}");
    }
}

#[test]
fn an_answer_that_is_cut_says_so() {
    let request = Generate { schema: Some(bible()), max_tokens: 9, ..ask("Invent a novel. Answer in JSON.") };
    let done = run(&mut chat(), &request);
    assert_eq!((done.finish, done.output_tokens), (Finish::Length, 9));
    assert!(serde_json::from_str::<Value>(&done.text).is_err());
}

#[test]
fn the_callback_stops_the_prompt_and_the_answer() {
    let mut model = chat();
    let long = ask(&"The keeper counts the waves below. ".repeat(40));
    let mut calls = 0;
    let done = model
        .generate(&long, &mut |text| {
            calls += 1;
            assert_eq!(text, "", "no text comes while the prompt is read");
            if calls == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .expect("a cancelled call is no error");
    assert_eq!((done.finish, done.output_tokens, calls), (Finish::Cancelled, 0, 2));

    let mut said = 0;
    let done = model
        .generate(&ask("Tell me a story."), &mut |text| {
            said += usize::from(!text.is_empty());
            if said == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .expect("a cancelled call is no error");
    assert_eq!(done.finish, Finish::Cancelled);
    assert!(!done.text.is_empty() && done.output_tokens < 24);
}

#[test]
fn two_agents_in_turns_reuse_their_prompts_and_say_the_same() {
    let story = "A lighthouse keeper finds a door in the sea. ".repeat(4);
    let first = ask(&format!("{story} Who is the keeper?"));
    let second = ask(&format!("{} Name a harbour.", "Bread rises slowly. ".repeat(10)));
    let fresh = [&first, &second].map(|request| run(&mut chat(), request));
    let mut model = chat();
    for round in 0..2 {
        for (request, fresh) in [&first, &second].into_iter().zip(&fresh) {
            let done = run(&mut model, request);
            assert_eq!(done.text, fresh.text);
            if round > 0 {
                assert_eq!(done.reused_tokens, done.prompt_tokens - 1);
            }
        }
    }
    let longer = run(&mut model, &ask(&format!("{story} Where is the door?")));
    assert!(longer.reused_tokens > 40, "the shared start is reused: {}", longer.reused_tokens);
}

#[test]
fn a_stop_text_ends_the_answer_before_it() {
    let mut model = chat();
    let whole = run(&mut model, &ask("What is the capital of France?")).text;
    let at = whole.find("Paris").expect("the answer names Paris");
    let request = Generate { stop: vec!["Paris".to_owned()], ..ask("What is the capital of France?") };
    let done = run(&mut model, &request);
    assert_eq!((done.text.as_str(), done.finish), (&whole[..at], Finish::Stop));
}

#[test]
fn a_prompt_that_does_not_fit_is_refused_with_both_numbers() {
    let error = chat()
        .generate(&ask(&"wave ".repeat(9000)), &mut |_| ControlFlow::Continue(()))
        .expect_err("the prompt is too long");
    let Error::PromptTooLong { prompt_tokens, context_tokens } = error else {
        panic!("{error}");
    };
    assert!(prompt_tokens > 9000 && context_tokens == 8192);
}

#[test]
fn tokens_are_counted_without_the_weights_and_as_the_model_counts() {
    let counter = TokenCounter::open(&chat_path()).expect("the metadata loads");
    // Known from the model's own tokenizer: digits stand alone, a word takes its blank along.
    assert_eq!(counter.count(""), 0);
    assert_eq!(counter.count("Hello world"), 2);
    assert_eq!(counter.count("2024"), 4);
    assert!(counter.count("<|im_end|>") > 1, "text is never a control token");
    // The figures that llama.cpp gives for the same file.
    for (text, tokens) in [
        ("Größe 🐉 naïve café — “quotes”…", 16),
        ("don't we'll I'M", 7),
        ("def f(x):\n    return x+1\n", 11),
        ("日本語のテスト", 13),
        ("a\r\nb", 4),
        ("ünïcödé\u{200b} zero", 9),
        ("1st 2nd   ", 6),
    ] {
        assert_eq!(counter.count(text), tokens, "{text}");
    }
    let model = chat();
    let message = |content: &str| {
        let messages = ask(content).messages;
        model.count_prompt(&messages).expect("the template renders")
    };
    assert_eq!(message("Write a story about a lighthouse keeper."), 38);
    let frame = message("");
    for text in ["Hello world", "A door in the sea 42", "Größe 🐉"] {
        assert_eq!(message(text), frame + counter.count(text), "{text}");
    }
}

#[test]
fn files_that_are_no_models_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = std::fs::read(chat_path()).expect("the model is read");
    let cases: [(&str, &[u8]); 4] = [
        ("text.gguf", b"once upon a time there was no model in here"),
        ("empty.gguf", b""),
        ("header.gguf", &whole[..100_000]),
        ("weights.gguf", &whole[..whole.len() / 2]),
    ];
    for (name, bytes) in cases {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("the file is written");
        let error = ChatModel::load(&path, &TWO).err().expect("the file is refused");
        assert!(matches!(error, Error::Malformed { .. }), "{name}: {error}");
        assert!(error.to_string().contains(name) && error.hint().is_some(), "{error}");
    }
    let error = ChatModel::load(&folder.path().join("none.gguf"), &TWO).err();
    assert!(matches!(error, Some(Error::Read { .. })));
}

#[test]
fn another_architecture_is_named_when_it_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("other.gguf");
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(3u32.to_le_bytes());
    bytes.extend([0u64, 1].map(u64::to_le_bytes).concat());
    for text in ["general.architecture", "mamba"] {
        if text == "mamba" {
            bytes.extend(8u32.to_le_bytes());
        }
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text.bytes());
    }
    std::fs::write(&path, bytes).expect("the file is written");
    let error = ChatModel::load(&path, &TWO).err().expect("the file is refused");
    let Error::Architecture { architecture, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(architecture, "mamba");
}

#[test]
fn a_file_is_requantised_whole_and_the_copy_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("copy.gguf");
    let done = requantize(&chat_path(), &target).expect("the file is written");
    assert!(done.tensors > 200 && done.bytes > 50_000_000, "{done:?}");
    let mut copy = ChatModel::load(&target, &TWO).expect("the copy loads");
    let request = ask("What is the capital of France?");
    assert_eq!(run(&mut copy, &request).text, run(&mut chat(), &request).text);
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder is read").collect();
    assert_eq!(left.len(), 1, "nothing but the file is left: {left:?}");
    let nowhere = folder.path().join("no/such/folder/copy.gguf");
    assert!(matches!(requantize(&chat_path(), &nowhere), Err(Error::Write { .. })));
}

#[test]
fn sentences_of_the_same_meaning_lie_close() {
    let mut embedder = Embedder::load(&model("all-minilm-l6-v2"), &TWO).expect("it loads");
    let texts = [
        "The keeper lights the lamp of the lighthouse.",
        "The lighthouse keeper lit the lamp.",
        "Quarterly tax forms are due in April.",
        "A man turns on the beacon in the tower by the sea.",
    ];
    let vectors = embedder.embed(&texts).expect("it embeds");
    let cosine = |a: usize, b: usize| -> f32 { vectors[a].iter().zip(&vectors[b]).map(|(x, y)| x * y).sum() };
    assert_eq!(embedder.dimensions(), 384);
    for at in 0..4 {
        assert!((cosine(at, at) - 1.0).abs() < 1e-3);
    }
    assert!(cosine(0, 1) > 0.5, "{}", cosine(0, 1));
    assert!(cosine(0, 2) < 0.2, "{}", cosine(0, 2));
    // What the published weights give in full precision.
    for (other, exact) in [(1, 0.9272), (2, -0.0819), (3, 0.3489)] {
        assert!((cosine(0, other) - exact).abs() < 0.02, "{other}: {}", cosine(0, other));
    }
    for (value, exact) in vectors[0].iter().zip([0.0310, 0.0491, -0.0136, 0.0241, 0.0197]) {
        assert!((value - exact).abs() < 0.005, "{value} is not {exact}");
    }
    let alone = embedder.embed(&texts[1..2]).expect("it embeds");
    assert_eq!(alone[0], vectors[1], "company changes nothing");
    let long = "The sea is rough tonight and the lamp is out. ".repeat(100);
    assert_eq!(embedder.embed(&[&long]).expect("it embeds")[0].len(), 384);
}

#[test]
fn a_folder_without_an_embedding_model_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = Embedder::load(folder.path(), &TWO).err().expect("it is refused");
    assert!(matches!(error, Error::Read { .. }), "{error}");
}
