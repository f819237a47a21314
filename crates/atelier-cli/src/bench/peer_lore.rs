//! `peer-lore NAMES SCENE`: speaks the lines of the peers' measurement of names, on their data.

use atelier_runtime::{Exit, Failure};
use serde_json::json;

use super::figure::{peak_mib, quantile, timed};
use super::{Bench, broken, names};
use crate::output;

const SCANS: usize = 200;

pub(super) async fn speak(bench: &Bench<'_>) -> Result<Exit, Failure> {
    let read = |at, what| {
        let path = bench.word(at, what)?;
        std::fs::read_to_string(path).map_err(|error| broken(&format!("read {path}"), error))
    };
    let (listed, scene) = (read(0, "the file of names")?, read(1, "the scene")?);
    let told = tokio::task::block_in_place(|| {
        let listed: Vec<String> = listed.lines().map(str::to_owned).collect();
        let (book, build) = timed(|| names::book(&listed));
        let hits = book.scan(&scene).len();
        let times = names::scans(&book, &scene, SCANS);
        let micros = |share| quantile(&times, share) * 1e6;
        Ok::<_, Failure>(json!({
            "build_s": build, "scan_us": micros(0.5), "best_us": micros(0.0), "p99_us": micros(0.99), "hits": hits,
            "n": SCANS, "rss_mib": peak_mib()?,
        }))
    })?;
    output::data(&format!("{told}\n"))?;
    Ok(Exit::Ok)
}
