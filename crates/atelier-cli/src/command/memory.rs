//! `atelier memory …`

use atelier_runtime::{Exit, Failure, Request};
use clap::{Args, Subcommand};
use serde_json::Value;

use super::Context;
use crate::args::InProject;
use crate::codes;
use crate::input::read_text;
use crate::output;
use crate::text::{field, table};

#[derive(Debug, Subcommand)]
pub(crate) enum MemoryCommand {
    /// Keep a passage
    Add {
        /// The passage, or `-` for the standard input
        text: String,
        #[command(flatten)]
        place: Place,
        /// Where it comes from, in a word
        #[arg(long, value_name = "WORD", default_value = "note")]
        kind: String,
        /// A bucket it is about; may be repeated
        #[arg(long, value_name = "BUCKET")]
        about: Vec<String>,
    },
    /// The passages nearest to a question, by meaning and by words
    Search {
        /// The question
        question: String,
        #[command(flatten)]
        place: Place,
        /// At most so many
        #[arg(short, value_name = "N", default_value_t = 5)]
        k: usize,
    },
    /// All passages, the eldest first
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Forget a passage
    Delete {
        /// Its id
        id: String,
        #[command(flatten)]
        place: Place,
    },
    /// Forget all passages
    Clear {
        #[command(flatten)]
        place: Place,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Whose memory.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    #[command(flatten)]
    project: InProject,
    /// The branch [default: main]
    #[arg(long, value_name = "B")]
    branch: Option<String>,
}

impl Place {
    fn named(&self) -> (String, Option<String>) {
        (self.project.project.clone(), self.branch.clone())
    }
}

impl MemoryCommand {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Add { text, place, kind, about } => {
                let (project, branch) = place.named();
                let text = if text == "-" { read_text(text.as_ref())? } else { text.clone() };
                let (kind, about) = (kind.clone(), about.clone());
                let request = Request::MemoryAdd { project, branch, text, kind, about };
                context.show(request, |added| format!("remembered as {}", field(added, "id"))).await
            }
            Self::Search { question, place, k } => {
                let (project, branch) = place.named();
                let request = Request::MemorySearch { project, branch, question: question.clone(), n: *k };
                let answer = context.ask(request).await?;
                if let Some(lacks) = answer["lacks"].as_str() {
                    output::talk(&format!("searched by words alone, or only partly by meaning: {lacks}"));
                }
                let keys = ["score", "text", "id"];
                context
                    .output
                    .answer(&answer["items"], |items| table(items, &keys, "nothing is remembered"))?;
                Ok(Exit::Ok)
            }
            Self::List { place } => {
                let (project, branch) = place.named();
                let request = Request::MemoryList { project, branch };
                context
                    .show(request, |list| table(list, &["id", "source", "text"], "nothing is remembered"))
                    .await
            }
            Self::Delete { id, place } => {
                let (project, branch) = place.named();
                let request = Request::MemoryDelete { project, branch, id: id.clone() };
                context.show(request, |gone| format!("{} is forgotten", field(gone, "id"))).await
            }
            Self::Clear { place, yes } => {
                if !yes {
                    return Err(Failure::refused(
                        codes::NOT_AGREED,
                        "all passages of the branch would be forgotten",
                        "say --yes if that is meant",
                    ));
                }
                let (project, branch) = place.named();
                let told = |gone: &Value| format!("{} passages are forgotten", gone["deleted"]);
                context.show(Request::MemoryClear { project, branch }, told).await
            }
        }
    }

    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Add { .. } => "remember the passage",
            Self::Search { .. } => "search the memory",
            Self::List { .. } => "list the memory",
            Self::Delete { .. } => "forget the passage",
            Self::Clear { .. } => "forget all passages",
        }
    }
}
