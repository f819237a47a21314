//! `repeat`: how many calls a run of ten makes that is killed after every finished call.
//!
//! Twice: killed while the next call is in flight, which repeats that one and no other; killed between two steps,
//! where nothing is in flight and every call is made exactly once.

use atelier_runtime::Failure;

use super::bed::Bed;
use super::child::{Child, Upstream};
use super::figure::{Figure, figure};
use super::upstream::Counts;
use super::{Bench, broken};

const CALLS: usize = 10;
/// Slow enough that the kill after a call hits the next one on its way.
const PACE: &str = "mock-f200-t64";

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    tokio::task::block_in_place(|| {
        let between = between_steps(bench)?;
        let flying = in_flight(bench)?;
        Ok(vec![
            figure("calls made, killed between the steps", between.asked as f64, "calls", CALLS),
            figure(
                "calls answered, killed with the next call in flight",
                flying.answered as f64,
                "calls",
                CALLS,
            ),
            figure(
                "calls in flight that were cut by a kill, and made again",
                flying.cut as f64,
                "calls",
                CALLS,
            ),
            figure("finished calls made again", flying.answered as f64 - CALLS as f64, "calls", CALLS),
        ])
    })
}

fn in_flight(bench: &Bench<'_>) -> Result<Counts, Failure> {
    let bed = Bed::make(bench)?;
    let upstream = Upstream::start(bed.folder())?;
    let port = upstream.port().to_string();
    let words = ["bench", "worker", "start", "bench-ten", "1", "1", &port, PACE];
    let mut worker = Child::start(bed.folder(), words)?;
    for call in 1..=CALLS {
        let line = worker.line()?;
        if line.as_deref().is_none_or(|line| !line.starts_with("finished")) {
            return Err(broken("hear of a finished call", format!("call {call} said {line:?}")));
        }
        if call < CALLS {
            // The next call is on its way when the server has seen it.
            upstream.until(|counts| counts.asked > counts.answered + counts.cut)?;
            worker.kill()?;
            upstream.until(|counts| counts.asked == counts.answered + counts.cut)?;
            worker = Child::start(bed.folder(), ["bench", "worker", "resume", &port])?;
        }
    }
    while worker.line()?.is_some_and(|line| line != "done") {}
    upstream.counts()
}

fn between_steps(bench: &Bench<'_>) -> Result<Counts, Failure> {
    let bed = Bed::make(bench)?;
    let upstream = Upstream::start(bed.folder())?;
    let port = upstream.port().to_string();
    let mut worker = Child::start(bed.folder(), ["bench", "worker", "begin", "bench-ten", &port, PACE])?;
    for _ in 0..2 * CALLS {
        let line = worker.line()?;
        worker.kill()?;
        match line.as_deref() {
            Some("done") => return upstream.counts(),
            Some("paused") => {}
            other => return Err(broken("go on step by step", format!("the worker said {other:?}"))),
        }
        worker = Child::start(bed.folder(), ["bench", "worker", "step", &port])?;
    }
    Err(broken("go on step by step", "the run does not end"))
}
