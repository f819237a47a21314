//! `live`: resident memory with many runs under way at once, while every model call takes a second.

use atelier_runtime::{Failure, Recovery, Studio};
use futures::future::try_join_all;

use super::Bench;
use super::bed::{self, Bed};
use super::child::Upstream;
use super::figure::{Figure, figure, peak_mib, resident_mib};

const PROJECTS: usize = 64;
const RUNS: usize = 1_000;

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let bed = Bed::make(bench)?;
    let upstream = Upstream::start(bed.folder())?;
    let model = bed::model(upstream.port(), "mock-f1000-t64");
    let studio = bed::studio(bench, bed.folder(), &model, Recovery::Nothing).await?;
    bed::projects(&studio, PROJECTS).await?;
    let before = resident_mib(None)?;
    at_once(&studio, PROJECTS, RUNS).await?;
    studio.shutdown().await;
    let peak = peak_mib()?;
    Ok(vec![
        figure("most memory ever, with 1,000 runs under way in 64 projects", peak, "MiB", RUNS),
        figure("before, with 64 open projects", before, "MiB", PROJECTS),
        figure("a run under way", (peak - before) * 1_024.0 / RUNS as f64, "KiB", RUNS),
    ])
}

/// Starts all runs and waits for all.
pub(super) async fn at_once(studio: &Studio, projects: usize, runs: usize) -> Result<(), Failure> {
    let one = |number: usize| bed::run(studio, bed::request(number % projects, "bench-line"));
    try_join_all((0..runs).map(one)).await.map(drop)
}
