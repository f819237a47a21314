//! Where a measurement lies: a fresh folder with the bench's crew, and studios opened on it the product's own way.
//!
//! **Invariant**: the folder is gone when the measurement is over, and the person's own data is never touched.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use atelier_domain::state::RunStatus;
use atelier_runtime::{Config, Failure, Open, Recovery, Request, RunRequest, Studio};
use serde_json::{Map, Value, json};

use super::{Bench, broken};

/// The agents of the line, in their order.
pub(super) const NODES: [&str; 8] =
    ["plot", "world", "character", "scene", "continuity", "editor", "director", "producer"];

const AGENT: &str = include_str!("crew/agents/turn.md");
const WORKFLOWS: [(&str, &str); 3] = [
    ("bench-line", include_str!("crew/workflows/bench-line.yaml")),
    ("bench-ten", include_str!("crew/workflows/bench-ten.yaml")),
    ("bench-turns", include_str!("crew/workflows/bench-turns.yaml")),
];
/// Calls at a time: more than any measurement makes.
const CONCURRENCY: &str = "1024";

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A folder of its own; removed when dropped.
#[derive(Debug)]
pub(super) struct Bed {
    folder: PathBuf,
}

impl Bed {
    pub(super) fn make(bench: &Bench<'_>) -> Result<Self, Failure> {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let folder = bench.context.data.join(format!("bench-{}-{number}", std::process::id()));
        furnish(&folder)?;
        Ok(Self { folder })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        // What is left behind is told by its name, and does no harm.
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// Makes a folder a data folder with the bench's crew.
pub(super) fn furnish(folder: &Path) -> Result<(), Failure> {
    let crew = folder.join("crews").join("bench");
    let write = |path: PathBuf, text: &str| {
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        made.and_then(|()| std::fs::write(&path, text))
            .map_err(|error| broken("write the bench's crew", error))
    };
    for node in NODES {
        write(crew.join("agents").join(format!("bench-{node}.md")), &AGENT.replace("NODE", node))?;
    }
    for (id, text) in WORKFLOWS {
        write(crew.join("workflows").join(format!("{id}.yaml")), text)?;
    }
    Ok(())
}

/// A model of a server on this machine.
pub(super) fn model(port: u16, name: &str) -> String {
    format!("openai:{name}@http://127.0.0.1:{port}/v1")
}

/// A studio on a folder whose agents run on one model.
pub(super) async fn studio(
    bench: &Bench<'_>,
    folder: &Path,
    model: &str,
    recovery: Recovery,
) -> Result<Studio, Failure> {
    let variable = |name: &str| match name {
        "ATELIER_MODEL" => Some(model.to_owned()),
        // The person's own models are none of the measurement's.
        name if name.starts_with("ATELIER_") => None,
        name => bench.context.environment.get(name),
    };
    let mut config = Config::load(folder, &variable)?;
    config.set("models.concurrency", Some(CONCURRENCY))?;
    Studio::open(Open { data: folder.to_owned(), config, recovery }).await
}

/// Creates projects `p0`, `p1`, ….
pub(super) async fn projects(studio: &Studio, n: usize) -> Result<(), Failure> {
    for number in 0..n {
        studio.handle(Request::ProjectCreate { name: format!("p{number}") }).await?;
    }
    Ok(())
}

/// What starts a workflow in a project.
pub(super) fn request(project: usize, workflow: &str) -> RunRequest {
    RunRequest { project: format!("p{project}"), name: workflow.to_owned(), ..RunRequest::default() }
}

/// Runs a workflow; anything but its end is an error.
pub(super) async fn run(studio: &Studio, request: RunRequest) -> Result<(), Failure> {
    match studio.run_to_end(request).await? {
        RunStatus::Done => Ok(()),
        other => Err(broken("run the bench's workflow", format!("it is {other:?}"))),
    }
}

/// Marks the calls with their steps.
pub(super) fn tagged() -> Map<String, Value> {
    Map::from_iter([("tag".to_owned(), json!("on"))])
}
