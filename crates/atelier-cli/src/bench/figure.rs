//! Figures: what was measured, told as the contract's JSON or as a table, and the gauges they come from.
//!
//! Owns: medians, processor time, resident memory. Does not own: what is measured, and what is good enough.

use std::time::{Duration, Instant};

use atelier_runtime::Failure;
use serde::Serialize;
use serde_json::{Value, json};

/// One measured thing.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Figure {
    what: String,
    value: f64,
    unit: &'static str,
    n: usize,
}

/// A figure from `n` observations.
pub(super) fn figure(what: impl Into<String>, value: f64, unit: &'static str, n: usize) -> Figure {
    Figure { what: what.into(), value: rounded(value), unit, n }
}

/// The answer of a measurement.
pub(super) fn answer(name: &str, figures: &[Figure]) -> Value {
    json!({"name": name, "figures": figures})
}

/// The same for people.
pub(super) fn table(figures: &[Figure]) -> String {
    let width = figures.iter().map(|figure| figure.what.chars().count()).max().unwrap_or(0);
    let row = |f: &Figure| format!("{:width$}  {:>14} {:10} n={}", f.what, f.value, f.unit, f.n);
    figures.iter().map(row).collect::<Vec<_>>().join("\n")
}

/// The value below which `share` of all lie; 0 where there is none.
pub(super) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() as f64 * share) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

pub(super) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// How long a piece of work takes, in seconds.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed().as_secs_f64())
}

/// The processor time of this process, all threads, user and system.
#[expect(unsafe_code, reason = "there is no safe way to ask this in std")]
pub(super) fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes to the one structure it is given, which lives here.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) } != 0;
    if failed {
        return Duration::ZERO;
    }
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0))
}

/// Resident memory now, in MiB, of a process; this one where none is named.
pub(super) fn resident_mib(process: Option<u32>) -> Result<f64, Failure> {
    status_mib(process, "VmRSS:")
}

/// The most this process ever had.
pub(super) fn peak_mib() -> Result<f64, Failure> {
    status_mib(None, "VmHWM:")
}

fn status_mib(process: Option<u32>, line: &str) -> Result<f64, Failure> {
    let path = process.map_or("/proc/self/status".to_owned(), |id| format!("/proc/{id}/status"));
    let text =
        std::fs::read_to_string(&path).map_err(|error| super::broken("read the memory in use", error))?;
    let found =
        text.lines().find_map(|text| text.strip_prefix(line)?.split_whitespace().next()?.parse::<f64>().ok());
    Ok(found.unwrap_or(0.0) / 1024.0)
}

/// Four digits that mean something.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let digits = 3 - value.abs().log10().floor() as i32;
    match digits {
        ..=0 => value.round(),
        digits => {
            let scale = 10f64.powi(digits.min(9));
            (value * scale).round() / scale
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.99), 4.0);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn figures_keep_four_digits() {
        assert_eq!(rounded(0.123_456), 0.1235);
        assert_eq!(rounded(123_456.7), 123_457.0);
        assert_eq!(rounded(f64::NAN), 0.0);
    }

    #[test]
    fn an_answer_has_the_keys_of_the_contract() {
        let told = answer("step", &[figure("p50", 0.2, "ms", 60)]);
        assert_eq!(
            told,
            json!({"name": "step", "figures": [{"what": "p50", "value": 0.2, "unit": "ms", "n": 60}]})
        );
    }
}
