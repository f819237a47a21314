//! `atelier verify …`

use atelier_runtime::{Exit, Failure, Request};
use clap::Args;
use serde_json::Value;

use super::Context;
use crate::args::InProject;
use crate::text::{field, items, word};

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    project: InProject,
    /// Mend all that is derived
    #[arg(long)]
    rebuild: bool,
}

impl VerifyArgs {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        let request = Request::Verify { project: self.project.project.clone(), rebuild: self.rebuild };
        let value = context.ask(request).await?;
        context.output.answer(&value, told)?;
        Ok(if value["ok"] == Value::Bool(true) { Exit::Ok } else { Exit::Failed })
    }
}

fn told(value: &Value) -> String {
    let verdict =
        if value["ok"] == Value::Bool(true) { "all is as the log says" } else { "something differs" };
    let mut text = format!("{verdict}: {} events\n", word(&value["events"]));
    for problem in items(&value["problems"]) {
        let (what, place, fix) = (field(problem, "what"), field(problem, "where"), field(problem, "fix"));
        text.push_str(&format!("{place}: {what}\n  try: {fix}\n"));
    }
    for copy in items(&value["set_aside"]) {
        text.push_str(&format!("{}: kept from before, as it was edited by hand\n", word(copy)));
    }
    text
}
