//! `peer-orch MODE PORT DIR K`: the line of eight in the protocol of the peers' harness, on the harness's model server.
//!
//! Modes: `latency`, `conc K`, `live K`, `crash` (the fifth call takes long; the harness kills us there), `resume`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use atelier_runtime::{Exit, Failure, Recovery, Request, RunRequest, Studio};
use serde_json::{Value, json};

use super::figure::{peak_mib, processor_time};
use super::step::{self, Direct};
use super::{Bench, bed, live, runs};
use crate::codes;
use crate::output;

const RUNS: usize = 60;
const LASTS: Duration = Duration::from_secs(6);
/// The fifth call of a run that will be killed. Its model is the run's for good, so it ends by itself when it is
/// asked again; the peers' takes a minute, ours two seconds.
const SLOW: (&str, &str) = ("agents.bench-continuity.model", "mock-f2000-t64");

pub(super) async fn speak(bench: &Bench<'_>) -> Result<Exit, Failure> {
    let started = Instant::now();
    let mode = bench.word(0, "the mode")?;
    let port = u16::try_from(bench.number(1, "the port")?).unwrap_or(0);
    let folder = PathBuf::from(bench.word(2, "the folder")?).join("data");
    let k = if bench.arguments.len() > 3 { bench.number(3, "how many")? } else { 1 };
    bed::furnish(&folder)?;
    let slow = mode == "live";
    let model = bed::model(port, if slow { "mock-f1000-t64" } else { "mock-t64" });
    let recovery = if mode == "resume" { Recovery::Everything } else { Recovery::Nothing };
    let studio = bed::studio(bench, &folder, &model, recovery).await?;
    let imports = started.elapsed().as_secs_f64();
    let told = match mode {
        "latency" => latency(&studio, &model, imports).await?,
        "conc" => conc(&studio, k).await?,
        "live" => all_live(&studio, k).await?,
        "crash" => crash(&studio, port).await?,
        "resume" => resume(&studio, imports).await?,
        other => {
            return Err(Failure::usage(
                codes::BAD_ARGUMENT,
                format!("there is no mode `{other}`"),
                "see docs/benchmarks.md",
            ));
        }
    };
    studio.shutdown().await;
    say(told)?;
    Ok(Exit::Ok)
}

async fn latency(studio: &Studio, model: &str, imports: f64) -> Result<Value, Failure> {
    bed::projects(studio, 1).await?;
    let direct = Direct::new(model)?;
    step::walls(studio, &direct, 5).await?;
    let walls = step::walls(studio, &direct, RUNS).await?;
    let (run_cpu, direct_cpu) = (walls.run_cpu, walls.direct_cpu);
    Ok(
        json!({"mode": "latency", "runs": walls.runs, "direct": walls.direct, "run_cpu": run_cpu, "direct_cpu": direct_cpu, "imports": imports, "hwm": peak_mib()?}),
    )
}

async fn conc(studio: &Studio, k: usize) -> Result<Value, Failure> {
    bed::projects(studio, k).await?;
    bed::run(studio, bed::request(0, "bench-line")).await?;
    let done = runs::at_once(studio, k, LASTS).await?;
    let cpu_run = done.cpu / done.runs.max(1) as f64;
    Ok(
        json!({"mode": "conc", "k": k, "runs": done.runs, "wall": done.wall, "rps": done.runs as f64 / done.wall, "cpu_run": cpu_run, "hwm": peak_mib()?}),
    )
}

/// The peers know threads where we know projects: as many runs as asked for, in at most 64 projects.
async fn all_live(studio: &Studio, k: usize) -> Result<Value, Failure> {
    let projects = k.min(64);
    bed::projects(studio, projects).await?;
    let (base, start) = (peak_mib()?, Instant::now());
    live::at_once(studio, projects, k).await?;
    Ok(
        json!({"mode": "live", "k": k, "base": base, "hwm": peak_mib()?, "wall": start.elapsed().as_secs_f64()}),
    )
}

async fn crash(studio: &Studio, port: u16) -> Result<Value, Failure> {
    bed::projects(studio, 1).await?;
    let (key, model) = (SLOW.0.to_owned(), bed::model(port, SLOW.1));
    studio.handle(Request::ConfigSet { project: Some("p0".into()), key, value: Some(model) }).await?;
    let start = Instant::now();
    bed::run(studio, RunRequest { inputs: bed::tagged(), ..bed::request(0, "bench-line") }).await?;
    Ok(json!({"mode": "crash", "wall": start.elapsed().as_secs_f64()}))
}

async fn resume(studio: &Studio, imports: f64) -> Result<Value, Failure> {
    let start = Instant::now();
    let runs = studio.handle(Request::RunsList { project: None }).await?;
    let run = runs[0]["id"].as_str().unwrap_or_default().to_owned();
    let run = studio.handle(Request::RunWait { run }).await?;
    Ok(
        json!({"mode": "resume", "imports": imports, "wall": start.elapsed().as_secs_f64(), "out": run["status"]}),
    )
}

fn say(mut told: Value) -> Result<(), Failure> {
    told["cpu_s"] = json!(processor_time().as_secs_f64());
    output::data(&format!("{told}\n"))
}
