//! `atelier state …`

use atelier_runtime::{Exit, Failure, Request};
use clap::Args;
use serde_json::Value;

use super::Context;
use crate::args::InProject;
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct StateArgs {
    #[command(flatten)]
    project: InProject,
    /// The branch [default: main]
    #[arg(long, value_name = "B")]
    branch: Option<String>,
    /// As it was at this event
    #[arg(long, value_name = "SEQ")]
    at: Option<u64>,
}

impl StateArgs {
    /// The canonical text goes out byte for byte.
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        let request = Request::State {
            project: self.project.project.clone(),
            branch: self.branch.clone(),
            at: self.at,
        };
        match context.ask(request).await? {
            Value::String(text) => output::data(&format!("{text}\n"))?,
            other => output::data(&format!("{other}\n"))?,
        }
        Ok(Exit::Ok)
    }
}
