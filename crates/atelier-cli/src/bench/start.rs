//! `start`: from the start of the program to its first answer, and the memory of a studio that waits.

use std::path::Path;

use atelier_runtime::Failure;
use serde_json::Value;

use super::bed::Bed;
use super::child::{self, Child};
use super::figure::{Figure, figure, median, resident_mib};
use super::{Bench, broken, long};

const ROUNDS: usize = 11;
/// Until memory that is only needed at the start has been given back.
const REST: std::time::Duration = std::time::Duration::from_secs(2);

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let empty = Bed::make(bench)?;
    let long = Bed::make(bench)?;
    long::grow(bench, &long).await?;
    tokio::task::block_in_place(|| {
        let listed = answers(empty.folder(), &["project", "list", "--json"])?;
        let shown = answers(long.folder(), &["project", "show", "p0", "--json"])?;
        let (empty_health, empty_memory) = serving(empty.folder())?;
        let (long_health, long_memory) = serving(long.folder())?;
        Ok(vec![
            figure("`project list`, empty data, p50", median(&listed), "s", ROUNDS),
            figure("`project show` of a 100 k-event project, p50", median(&shown), "s", ROUNDS),
            figure("`serve` until /health answers, empty data, p50", median(&empty_health), "s", ROUNDS),
            figure(
                "`serve` until /health answers, a 100 k-event project, p50",
                median(&long_health),
                "s",
                ROUNDS,
            ),
            figure("idle memory of `serve`, empty data", median(&empty_memory), "MiB", 1),
            figure("idle memory of `serve`, a 100 k-event project", median(&long_memory), "MiB", 1),
        ])
    })
}

fn answers(data: &Path, words: &[&str]) -> Result<Vec<f64>, Failure> {
    (0..ROUNDS).map(|_| Child::start(data, words.iter().copied())?.finished()).collect()
}

fn serving(data: &Path) -> Result<(Vec<f64>, Vec<f64>), Failure> {
    let (mut seconds, mut memory) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let mut served = Child::start(data, ["serve", "--listen", "127.0.0.1:0", "--json"])?;
        let told = served.line()?.unwrap_or_default();
        let port = serde_json::from_str::<Value>(&told).ok().and_then(|told| port(&told));
        let port = port.ok_or_else(|| broken("serve", format!("it said {told:?}")))?;
        child::get(port, "/health").map_err(|error| broken("ask for the health", error))?;
        seconds.push(served.seconds());
        if round == 0 {
            std::thread::sleep(REST);
            memory.push(resident_mib(Some(served.id()))?);
        }
        served.kill()?;
    }
    Ok((seconds, memory))
}

fn port(told: &Value) -> Option<u16> {
    told["listen"].as_str()?.rsplit(':').next()?.trim_end_matches('/').parse().ok()
}
