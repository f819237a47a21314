//! `atelier names …`

use std::path::PathBuf;

use atelier_runtime::{Exit, Failure, Request};
use clap::{Args, Subcommand};

use super::Context;
use crate::args::InProject;
use crate::input::read_text;
use crate::text::table;

#[derive(Debug, Subcommand)]
pub(crate) enum NamesCommand {
    /// The names of buckets in a text, with their places in Unicode characters
    Scan {
        #[command(flatten)]
        place: Place,
        /// The text, or `-` for the standard input
        #[arg(long, value_name = "FILE")]
        text: PathBuf,
        /// Also what somebody is: `the captain`
        #[arg(long)]
        descriptions: bool,
    },
    /// Names in a text that no bucket has
    Unknown {
        #[command(flatten)]
        place: Place,
        /// The text, or `-` for the standard input
        #[arg(long, value_name = "FILE")]
        text: PathBuf,
        /// Only those that are there so often
        #[arg(long, value_name = "N", default_value_t = 2)]
        at_least: usize,
    },
    /// A name is none, or does not mean this bucket
    Refuse(Judged),
    /// Takes a refusal back
    Allow(Judged),
}

/// Where names are looked for.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    #[command(flatten)]
    project: InProject,
    /// The branch [default: main]
    #[arg(long, value_name = "B")]
    branch: Option<String>,
}

/// A name and maybe the bucket it was taken for.
#[derive(Debug, Clone, Args)]
pub(crate) struct Judged {
    /// The name, as the text has it
    name: String,
    #[command(flatten)]
    place: Place,
    /// The bucket it does not mean; without one it is not offered as a new bucket
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<String>,
}

impl NamesCommand {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Scan { place, text, descriptions } => {
                let request = Request::NamesScan {
                    project: place.project.project.clone(),
                    branch: place.branch.clone(),
                    text: read_text(text)?,
                    descriptions: *descriptions,
                };
                let keys = ["start", "end", "text", "title", "type"];
                context
                    .show(request, |list| table(list, &keys, "it speaks of nobody the project knows"))
                    .await
            }
            Self::Unknown { place, text, at_least } => {
                let request = Request::NamesUnknown {
                    project: place.project.project.clone(),
                    branch: place.branch.clone(),
                    text: read_text(text)?,
                    at_least: *at_least,
                };
                context.show(request, |list| table(list, &["n", "text", "start"], "no unknown names")).await
            }
            Self::Refuse(judged) => judged.tell(context, true).await,
            Self::Allow(judged) => judged.tell(context, false).await,
        }
    }

    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Scan { .. } => "find the names in the text",
            Self::Unknown { .. } => "find unknown names in the text",
            Self::Refuse(_) => "refuse the name",
            Self::Allow(_) => "allow the name",
        }
    }
}

impl Judged {
    async fn tell(&self, context: &Context, refused: bool) -> Result<Exit, Failure> {
        let request = Request::NameJudge {
            project: self.place.project.project.clone(),
            branch: self.place.branch.clone(),
            name: self.name.clone(),
            bucket: self.bucket.clone(),
            refused,
        };
        let said = if refused { "refused" } else { "allowed" };
        context.show(request, |answer| format!("{} is {said}", crate::text::field(answer, "name"))).await
    }
}
