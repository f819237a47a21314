//! `step`: what the machinery costs around one model call, durable before the next one starts.
//!
//! The wall of a run of eight agents, less that of eight calls made directly through the same gateway, over eight.

use std::sync::Arc;
use std::time::Instant;

use atelier_models::{ChatMessage, ChatRequest, Gateway, GatewayOptions, ModelSpec, Role};
use atelier_runtime::tasks::{OnCancel, Tasks};
use atelier_runtime::{Failure, Recovery, Studio};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::bed::{self, Bed, NODES};
use super::child::Upstream;
use super::figure::{Figure, figure, median, processor_time, quantile};
use super::{Bench, broken};

const WARM: usize = 10;
const RUNS: usize = 120;

/// Walls and processor times of runs and of their calls alone, in seconds.
#[derive(Debug, Default)]
pub(super) struct Walls {
    pub(super) runs: Vec<f64>,
    pub(super) direct: Vec<f64>,
    pub(super) run_cpu: f64,
    pub(super) direct_cpu: f64,
}

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let bed = Bed::make(bench)?;
    let upstream = Upstream::start(bed.folder())?;
    let model = bed::model(upstream.port(), "mock-t64");
    let studio = bed::studio(bench, bed.folder(), &model, Recovery::Nothing).await?;
    bed::projects(&studio, 1).await?;
    let direct = Direct::new(&model)?;
    walls(&studio, &direct, WARM).await?;
    let walls = walls(&studio, &direct, RUNS).await?;
    studio.shutdown().await;
    let steps = NODES.len() as f64;
    let over = |share| (quantile(&walls.runs, share) - quantile(&walls.direct, share)) / steps * 1e3;
    Ok(vec![
        figure("overhead of a step, p50", over(0.5), "ms", RUNS),
        figure("overhead of a step, p95", over(0.95), "ms", RUNS),
        figure(
            "processor time of a step over its call",
            (walls.run_cpu - walls.direct_cpu) / steps * 1e3,
            "ms",
            RUNS,
        ),
        figure("a run of eight, p50", median(&walls.runs) * 1e3, "ms", RUNS),
        figure("its eight calls alone, p50", median(&walls.direct) * 1e3, "ms", RUNS),
    ])
}

/// Runs and their calls alone, turn about.
pub(super) async fn walls(studio: &Studio, direct: &Direct, n: usize) -> Result<Walls, Failure> {
    let mut walls = Walls::default();
    for _ in 0..n {
        let (start, cpu) = (Instant::now(), processor_time());
        bed::run(studio, bed::request(0, "bench-line")).await?;
        walls.runs.push(start.elapsed().as_secs_f64());
        walls.run_cpu += (processor_time() - cpu).as_secs_f64() / n as f64;
        let (start, cpu) = (Instant::now(), processor_time());
        direct.eight().await?;
        walls.direct.push(start.elapsed().as_secs_f64());
        walls.direct_cpu += (processor_time() - cpu).as_secs_f64() / n as f64;
    }
    Ok(walls)
}

/// The gateway alone, asked what the agents of the line are asked.
#[derive(Clone)]
pub(super) struct Direct {
    gateway: Gateway,
    model: ModelSpec,
    request: ChatRequest,
}

impl Direct {
    pub(super) fn new(model: &str) -> Result<Self, Failure> {
        let gateway =
            Gateway::new(GatewayOptions::default()).map_err(|error| broken("make a gateway", error))?;
        let model = model.parse().map_err(|error| broken("name the model", error))?;
        // What an agent is asked is about this long; what it says does not matter here.
        let message =
            |role, chars: usize| ChatMessage { role, content: Arc::from("a river ".repeat(chars / 8)) };
        let request = ChatRequest {
            lane: "direct".into(),
            messages: vec![message(Role::System, 216), message(Role::User, 400)],
            schema: None,
            schema_name: String::new(),
            max_output_tokens: 700,
            temperature_milli: None,
            seed: Some(1),
        };
        Ok(Self { gateway, model, request })
    }

    /// In a task, as the calls of a run are: the thread that waits here would be woken for each piece of an answer.
    pub(super) async fn eight(&self) -> Result<(), Failure> {
        let (this, (told, done)) = (self.clone(), oneshot::channel());
        Tasks::default().spawn("direct calls", None, OnCancel::Drop, async move {
            // Who asked waits for this.
            told.send(this.calls().await).ok();
        });
        done.await.map_err(|error| broken("call the model server", error))?
    }

    async fn calls(&self) -> Result<(), Failure> {
        let cancel = CancellationToken::new();
        for _ in NODES {
            let called = self.gateway.chat(&self.model, &self.request, &mut |_| {}, &cancel).await;
            called.map_err(|error| broken("call the model server", error))?;
        }
        Ok(())
    }
}
