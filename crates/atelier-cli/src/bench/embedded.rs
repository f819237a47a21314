//! `embedded`: how fast the model that runs without any setting reads and writes, and when a new person hears from it.

use std::sync::Arc;

use atelier_models::{Answer, ChatMessage, ChatRequest, Gateway, GatewayOptions, ModelSpec, Role};
use atelier_runtime::config::BUILTIN_MODEL;
use atelier_runtime::{Config, Failure};
use tokio_util::sync::CancellationToken;

use super::bed::Bed;
use super::child::Child;
use super::figure::{Figure, figure, median};
use super::{Bench, broken};

const ROUNDS: usize = 5;
const TOKENS: u32 = 160;
const TASK: &str = include_str!("crew/idea.txt");
/// How often the task is said to make a prompt worth timing.
const TIMES: usize = 24;

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let bed = Bed::make(bench)?;
    let config = Config::load(bed.folder(), &|name| bench.context.environment.get(name))?;
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let mut figures = Vec::new();
    for threads in if all > 1 { vec![1, all] } else { vec![1] } {
        let options = GatewayOptions {
            models_dir: config.models_dir().to_owned(),
            threads,
            ..GatewayOptions::default()
        };
        let gateway = Gateway::new(options).map_err(|error| broken("make a gateway", error))?;
        figures.extend(rates(&gateway, threads).await?);
    }
    let heard: Vec<f64> =
        tokio::task::block_in_place(|| (0..3).map(|_| first_word(bench)).collect::<Result<_, _>>())?;
    figures.push(figure(
        "first word of a first run, from the start of the program",
        median(&heard),
        "s",
        heard.len(),
    ));
    Ok(figures)
}

async fn rates(gateway: &Gateway, threads: usize) -> Result<Vec<Figure>, Failure> {
    ask(gateway, "warm", 8).await?;
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Another beginning each time, so that nothing of it is known already.
        let read = ask(gateway, &format!("{round}. {}", TASK.repeat(TIMES)), 1).await?;
        reads.push(read.usage.input_tokens as f64 * 1e3 / read.total_ms.max(1) as f64);
        let written = ask(gateway, &format!("{round}. {TASK}"), TOKENS).await?;
        let first = written.first_token_ms.unwrap_or(0);
        let rest = written.total_ms.saturating_sub(first).max(1) as f64;
        writes.push(written.usage.output_tokens.saturating_sub(1) as f64 * 1e3 / rest);
    }
    Ok(vec![
        figure(format!("reading, {threads} thread(s), p50"), median(&reads), "tok/s", ROUNDS),
        figure(format!("writing, {threads} thread(s), p50"), median(&writes), "tok/s", ROUNDS),
    ])
}

async fn ask(gateway: &Gateway, text: &str, max_output_tokens: u32) -> Result<Answer, Failure> {
    let spec: ModelSpec = BUILTIN_MODEL.parse().map_err(|error| broken("name the model", error))?;
    let request = ChatRequest {
        lane: "bench".into(),
        messages: vec![ChatMessage { role: Role::User, content: Arc::from(text) }],
        schema: None,
        schema_name: String::new(),
        max_output_tokens,
        temperature_milli: Some(0),
        seed: Some(1),
    };
    let answer = gateway.chat(&spec, &request, &mut |_| {}, &CancellationToken::new()).await;
    answer.map_err(|error| broken("ask the embedded model", error))
}

/// On fresh data, in a process of its own.
fn first_word(bench: &Bench<'_>) -> Result<f64, Failure> {
    let bed = Bed::make(bench)?;
    let mut worker = Child::start(bed.folder(), ["bench", "worker", "story"])?;
    match worker.line()?.as_deref() {
        Some("word") => Ok(worker.seconds()),
        other => Err(broken("hear the first word", format!("the worker said {other:?}"))),
    }
}
