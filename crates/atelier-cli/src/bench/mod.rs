//! `atelier bench NAME`: the measured claims, reproducible by anyone.

use atelier_runtime::{Exit, Failure};

use crate::command::Context;

/// Measures something by name.
pub(crate) async fn execute(_context: &Context, name: &str, _arguments: &[String]) -> Result<Exit, Failure> {
    Err(Failure::usage("unknown_bench", format!("there is no measurement `{name}`"), "see docs/benchmarks.md"))
}
