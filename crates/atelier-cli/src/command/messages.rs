//! `atelier messages …`

use atelier_runtime::{Exit, Failure, Request};
use clap::Subcommand;

use super::Context;
use crate::args::InProject;
use crate::text::table;

#[derive(Debug, Subcommand)]
pub(crate) enum MessagesCommand {
    /// All messages, or some
    List {
        #[command(flatten)]
        project: InProject,
        /// Only those this agent receives
        #[arg(long = "for", value_name = "AGENT")]
        recipient: Option<String>,
        /// Only those of this kind
        #[arg(long, value_name = "K")]
        kind: Option<String>,
        /// Only those after this number
        #[arg(long, value_name = "N", default_value_t = 0)]
        since: u64,
    },
}

impl MessagesCommand {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        let Self::List { project, recipient, kind, since } = self;
        let request = Request::MessagesList {
            project: project.project.clone(),
            r#for: recipient.clone(),
            kind: kind.clone(),
            since: *since,
        };
        let keys = ["n", "at", "from", "to", "priority", "payload"];
        context.show(request, |list| table(list, &keys, "nobody has said anything yet")).await
    }
}
