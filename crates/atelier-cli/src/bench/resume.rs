//! `resume`: from the start of the program, after `kill -9`, until every run's call is on its way again.

use atelier_runtime::Failure;

use super::Bench;
use super::bed::Bed;
use super::child::{Child, Upstream};
use super::figure::{Figure, figure, median};

const ROUNDS: usize = 5;
/// Longer than any round: the kill always hits a call in flight.
const HANGS: &str = "mock-f600000-t64";

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    tokio::task::block_in_place(|| {
        let one = rounds(bench, 1, 1)?;
        let many = rounds(bench, 64, 1_000)?;
        Ok(vec![
            figure("1 run moving again", median(&one), "s", ROUNDS),
            figure("1,000 runs in 64 projects moving again", median(&many), "s", ROUNDS),
        ])
    })
}

fn rounds(bench: &Bench<'_>, projects: usize, runs: usize) -> Result<Vec<f64>, Failure> {
    (0..ROUNDS).map(|_| round(bench, projects, runs)).collect()
}

fn round(bench: &Bench<'_>, projects: usize, runs: usize) -> Result<f64, Failure> {
    let bed = Bed::make(bench)?;
    super::bed::furnish(bed.folder())?;
    let upstream = Upstream::start(bed.folder())?;
    let port = upstream.port().to_string();
    let (n_projects, n_runs) = (projects.to_string(), runs.to_string());
    let words = ["bench", "worker", "start", "bench-line", &n_projects, &n_runs, &port, HANGS];
    let mut first = Child::start(bed.folder(), words)?;
    upstream.until(|counts| counts.asked >= runs as u64)?;
    first.kill()?;
    let second = Child::start(bed.folder(), ["bench", "worker", "resume", &port])?;
    upstream.until(|counts| counts.asked >= 2 * runs as u64)?;
    Ok(second.seconds())
}
