//! `cargo xtask bench`: figures of the release build, as a table.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::args::Args;
use crate::say::{complain, heading, say};
use crate::workspace::{self, Profile};
use crate::{need, sh};

/// What is measured when nothing is named; `docs/benchmarks.md` has the goals.
const ALL: [&str; 11] =
    ["step", "runs", "live", "resume", "repeat", "growth", "append", "replay", "fork", "start", "embedded"];

pub(crate) fn main(mut args: Args) -> Result<()> {
    let mut names: Vec<String> = std::iter::from_fn(|| args.word()).collect();
    args.done()?;
    if names.is_empty() {
        names = ALL.map(str::to_owned).to_vec();
    }
    let root = workspace::root()?;
    need::c_compiler()?;
    let binary = workspace::build(&root, Profile::Release)?;
    let failed = names.iter().filter(|name| !measured(&binary, name)).count();
    if failed > 0 {
        bail!("{failed} of {} benchmarks failed", names.len());
    }
    Ok(())
}

fn measured(binary: &Path, name: &str) -> bool {
    heading(name);
    match measure(binary, name) {
        Ok(table) => say(table),
        Err(error) => {
            complain(format!("{error:#}"));
            return false;
        }
    }
    true
}

fn measure(binary: &Path, name: &str) -> Result<String> {
    let said = sh::output(Command::new(binary).args(["bench", name, "--json"]))?;
    let value: Value = serde_json::from_str(&said).context("reading the figures")?;
    table(&value)
}

fn table(value: &Value) -> Result<String> {
    let figures = value["figures"].as_array().context("the answer has no `figures`")?;
    let cell = |figure: &Value, key: &str| match &figure[key] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let width = figures.iter().map(|figure| cell(figure, "what").chars().count()).max().unwrap_or(0);
    let row = |figure: &Value| {
        let [what, value, unit, n] = ["what", "value", "unit", "n"].map(|key| cell(figure, key));
        format!("{what:width$}  {value:>14} {unit:10} n={n}")
    };
    Ok(figures.iter().map(row).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::table;
    use serde_json::json;

    #[test]
    fn figures_stand_below_each_other() {
        let value = json!({"name": "step", "figures": [
            {"what": "p50", "value": 0.21, "unit": "ms", "n": 500},
            {"what": "slowest", "value": 3, "unit": "ms", "n": 500},
        ]});
        let shown = table(&value).unwrap();
        let columns: Vec<usize> = shown.lines().map(|line| line.find("ms").unwrap()).collect();
        assert_eq!(columns[0], columns[1], "{shown}");
        assert!(table(&json!({})).is_err());
    }
}
