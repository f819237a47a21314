//! `atelier stop`, `atelier start`, `atelier cleanup`

use atelier_runtime::{Exit, Failure, Request};
use clap::Args;
use serde_json::Value;

use super::Context;
use crate::text::field;

#[derive(Debug, Args)]
pub(crate) struct StopArgs {
    /// Everything in the studio
    #[arg(long, required_unless_present = "project", conflicts_with = "project")]
    all: bool,
    /// Only this project
    #[arg(long, short = 'p', value_name = "P")]
    project: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    /// Only this project; everything that was stopped where absent
    #[arg(long, short = 'p', value_name = "P")]
    project: Option<String>,
}

impl StopArgs {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        context.show(Request::Stop { project: self.project.clone() }, stopped).await
    }
}

impl StartArgs {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        let human = |value: &Value| format!("runs may begin again: {}", field(value, "started"));
        context.show(Request::Start { project: self.project.clone() }, human).await
    }
}

pub(super) async fn cleanup(context: &Context) -> Result<Exit, Failure> {
    let human = |value: &Value| {
        let purged = value["purged"].as_array().map_or(0, Vec::len);
        format!("{} projects put to sleep, {purged} purged from the trash", value["asleep"])
    };
    context.show(Request::Cleanup {}, human).await
}

fn stopped(value: &Value) -> String {
    let runs = |key: &str| value[key].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut lines =
        vec![format!("stopped: {}; {} runs paused", field(value, "stopped"), runs("paused").len())];
    lines.extend(runs("paused").iter().filter_map(Value::as_str).map(|run| format!("  {run}")));
    lines.extend(runs("failed").iter().map(|failed| format!("  could not be paused: {failed}")));
    lines.push("nothing begins until: atelier start".to_owned());
    lines.join("\n")
}
