//! `memory`: a durable add to a small and to a large memory, and the scan of ten and a hundred thousand vectors with what it
//! finds compared to exact arithmetic.
//!
//! The vectors are clustered as sentences are: a thousand centres of unequal size, each point near one of them.

use std::hint::black_box;
use std::time::Instant;

use atelier_domain::event::MemoryEvent;
use atelier_domain::event::memory::{MemoryAdded, NOTE};
use atelier_domain::id::IdSource;
use atelier_domain::{MemoryId, Text};
use atelier_memory::Vectors;
use atelier_runtime::clock::FreshIds;
use atelier_runtime::{Failure, Recovery, Request};
use atelier_store::{Batch, SqliteStore, Store};

use super::bed::{self, Bed};
use super::figure::{Figure, figure, quantile, timed};
use super::{Bench, broken, events};

const ADDS: usize = 400;
const MEMORIES: [usize; 2] = [1_000, 100_000];
const VECTORS: [usize; 2] = [10_000, 100_000];
const DIMENSIONS: usize = 384;
const CENTRES: usize = 1_024;
const QUERIES: usize = 200;
const ASKED: usize = 5;

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for size in MEMORIES {
        let times = adds(bench, size).await?;
        let p50 = quantile(&times, 0.5) * 1e3;
        figures.push(figure(format!("durable add to {size} passages, p50"), p50, "ms", times.len()));
        figures.push(figure("the same, p99", quantile(&times, 0.99) * 1e3, "ms", times.len()));
    }
    tokio::task::block_in_place(|| VECTORS.iter().try_for_each(|size| scans(*size, &mut figures)))?;
    Ok(figures)
}

/// One after the other through the studio, each waited for.
async fn adds(bench: &Bench<'_>, size: usize) -> Result<Vec<f64>, Failure> {
    let bed = Bed::make(bench)?;
    tokio::task::block_in_place(|| fill(&bed, size))?;
    let studio = bed::studio(bench, bed.folder(), "scripted:none", Recovery::Nothing).await?;
    let mut times = Vec::new();
    for number in 0..=ADDS {
        let request = Request::MemoryAdd {
            project: "p0".into(),
            branch: None,
            text: passage(size + number),
            kind: NOTE.into(),
            about: Vec::new(),
        };
        let start = Instant::now();
        studio.handle(request).await?;
        // The first one opens the project.
        if number > 0 {
            times.push(start.elapsed().as_secs_f64());
        }
    }
    studio.shutdown().await;
    Ok(times)
}

fn fill(bed: &Bed, size: usize) -> Result<(), Failure> {
    let store = SqliteStore::open(bed.folder())?;
    let _owned = store.lock()?;
    let log = store.create(events::project(), "p0")?;
    futures::executor::block_on(
        log.append(0, Batch { drafts: vec![events::created("p0")], ..Batch::default() }),
    )?;
    for from in (0..size).step_by(1_000) {
        let added = |number| {
            let memory = MemoryId::from_uuid(FreshIds.next_id());
            let text = Text::inline(&passage(number));
            let added = MemoryAdded { memory, text, kind: NOTE.into(), about: Vec::new(), source: None };
            events::draft(MemoryEvent::Added(added).into())
        };
        let drafts = (from..size.min(from + 1_000)).map(added).collect();
        futures::executor::block_on(log.append(log.last_seq(), Batch { drafts, ..Batch::default() }))?;
    }
    log.close()?;
    Ok(())
}

fn passage(number: usize) -> String {
    format!(
        "On the {number}th evening the ferry crossed the river with nobody at the oars and a lamp in the bow."
    )
}

fn scans(size: usize, figures: &mut Vec<Figure>) -> Result<(), Failure> {
    let mut cloud = Cloud::new();
    let points: Vec<Vec<f32>> = (0..size).map(|_| cloud.point()).collect();
    let mut vectors = Vectors::new(DIMENSIONS);
    let wrong = |error| broken("compare vectors", error);
    let (built, seconds) =
        timed(|| (0..).zip(&points).try_for_each(|(row, point)| vectors.insert(row, point)).map_err(wrong));
    built?;
    let (mut times, mut same) = (Vec::new(), 0);
    for _ in 0..QUERIES {
        let query = cloud.point();
        let (found, seconds) = timed(|| black_box(vectors.nearest(&query, ASKED, |_| true)));
        let found = found.map_err(wrong)?;
        times.push(seconds);
        let wanted = exact(&points, &query);
        same += found.iter().filter(|one| wanted.contains(&(one.row as usize))).count();
    }
    let recall = same as f64 / (QUERIES * ASKED) as f64;
    figures.push(figure(format!("scan of {size} vectors, p50"), quantile(&times, 0.5) * 1e3, "ms", QUERIES));
    figures.push(figure("the same, p99", quantile(&times, 0.99) * 1e3, "ms", QUERIES));
    figures.push(figure(format!("recall@5 against exact, {size} vectors"), recall, "", QUERIES));
    figures.push(figure(format!("vectors put in, {size} in all"), size as f64 / seconds, "/s", 1));
    Ok(())
}

fn exact(points: &[Vec<f32>], query: &[f32]) -> Vec<usize> {
    let score = |point: &Vec<f32>| point.iter().zip(query).map(|(a, b)| a * b).sum::<f32>();
    let mut scored: Vec<(f32, usize)> = points.iter().map(score).zip(0..).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    scored.into_iter().take(ASKED).map(|(_, at)| at).collect()
}

/// Points around centres, the same every time.
struct Cloud {
    state: u64,
    centres: Vec<Vec<f32>>,
}

impl Cloud {
    fn new() -> Self {
        let mut cloud = Self { state: 7, centres: Vec::new() };
        cloud.centres = (0..CENTRES).map(|_| cloud.direction()).collect();
        cloud
    }

    fn point(&mut self) -> Vec<f32> {
        // The first centres have most points.
        let at = (CENTRES as f32).powf(self.number()) as usize % CENTRES;
        let around = self.direction();
        let centre = self.centres.get(at).cloned().unwrap_or_default();
        unit(centre.iter().zip(around).map(|(c, a)| c + 0.8 * a).collect())
    }

    fn direction(&mut self) -> Vec<f32> {
        // The sum of a few even numbers is near enough to a bell.
        let bell = |cloud: &mut Self| (0..4).map(|_| cloud.number() - 0.5).sum::<f32>();
        unit((0..DIMENSIONS).map(|_| bell(self)).collect())
    }

    /// From 0 to 1.
    fn number(&mut self) -> f32 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 40) as f32 / (1u64 << 24) as f32
    }
}

fn unit(vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.into_iter().map(|x| x / length).collect()
}
