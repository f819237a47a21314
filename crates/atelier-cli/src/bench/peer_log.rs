//! `peer-log DIR N CLIENTS`: the event log in the protocol of the peers' harness.

use std::path::Path;

use atelier_runtime::{Exit, Failure};
use serde_json::json;

use super::Bench;
use super::append;
use super::figure::quantile;
use crate::output;

pub(super) async fn speak(bench: &Bench<'_>) -> Result<Exit, Failure> {
    let folder = Path::new(bench.word(0, "the folder")?);
    let (events, clients) =
        (bench.number(1, "how many events")?, bench.number(2, "how many clients")?.max(1));
    let name = format!("peer {clients} {}", std::process::id());
    let written = tokio::task::block_in_place(|| append::writers(folder, &name, events, clients))?;
    let micros = |share| quantile(&written.each, share) * 1e6;
    let told = json!({"per_s": written.per_second, "p50_us": micros(0.5), "p99_us": micros(0.99), "n": written.each.len()});
    output::data(&format!("{told}\n"))?;
    Ok(Exit::Ok)
}
