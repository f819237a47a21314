//! A project with a long past: real runs of the bench's crew until it has 100,000 events, and a thousand buckets.

use std::sync::atomic::{AtomicU64, Ordering};

use atelier_domain::ProjectId;
use atelier_runtime::{Failure, Recovery, Request, Studio};
use atelier_store::{Batch, SqliteStore, Store};
use futures::future::try_join_all;

use super::Bench;
use super::bed::{self, Bed};
use super::child::Upstream;
use super::events;

/// How long its log is at least.
pub(super) const EVENTS: u64 = 100_000;
const BUCKETS: usize = 1_000;
/// Runs at a time while it grows.
const AT_ONCE: usize = 32;

/// Makes project `p0`; it has a snapshot somewhere near its end, as such a project has.
pub(super) async fn grow(bench: &Bench<'_>, bed: &Bed) -> Result<ProjectId, Failure> {
    let upstream = Upstream::start(bed.folder())?;
    let project = tokio::task::block_in_place(|| begin(bed))?;
    let model = bed::model(upstream.port(), "mock-t64");
    let studio = bed::studio(bench, bed.folder(), &model, Recovery::Nothing).await?;
    let reached = AtomicU64::new(0);
    let one = async |_| {
        while reached.load(Ordering::Relaxed) < EVENTS {
            bed::run(&studio, bed::request(0, "bench-line")).await?;
            reached.store(last_seq(&studio).await?, Ordering::Relaxed);
        }
        Ok::<(), Failure>(())
    };
    try_join_all((0..AT_ONCE).map(one)).await?;
    studio.shutdown().await;
    Ok(project)
}

/// The number of the last event of `p0`.
pub(super) async fn last_seq(studio: &Studio) -> Result<u64, Failure> {
    let shown = studio.handle(Request::ProjectShow { project: "p0".into() }).await?;
    Ok(shown["last_seq"].as_u64().unwrap_or(0))
}

fn begin(bed: &Bed) -> Result<ProjectId, Failure> {
    let store = SqliteStore::open(bed.folder())?;
    let _owned = store.lock()?;
    let project = events::project();
    let log = store.create(project, "p0")?;
    let mut batch = Batch { drafts: vec![events::created("p0")], ..Batch::default() };
    for number in 0..BUCKETS {
        let bucket = events::bucket(number, &mut batch.blobs);
        batch.drafts.push(bucket);
    }
    futures::executor::block_on(log.append(0, batch))?;
    log.close()?;
    Ok(project)
}
