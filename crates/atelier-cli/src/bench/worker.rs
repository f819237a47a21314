//! The process that `resume`, `repeat` and `embedded` start, kill and start again: it owns a folder and works on it.
//!
//! Words: `start WORKFLOW PROJECTS RUNS PORT MODEL`, `resume PORT`, `begin WORKFLOW PORT MODEL`, `step PORT`, `story`.
//! It says a line for each thing that its measurement waits for.

use atelier_domain::Event;
use atelier_domain::event::attempt::AttemptEvent;
use atelier_runtime::{Config, Exit, Failure, Notice, Open, Recovery, Request, RunRequest, Studio, Update};
use serde_json::{Value, json};

use super::{Bench, bed, broken};
use crate::codes;
use crate::output;

const IDEA: &str = include_str!("crew/idea.txt");

pub(super) async fn work(bench: &Bench<'_>) -> Result<Exit, Failure> {
    match bench.word(0, "what the worker does")? {
        "start" => start(bench).await,
        "resume" => resume(bench).await,
        "begin" => begin(bench).await,
        "step" => step(bench).await,
        "story" => story(bench).await,
        other => Err(Failure::usage(
            codes::BAD_ARGUMENT,
            format!("a worker cannot `{other}`"),
            "see docs/benchmarks.md",
        )),
    }?;
    Ok(Exit::Ok)
}

/// Starts runs in projects, turn about, and tells of every call that is finished.
async fn start(bench: &Bench<'_>) -> Result<(), Failure> {
    let workflow = bench.word(1, "the workflow")?;
    let (n_projects, n_runs) = (bench.number(2, "how many projects")?, bench.number(3, "how many runs")?);
    let studio =
        on(bench, bench.number(4, "the port")?, bench.word(5, "the model")?, Recovery::Nothing).await?;
    bed::projects(&studio, n_projects).await?;
    let telling = tell_finished(&studio);
    let starting = async {
        for number in 0..n_runs {
            studio.handle(Request::Run(bed::request(number % n_projects, workflow))).await?;
        }
        Ok::<(), Failure>(())
    };
    futures::try_join!(telling, starting).map(drop)
}

/// Carries on what was under way, until nothing is, and tells of every call that is finished.
async fn resume(bench: &Bench<'_>) -> Result<(), Failure> {
    let studio = on(bench, bench.number(1, "the port")?, "mock-t64", Recovery::Everything).await?;
    tokio::select! { told = tell_finished(&studio) => told?, waited = all(&studio) => waited? }
    output::data("done\n")
}

/// Starts a run and pauses it after its first call; tells the run.
async fn begin(bench: &Bench<'_>) -> Result<(), Failure> {
    let (workflow, model) = (bench.word(1, "the workflow")?, bench.word(3, "the model")?);
    let studio = on(bench, bench.number(2, "the port")?, model, Recovery::Nothing).await?;
    bed::projects(&studio, 1).await?;
    let run = studio.handle(Request::Run(bed::request(0, workflow))).await?;
    let run = run["id"].as_str().unwrap_or_default().to_owned();
    studio.handle(Request::RunPause { run: run.clone(), cut: false, reason: "asked".into() }).await?;
    settle_and_stay(&studio, run).await
}

/// One step of the only run.
async fn step(bench: &Bench<'_>) -> Result<(), Failure> {
    let studio = on(bench, bench.number(1, "the port")?, "mock-t64", Recovery::Nothing).await?;
    let runs = runs(&studio).await?;
    let run = runs.first().map(|run| run["id"].as_str().unwrap_or_default().to_owned());
    let run = run.ok_or_else(|| broken("go on with the run", "there is none"))?;
    studio.handle(Request::RunStep { run: run.clone() }).await?;
    settle_and_stay(&studio, run).await
}

/// The first run of a new person: the story crew on the model that runs without any setting.
async fn story(bench: &Bench<'_>) -> Result<(), Failure> {
    let data = bench.context.data.clone();
    let config = Config::load(&data, &|name| bench.context.environment.get(name))?;
    let studio = Studio::open(Open { data, config, recovery: Recovery::Nothing }).await?;
    bed::projects(&studio, 1).await?;
    let mut updates = studio.follow("p0", None).await?;
    let inputs = serde_json::Map::from_iter([("idea".to_owned(), json!(IDEA.trim()))]);
    studio.handle(Request::Run(RunRequest { inputs, ..bed::request(0, "story-bible") })).await?;
    while let Some(update) = updates.recv().await {
        if matches!(update, Update::Notice(Notice::Delta { .. })) {
            return output::data("word\n");
        }
    }
    Err(broken("hear the first word", "the run said nothing"))
}

async fn on(bench: &Bench<'_>, port: usize, model: &str, recovery: Recovery) -> Result<Studio, Failure> {
    let port = u16::try_from(port).map_err(|error| broken("find the model server", error))?;
    bed::studio(bench, &bench.context.data, &bed::model(port, model), recovery).await
}

/// Says how the run then stands, and stays until it is killed.
async fn settle_and_stay(studio: &Studio, run: String) -> Result<(), Failure> {
    let run = studio.handle(Request::RunWait { run }).await?;
    output::data(&format!("{}\n", run["status"].as_str().unwrap_or_default()))?;
    std::future::pending().await
}

/// A line for each finished call of the first project, once it is durable. Never ends by itself.
async fn tell_finished(studio: &Studio) -> Result<(), Failure> {
    let mut updates = studio.follow("p0", None).await?;
    while let Some(update) = updates.recv().await {
        if let Update::Event(event) = update
            && let Event::Attempt(AttemptEvent::Finished(finished)) = &event.event
        {
            output::data(&format!("finished {}\n", finished.path))?;
        }
    }
    Ok(())
}

async fn all(studio: &Studio) -> Result<(), Failure> {
    for run in runs(studio).await? {
        let run = run["id"].as_str().unwrap_or_default().to_owned();
        studio.handle(Request::RunWait { run }).await?;
    }
    Ok(())
}

async fn runs(studio: &Studio) -> Result<Vec<Value>, Failure> {
    let runs = studio.handle(Request::RunsList { project: None }).await?;
    Ok(runs.as_array().cloned().unwrap_or_default())
}
