//! `fork`: a branch of a project with a long past, and the project as it was at any event.

use std::time::Instant;

use atelier_domain::event::BranchEvent;
use atelier_domain::event::branch::BranchForked;
use atelier_domain::id::IdSource;
use atelier_domain::{BranchId, ProjectId};
use atelier_runtime::clock::FreshIds;
use atelier_runtime::{Failure, Recovery, Request};
use atelier_store::{Batch, SqliteStore, Store};
use futures::executor::block_on;

use super::bed::{self, Bed};
use super::figure::{Figure, figure, quantile};
use super::{Bench, events, long};

const FORKS: usize = 200;
const VIEWS: u64 = 60;

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let bed = Bed::make(bench)?;
    let project = long::grow(bench, &bed).await?;
    let views = views(bench, &bed).await?;
    let forks = tokio::task::block_in_place(|| forks(&bed, project))?;
    Ok(vec![
        figure("fork of a 100 k-event project, p50", quantile(&forks, 0.5) * 1e3, "ms", FORKS),
        figure("fork, p99", quantile(&forks, 0.99) * 1e3, "ms", FORKS),
        figure("state at any event, p50", quantile(&views, 0.5) * 1e3, "ms", views.len()),
        figure("state at any event, p99", quantile(&views, 0.99) * 1e3, "ms", views.len()),
    ])
}

fn forks(bed: &Bed, project: ProjectId) -> Result<Vec<f64>, Failure> {
    let store = SqliteStore::open(bed.folder())?;
    let _owned = store.lock()?;
    let log = store.open(project)?;
    let mut times = Vec::new();
    for number in 0..FORKS {
        let last = log.last_seq();
        let branch = BranchId::from_uuid(FreshIds.next_id());
        let forked =
            BranchForked { branch, name: format!("b{number}"), parent: BranchId::MAIN, at_seq: last / 2 };
        let batch =
            Batch { drafts: vec![events::draft(BranchEvent::Forked(forked).into())], ..Batch::default() };
        let start = Instant::now();
        block_on(log.append(last, batch))?;
        times.push(start.elapsed().as_secs_f64());
    }
    log.close()?;
    Ok(times)
}

/// Asked of the studio, spread over the whole past.
async fn views(bench: &Bench<'_>, bed: &Bed) -> Result<Vec<f64>, Failure> {
    let studio = bed::studio(bench, bed.folder(), "scripted:none", Recovery::Nothing).await?;
    let last = long::last_seq(&studio).await?;
    let mut times = Vec::new();
    for number in 0..VIEWS {
        let at = (number * 7_919 * (last / VIEWS)) % last + 1;
        let start = Instant::now();
        studio.handle(Request::State { project: "p0".into(), branch: None, at: Some(at) }).await?;
        times.push(start.elapsed().as_secs_f64());
    }
    studio.shutdown().await;
    Ok(times)
}
