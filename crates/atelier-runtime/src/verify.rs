//! `verify`: folds the log again and compares everything derived from it; `--rebuild` mends what is derived.
//!
//! Owns: what is compared. Does not own: the check of the log itself (the store), how files are written (`mirror`).
//!
//! **Invariant**: what is mended comes from the log, never from memory.

use std::path::Path;

use atelier_domain::{State, canonical};
use serde_json::{Value, json};

use crate::codes;
use crate::project::Project;
use crate::{Failure, load, mirror};

/// What was found.
pub(crate) struct Verified {
    pub(crate) report: Value,
    /// The state in memory is not what the log says: the project must be opened anew.
    pub(crate) stale: bool,
}

/// Checks one project. Blocks.
pub(crate) fn verify(project: &Project, rebuild: bool) -> Result<Verified, Failure> {
    let (log, live) = (&*project.log, &*project.state());
    let report = log.verify()?;
    let mut problems: Vec<Value> =
        report.problems.iter().map(|p| json!({"what": p.what, "where": p.where_, "fix": p.fix})).collect();
    if rebuild {
        log.snapshots_drop()?;
    }
    // A damaged log has no fold to compare with: what could be read of it stays in use.
    let folded = match report.first_bad {
        None => Some(load::from_nothing(log, project.id, live.seq)?),
        Some(_) => None,
    };
    let stale = match &folded {
        Some(folded) => differ(live, folded, &mut problems)?,
        None => false,
    };
    let truth = folded.as_ref().unwrap_or(live);
    let folder = log.path();
    let unwritten = match &folder {
        Some(folder) => compare_files(folder, truth, project, rebuild, &mut problems)?,
        None => Vec::new(),
    };
    if rebuild && report.first_bad.is_none() {
        let bytes = load::snapshot(truth)?;
        log.snapshot_put(truth.seq, atelier_domain::FOLD_VERSION, &bytes)?;
        // What is derived is mended now; what concerns the log itself stays told.
        let again = log.verify()?;
        let still = |p: &Value| again.problems.iter().any(|left| p["what"] == left.what.as_str());
        problems.retain(|p| p["derived"] != true && still(p));
        problems.extend(unwritten);
    }
    for problem in problems.iter_mut().filter_map(Value::as_object_mut) {
        problem.remove("derived");
    }
    // Copies are a person's to keep or to remove: told, and no problem.
    let copies = folder.as_deref().map(mirror::copies).unwrap_or_default();
    let report = json!({"ok": problems.is_empty(), "events": report.events, "problems": problems, "set_aside": copies});
    Ok(Verified { report, stale })
}

/// Whether the state in memory differs from what the log says.
fn differ(live: &State, folded: &State, problems: &mut Vec<Value>) -> Result<bool, Failure> {
    let differs = canonical_text(live)? != canonical_text(folded)?;
    if differs {
        problems.push(json!({
            "what": "the state differs from the fold of the log", "where": "state", "derived": true,
            "fix": "run `atelier verify --rebuild`, which drops the snapshots and folds the log again",
        }));
    }
    Ok(differs)
}

/// Compares the files with the state and, where asked, writes them; answers what could not be written.
fn compare_files(
    folder: &Path,
    truth: &State,
    project: &Project,
    rebuild: bool,
    problems: &mut Vec<Value>,
) -> Result<Vec<Value>, Failure> {
    for difference in mirror::differences(folder, truth, &*project.log)? {
        problems.push(json!({
            "what": format!("the mirrored file {}", difference.what), "where": difference.path, "derived": true,
            "fix": "run `atelier verify --rebuild`; an edited file is kept as a copy beside the new one",
        }));
    }
    if !rebuild {
        return Ok(Vec::new());
    }
    let written = mirror::write(folder, truth, &*project.log, &project.files, mirror::Extent::All)?;
    let told = |difference: mirror::Difference| {
        json!({
            "what": format!("the mirrored file {}", difference.what), "where": difference.path,
            "fix": "take away what is in its place, then run `atelier verify --rebuild`",
        })
    };
    Ok(written.left.into_iter().map(told).collect())
}

fn canonical_text(state: &State) -> Result<String, Failure> {
    canonical::to_string(state)
        .map_err(|error| Failure::failed(codes::INTERNAL, error.to_string(), "please report this"))
}
