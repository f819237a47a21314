//! `atelier bucket …`

use atelier_runtime::{Exit, Failure, Request};
use clap::Subcommand;
use serde_json::Value;

use super::Context;
use crate::args::InProject;
use crate::text::{clean, field, table, word};

#[derive(Debug, Subcommand)]
pub(crate) enum BucketCommand {
    /// All buckets, or those of a type
    List {
        #[command(flatten)]
        project: InProject,
        /// The branch [default: main]
        #[arg(long, value_name = "B")]
        branch: Option<String>,
        /// Only those of this type
        #[arg(long = "type", value_name = "T")]
        kind: Option<String>,
    },
    /// One bucket with all its fields
    Show {
        /// Its id or title
        bucket: String,
        #[command(flatten)]
        project: InProject,
        /// The branch [default: main]
        #[arg(long, value_name = "B")]
        branch: Option<String>,
    },
}

impl BucketCommand {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List { project, branch, kind } => {
                let request = Request::BucketList {
                    project: project.project.clone(),
                    branch: branch.clone(),
                    r#type: kind.clone(),
                };
                context.show(request, |list| table(list, &["type", "title", "id"], "nothing here yet")).await
            }
            Self::Show { bucket, project, branch } => {
                let request = Request::BucketShow {
                    project: project.project.clone(),
                    branch: branch.clone(),
                    bucket: bucket.clone(),
                };
                context.show(request, shown).await
            }
        }
    }
}

fn shown(bucket: &Value) -> String {
    let mut text = format!("{} ({})\n", field(bucket, "title"), field(bucket, "type"));
    for (key, value) in bucket["fields"].as_object().into_iter().flatten() {
        let value = match value {
            Value::Array(items) => items.iter().map(word).collect::<Vec<_>>().join(", "),
            other => word(other),
        };
        text.push_str(&format!("{}: {}\n", key.replace('_', " "), clean(&value)));
    }
    if !field(bucket, "body").is_empty() {
        text.push_str(&format!("\n{}\n", clean(field(bucket, "body"))));
    }
    text
}
