//! Prints how fast a GGUF model reads and writes: `speed MODEL [THREADS] [TOKENS] [EMBEDDER]`.
#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

use atelier_inference::{ChatModel, Embedder, Error, Generate, LoadOptions, Message, TokenCounter};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let path = arguments.get(1).ok_or("the first argument is a GGUF file")?;
    let number = |at: usize, default| arguments.get(at).map_or(Ok(default), |text| text.parse());
    let (threads, tokens) = (number(2, 2)?, number(3, 160)?);
    let started = Instant::now();
    TokenCounter::open(Path::new(path))?;
    println!("tokenizer {:>5} ms", started.elapsed().as_millis());
    let started = Instant::now();
    let mut model = ChatModel::load(Path::new(path), &LoadOptions { threads })?;
    println!("load      {:>5} ms, {} threads, {}", started.elapsed().as_millis(), threads, model.name());
    let schema = serde_json::json!({
        "type": "object",
        "properties": {
            "title": {"type": "string", "maxLength": 60},
            "tone": {"enum": ["dark", "light", "wry"]},
            "places": {"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": "string", "maxLength": 40}},
        },
        "required": ["title", "tone", "places"],
        "additionalProperties": false,
    });
    let short = "Write a story about a lighthouse keeper.";
    let long = "The keeper climbs the stairs and counts the waves that break below him. ".repeat(20);
    for (name, text, schema) in [
        ("short", short, None),
        ("again", short, None),
        ("long", long.as_str(), None),
        ("schema", short, Some(schema.clone())),
        ("schema2", short, Some(schema)),
    ] {
        measure(&mut model, name, text, schema, tokens)?;
    }
    match arguments.get(4) {
        Some(folder) => embed(Path::new(folder), threads),
        None => Ok(()),
    }
}

fn embed(folder: &Path, threads: usize) -> Result<(), Box<dyn std::error::Error>> {
    let mut embedder = Embedder::load(folder, &LoadOptions { threads })?;
    let short = "The keeper lights the lamp of the old lighthouse.";
    let long = short.repeat(16);
    for (name, text) in [("short", short), ("long", long.as_str())] {
        let texts = vec![text; 32];
        let started = Instant::now();
        embedder.embed(&texts)?;
        let each = started.elapsed().as_secs_f64() * 1000.0 / texts.len() as f64;
        println!("embedding {name:5} {each:>6.2} ms each");
    }
    Ok(())
}

fn measure(
    model: &mut ChatModel,
    name: &str,
    text: &str,
    schema: Option<serde_json::Value>,
    tokens: usize,
) -> Result<(), Error> {
    let request = Generate {
        messages: vec![Message { role: "user".to_owned(), content: text.to_owned() }],
        schema,
        max_tokens: tokens,
        temperature_milli: 0,
        seed: 1,
        stop: Vec::new(),
    };
    let done = model.generate(&request, &mut |_| ControlFlow::Continue(()))?;
    let read = done.prompt_tokens - done.reused_tokens;
    let rest = (done.total_ms - done.first_token_ms).max(1);
    println!(
        "{name:8} prompt {:>4} ({:>3} reused) {:>7.1} tok/s, first token {:>5} ms; answer {:>4} ({:>2} forced) {:>6.1} tok/s, {:?}",
        done.prompt_tokens,
        done.reused_tokens,
        read as f64 * 1000.0 / done.first_token_ms.max(1) as f64,
        done.first_token_ms,
        done.output_tokens,
        done.forced_tokens,
        (done.output_tokens - 1) as f64 * 1000.0 / rest as f64,
        done.finish,
    );
    println!("         {:?}", done.text.chars().take(160).collect::<String>());
    Ok(())
}
