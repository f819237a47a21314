//! `runs`: whole runs of eight agents, in 64 projects at once.

use std::time::{Duration, Instant};

use atelier_runtime::{Failure, Recovery, Studio};
use futures::future::try_join_all;

use super::Bench;
use super::bed::{self, Bed};
use super::child::Upstream;
use super::figure::{Figure, figure, peak_mib, processor_time};

const PROJECTS: usize = 64;
const LASTS: Duration = Duration::from_secs(6);

/// What came of it.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) runs: usize,
    pub(super) wall: f64,
    pub(super) cpu: f64,
}

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let bed = Bed::make(bench)?;
    let upstream = Upstream::start(bed.folder())?;
    let model = bed::model(upstream.port(), "mock-t64");
    let studio = bed::studio(bench, bed.folder(), &model, Recovery::Nothing).await?;
    bed::projects(&studio, PROJECTS).await?;
    at_once(&studio, PROJECTS, Duration::from_secs(1)).await?;
    let done = at_once(&studio, PROJECTS, LASTS).await?;
    studio.shutdown().await;
    let runs = done.runs as f64;
    Ok(vec![
        figure("runs per second of processor time", runs / done.cpu, "runs/s", done.runs),
        figure(
            "runs per second of wall, all cores, beside the model server",
            runs / done.wall,
            "runs/s",
            done.runs,
        ),
        figure("processor time of a run", done.cpu / runs * 1e3, "ms", done.runs),
        figure("most memory ever", peak_mib()?, "MiB", 1),
    ])
}

/// Every project starts its next run when its last one is done.
pub(super) async fn at_once(studio: &Studio, projects: usize, lasts: Duration) -> Result<Done, Failure> {
    let (start, cpu) = (Instant::now(), processor_time());
    let one = async |project: usize| {
        let mut runs = 0;
        while start.elapsed() < lasts {
            bed::run(studio, bed::request(project, "bench-line")).await?;
            runs += 1;
        }
        Ok::<usize, Failure>(runs)
    };
    let runs = try_join_all((0..projects).map(one)).await?.iter().sum();
    Ok(Done { runs, wall: start.elapsed().as_secs_f64(), cpu: (processor_time() - cpu).as_secs_f64() })
}
