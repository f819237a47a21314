//! `growth`: what a thousand turns leave on the disk, and whether the last turns cost more than the first.

use std::collections::HashSet;

use atelier_domain::Event;
use atelier_domain::event::attempt::AttemptEvent;
use atelier_runtime::{Failure, Recovery, Request, Studio};
use atelier_store::{Query, SqliteStore, Store};
use serde_json::Value;

use super::bed::{self, Bed};
use super::child::Upstream;
use super::figure::{Figure, figure, median};
use super::{Bench, broken};

const TURNS: usize = 1_000;
/// Answers of about 2 KB, as the peers were measured with.
const MODEL: &str = "mock-t380";
/// Turns on both sides of the one that is meant.
const AROUND: usize = 8;

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let bed = Bed::make(bench)?;
    let upstream = Upstream::start(bed.folder())?;
    let model = bed::model(upstream.port(), MODEL);
    let studio = bed::studio(bench, bed.folder(), &model, Recovery::Nothing).await?;
    bed::projects(&studio, 1).await?;
    bed::run(&studio, bed::request(0, "bench-turns")).await?;
    let logical = logical(&studio).await?;
    studio.shutdown().await;
    let stored = tokio::task::block_in_place(|| stored(&bed))?;
    let (whole, new) = (logical.whole as f64, logical.new as f64);
    let turn =
        |n: usize| median(&stored.turns[n.saturating_sub(AROUND)..(n + AROUND).min(stored.turns.len())]);
    Ok(vec![
        figure("bytes of log and texts per logical byte", stored.bytes / whole, "x", TURNS),
        figure(
            "the same, without what a prompt repeats of the answer before",
            stored.bytes / new,
            "x",
            TURNS,
        ),
        figure("bytes of log and texts of a turn", stored.bytes / TURNS as f64, "bytes", TURNS),
        figure("cost of turn 1,000 over turn 10", turn(TURNS - AROUND) / turn(10), "x", 2 * AROUND),
        figure("turn 10", turn(10) * 1e3, "ms", 2 * AROUND),
        figure("turn 1,000", turn(TURNS - AROUND) * 1e3, "ms", 2 * AROUND),
    ])
}

/// Bytes of what was said and heard.
struct Logical {
    /// Each distinct message and each distinct answer once.
    whole: usize,
    /// Each distinct answer, and the first prompt.
    new: usize,
}

async fn logical(studio: &Studio) -> Result<Logical, Failure> {
    let runs = studio.handle(Request::RunsList { project: Some("p0".into()) }).await?;
    let run = runs[0]["id"].as_str().unwrap_or_default().to_owned();
    let run = studio.handle(Request::RunShow { run }).await?;
    let receipts = run["receipts"].as_array().map(Vec::as_slice).unwrap_or_default();
    if receipts.len() != TURNS {
        return Err(broken("count the turns", format!("there are {} receipts", receipts.len())));
    }
    let (mut inputs, mut outputs) = (HashSet::new(), HashSet::new());
    for receipt in receipts {
        let messages = receipt["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        inputs.extend(messages.iter().filter_map(|message| message["content"].as_str()));
        outputs.extend(receipt["output"].as_str());
    }
    let bytes = |texts: &HashSet<&str>| texts.iter().map(|text| text.len()).sum::<usize>();
    let first = receipts.first().map_or(0, |receipt| message_bytes(&receipt["messages"]));
    Ok(Logical { whole: bytes(&inputs) + bytes(&outputs), new: bytes(&outputs) + first })
}

fn message_bytes(messages: &Value) -> usize {
    messages
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|message| message["content"].as_str())
        .map(str::len)
        .sum()
}

/// What lies on the disk, and the seconds between the ends of turns.
struct Stored {
    bytes: f64,
    turns: Vec<f64>,
}

fn stored(bed: &Bed) -> Result<Stored, Failure> {
    let store = SqliteStore::open(bed.folder())?;
    let project = store.find("p0")?.ok_or_else(|| broken("find the project", "it is gone"))?;
    let log = store.open(project.id)?;
    log.checkpoint()?;
    let bytes = log.stats()?.bytes_log as f64;
    let ends: Vec<i64> = log
        .read(Query { kinds: &["attempt.finished"], ..Query::default() })?
        .iter()
        .filter(|event| matches!(event.event, Event::Attempt(AttemptEvent::Finished(_))))
        .map(|event| event.at.micros())
        .collect();
    let turns = ends.windows(2).map(|two| (two[1] - two[0]) as f64 / 1e6).collect();
    Ok(Stored { bytes, turns })
}
