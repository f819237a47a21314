//! `verify`: folds the log again and compares everything derived from it; `--rebuild` mends what is derived.

use std::path::Path;

use atelier_domain::{ProjectId, State, canonical};
use atelier_store::Log;
use serde_json::{Value, json};

use crate::{Failure, load, mirror};

/// Checks one project. Blocks.
pub(crate) fn verify(
    log: &dyn Log,
    project: ProjectId,
    live: &State,
    rebuild: bool,
) -> Result<Value, Failure> {
    let report = log.verify()?;
    let mut problems: Vec<Value> =
        report.problems.iter().map(|p| json!({"what": p.what, "where": p.where_, "fix": p.fix})).collect();
    if rebuild {
        log.snapshots_drop()?;
    }
    if report.first_bad.is_none() {
        compare_states(log, project, live, &mut problems)?;
    }
    if let Some(folder) = log.path() {
        compare_files(&folder, live, log, rebuild, &mut problems)?;
    }
    if rebuild && report.first_bad.is_none() {
        let bytes = load::snapshot(live)?;
        log.snapshot_put(live.seq, atelier_domain::FOLD_VERSION, &bytes)?;
        // What is derived is mended now; what concerns the log itself stays told.
        let again = log.verify()?;
        let still = |p: &Value| again.problems.iter().any(|left| p["what"] == left.what.as_str());
        problems.retain(|p| p["derived"] != true && still(p));
    }
    for problem in problems.iter_mut().filter_map(Value::as_object_mut) {
        problem.remove("derived");
    }
    Ok(json!({"ok": problems.is_empty(), "events": report.events, "problems": problems}))
}

fn compare_states(
    log: &dyn Log,
    project: ProjectId,
    live: &State,
    problems: &mut Vec<Value>,
) -> Result<(), Failure> {
    let folded = load::from_nothing(log, project)?;
    let (ours, theirs) = (canonical_text(live)?, canonical_text(&folded)?);
    if ours != theirs {
        problems.push(json!({
            "what": "the state differs from the fold of the log", "where": "state", "derived": true,
            "fix": "run `atelier verify --rebuild`, which drops the snapshots, and open the project again",
        }));
    }
    Ok(())
}

fn compare_files(
    folder: &Path,
    live: &State,
    log: &dyn Log,
    rebuild: bool,
    problems: &mut Vec<Value>,
) -> Result<(), Failure> {
    for difference in mirror::differences(folder, live, log)? {
        problems.push(json!({
            "what": format!("the mirrored file {}", difference.what), "where": difference.path, "derived": true,
            "fix": "run `atelier verify --rebuild`; an edited file is kept as a copy beside the new one",
        }));
    }
    if rebuild {
        mirror::write(folder, live, log)?;
    }
    Ok(())
}

fn canonical_text(state: &State) -> Result<String, Failure> {
    canonical::to_string(state)
        .map_err(|error| Failure::failed("state", error.to_string(), "please report this"))
}
