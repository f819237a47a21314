//! `append`: durable events, by one writer, by sixteen, over 64 projects.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use atelier_runtime::Failure;
use atelier_store::{Log, SqliteStore, Store};
use futures::executor::block_on;

use super::bed::Bed;
use super::events::{self, Maker};
use super::figure::{Figure, figure, quantile, timed};
use super::{Bench, broken};

const ONE: usize = 4_000;
const SIXTEEN: usize = 32_000;
const PROJECTS: usize = 64;
const EACH: usize = 400;
const BATCH: usize = 10;

/// What writers together came to: events a second, and the seconds of each append.
pub(super) struct Written {
    pub(super) per_second: f64,
    pub(super) each: Vec<f64>,
}

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let bed = Bed::make(bench)?;
    tokio::task::block_in_place(|| {
        let one = writers(bed.folder(), "one", ONE, 1)?;
        let sixteen = writers(bed.folder(), "sixteen", SIXTEEN, 16)?;
        let single = many_projects(bed.folder(), 1)?;
        let batched = many_projects(bed.folder(), BATCH)?;
        Ok(vec![
            figure("1 writer, p50", quantile(&one.each, 0.5) * 1e3, "ms", ONE),
            figure("1 writer, p99", quantile(&one.each, 0.99) * 1e3, "ms", ONE),
            figure("1 writer", one.per_second, "events/s", ONE),
            figure("16 writers, one project", sixteen.per_second, "events/s", SIXTEEN),
            figure("64 projects, a writer each, single events", single, "events/s", PROJECTS * EACH),
            figure(
                "64 projects, a writer each, batches of ten",
                batched,
                "events/s",
                PROJECTS * EACH * BATCH,
            ),
        ])
    })
}

/// Writers append single events to one new project; each waits until its event is durable.
pub(super) fn writers(folder: &Path, name: &str, events: usize, writers: usize) -> Result<Written, Failure> {
    let store = SqliteStore::open(folder)?;
    let _owned = store.lock()?;
    let log = store.create(events::project(), name)?;
    let next = Mutex::new(0);
    let write = || {
        let mut make = Maker::new();
        let mut each = Vec::with_capacity(events / writers);
        for _ in 0..events / writers {
            let start = Instant::now();
            let batch = events::batch(&mut make, 1);
            let queued = {
                let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
                *next += 1;
                log.append(*next - 1, batch)
            };
            block_on(queued)?;
            each.push(start.elapsed().as_secs_f64());
        }
        Ok(each)
    };
    let (each, seconds) = timed(|| together(vec![write; writers]));
    log.close()?;
    let each = each?.concat();
    Ok(Written { per_second: each.len() as f64 / seconds, each })
}

fn many_projects(folder: &Path, size: usize) -> Result<f64, Failure> {
    let store = SqliteStore::open(folder)?;
    let _owned = store.lock()?;
    let create = |number| store.create(events::project(), &format!("of {size}: {number}"));
    let logs: Vec<Arc<dyn Log>> = (0..PROJECTS).map(create).collect::<Result<_, _>>()?;
    let write = |log: &Arc<dyn Log>| {
        let mut make = Maker::new();
        for number in 0..EACH {
            block_on(log.append((number * size) as u64, events::batch(&mut make, size)))?;
        }
        Ok(())
    };
    let (done, seconds) = timed(|| together(logs.iter().map(|log| || write(log)).collect()));
    done?;
    logs.iter().try_for_each(|log| log.close())?;
    Ok((PROJECTS * EACH * size) as f64 / seconds)
}

/// Each piece of work on a thread of its own.
fn together<T: Send>(works: Vec<impl FnOnce() -> Result<T, Failure> + Send>) -> Result<Vec<T>, Failure> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = works.into_iter().map(|work| scope.spawn(work)).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Result<T, Failure>>| {
            thread.join().unwrap_or_else(|_| Err(broken("write", "a writer ended")))
        };
        threads.into_iter().map(join).collect()
    })
}
