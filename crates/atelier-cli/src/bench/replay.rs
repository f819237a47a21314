//! `replay`: how fast a long log folds, and how fast a project with a snapshot opens.

use std::ops::ControlFlow;
use std::sync::Arc;

use atelier_domain::{ProjectId, State};
use atelier_runtime::{Failure, Recovery};
use atelier_store::{Log, SqliteStore, Store, Verify};

use super::bed::{self, Bed};
use super::figure::{Figure, figure, median, processor_time, timed};
use super::{Bench, long};

const ROUNDS: usize = 3;
const OPENS: usize = 9;

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let bed = Bed::make(bench)?;
    let project = long::grow(bench, &bed).await?;
    let mut figures = tokio::task::block_in_place(|| folds(&bed, project))?;
    let mut opens = Vec::new();
    for _ in 0..OPENS {
        let studio = bed::studio(bench, bed.folder(), "scripted:none", Recovery::Nothing).await?;
        let start = std::time::Instant::now();
        long::last_seq(&studio).await?;
        opens.push(start.elapsed().as_secs_f64());
        studio.shutdown().await;
    }
    figures.push(figure(
        "open of a 100 k-event project with snapshot, p50",
        median(&opens) * 1e3,
        "ms",
        OPENS,
    ));
    Ok(figures)
}

fn folds(bed: &Bed, project: ProjectId) -> Result<Vec<Figure>, Failure> {
    let store = SqliteStore::open(bed.folder())?;
    let log = store.open(project)?;
    let events = log.last_seq() as usize;
    let mut figures = Vec::new();
    for (what, verify, apply) in [
        ("read and folded, unverified", Verify::No, true),
        ("read and folded, verified", Verify::Chain, true),
        ("read alone, unverified", Verify::No, false),
    ] {
        let rates: Vec<f64> =
            (0..ROUNDS).map(|_| fold(&log, project, verify, apply)).collect::<Result<_, _>>()?;
        figures.push(figure(format!("{what}, per core"), median(&rates), "events/s", events));
    }
    let memory = in_memory(&log, project)?;
    figures.push(figure("folded from memory, per core", memory, "events/s", events));
    figures.push(figure(
        "bytes of an event, texts included",
        log.stats()?.bytes_log as f64 / events as f64,
        "bytes",
        events,
    ));
    log.close()?;
    Ok(figures)
}

/// Events per second of processor time.
fn fold(log: &Arc<dyn Log>, project: ProjectId, verify: Verify, apply: bool) -> Result<f64, Failure> {
    let mut state = State::new(project);
    let cpu = processor_time();
    let last = log.for_each(0, None, verify, &mut |envelope| {
        if apply {
            state.apply(&envelope);
        }
        ControlFlow::Continue(())
    })?;
    Ok(last as f64 / (processor_time() - cpu).as_secs_f64())
}

fn in_memory(log: &Arc<dyn Log>, project: ProjectId) -> Result<f64, Failure> {
    let mut events = Vec::new();
    log.for_each(0, None, Verify::No, &mut |envelope| {
        events.push(envelope);
        ControlFlow::Continue(())
    })?;
    let mut state = State::new(project);
    let ((), seconds) = timed(|| events.iter().for_each(|envelope| state.apply(envelope)));
    Ok(events.len() as f64 / seconds)
}
