//! `atelier bench NAME`: the measured claims, reproducible by anyone.
//!
//! Owns: the table of measurements, the crew and the model server they work with. Does not own: how good is good enough
//! (`docs/benchmarks.md`). Each measurement works in a fresh folder under the data folder and removes it; the data
//! folder itself is neither locked nor read.

mod append;
mod bed;
mod child;
mod embedded;
mod events;
mod figure;
mod fork;
mod growth;
mod live;
mod long;
mod memory;
mod names;
mod peer_log;
mod peer_lore;
mod peer_orch;
mod repeat;
mod replay;
mod resume;
mod runs;
mod start;
mod step;
mod upstream;
mod worker;

use std::fmt::Display;

use atelier_runtime::{Exit, Failure};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::codes;
use crate::command::Context;
use figure::Figure;

/// What a measurement is given.
#[derive(Debug)]
pub(crate) struct Bench<'a> {
    context: &'a Context,
    arguments: &'a [String],
}

type Measure = for<'a> fn(&'a Bench<'a>) -> BoxFuture<'a, Result<Vec<Figure>, Failure>>;
type Speak = for<'a> fn(&'a Bench<'a>) -> BoxFuture<'a, Result<Exit, Failure>>;

/// What people ask for.
const MEASUREMENTS: [(&str, Measure); 13] = [
    ("step", |bench| step::measure(bench).boxed()),
    ("runs", |bench| runs::measure(bench).boxed()),
    ("live", |bench| live::measure(bench).boxed()),
    ("resume", |bench| resume::measure(bench).boxed()),
    ("repeat", |bench| repeat::measure(bench).boxed()),
    ("growth", |bench| growth::measure(bench).boxed()),
    ("append", |bench| append::measure(bench).boxed()),
    ("replay", |bench| replay::measure(bench).boxed()),
    ("fork", |bench| fork::measure(bench).boxed()),
    ("memory", |bench| memory::measure(bench).boxed()),
    ("names", |bench| names::measure(bench).boxed()),
    ("start", |bench| start::measure(bench).boxed()),
    ("embedded", |bench| embedded::measure(bench).boxed()),
];

/// What harnesses and measurements ask for; they speak lines of their own.
const SPEAKERS: [(&str, Speak); 5] = [
    ("peer-orch", |bench| peer_orch::speak(bench).boxed()),
    ("peer-log", |bench| peer_log::speak(bench).boxed()),
    ("peer-lore", |bench| peer_lore::speak(bench).boxed()),
    ("upstream", |bench| upstream::serve(bench).boxed()),
    ("worker", |bench| worker::work(bench).boxed()),
];

/// Measures something by name.
pub(crate) async fn execute(context: &Context, name: &str, arguments: &[String]) -> Result<Exit, Failure> {
    let bench = Bench { context, arguments };
    if let Some((_, speak)) = SPEAKERS.iter().find(|(known, _)| *known == name) {
        return speak(&bench).await;
    }
    let Some((_, measure)) = MEASUREMENTS.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = MEASUREMENTS.iter().map(|(known, _)| *known).collect();
        let hint = format!("measure one of: {}", known.join(", "));
        return Err(Failure::usage(codes::UNKNOWN_BENCH, format!("there is no measurement `{name}`"), hint));
    };
    let figures = measure(&bench).await?;
    context.output.answer(&figure::answer(name, &figures), |_| figure::table(&figures))?;
    Ok(Exit::Ok)
}

impl Bench<'_> {
    /// An argument by its place, as a number.
    fn number(&self, at: usize, what: &str) -> Result<usize, Failure> {
        let given = self.arguments.get(at).and_then(|text| text.parse().ok());
        given.ok_or_else(|| {
            Failure::usage(
                codes::BAD_ARGUMENT,
                format!("{what} is missing or no number"),
                "see docs/benchmarks.md",
            )
        })
    }

    fn word(&self, at: usize, what: &str) -> Result<&str, Failure> {
        let given = self.arguments.get(at).map(String::as_str);
        given.ok_or_else(|| {
            Failure::usage(codes::BAD_ARGUMENT, format!("{what} is missing"), "see docs/benchmarks.md")
        })
    }
}

/// Something a measurement needs did not work.
fn broken(doing: &str, why: impl Display) -> Failure {
    Failure::failed(
        codes::BENCH_FAILED,
        format!("could not {doing}: {why}"),
        "look at the space, the rights and the load of the machine",
    )
}
