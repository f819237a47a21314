//! `atelier canon …`

use atelier_runtime::{Exit, Failure, Request};
use clap::{Args, Subcommand};
use serde_json::Value;

use super::Context;
use crate::args::InProject;
use crate::text::{clean, field, table};

#[derive(Debug, Subcommand)]
pub(crate) enum CanonCommand {
    /// What must hold in the story: proposed, accepted and retired rules
    List {
        #[command(flatten)]
        project: InProject,
        /// The branch [default: main]
        #[arg(long, value_name = "B")]
        branch: Option<String>,
    },
    /// Let a rule hold from now on; the crew reads it in every call
    Accept {
        #[command(flatten)]
        rule: Named,
    },
    /// Let a rule hold no longer, or never
    Reject {
        #[command(flatten)]
        rule: Named,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The rule's id, from `canon list`
    rule: String,
    #[command(flatten)]
    project: InProject,
    /// The branch [default: main]
    #[arg(long, value_name = "B")]
    branch: Option<String>,
}

impl CanonCommand {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List { project, branch } => {
                let request = Request::CanonList { project: project.project.clone(), branch: branch.clone() };
                let keys = ["status", "id", "rule"];
                context.show(request, |list| table(list, &keys, "no rules yet; the crew proposes some")).await
            }
            Self::Accept { rule } => {
                let Named { rule, project, branch } = rule;
                let request = Request::CanonAccept {
                    project: project.project.clone(),
                    branch: branch.clone(),
                    rule: rule.clone(),
                };
                context.show(request, judged).await
            }
            Self::Reject { rule } => {
                let Named { rule, project, branch } = rule;
                let request = Request::CanonReject {
                    project: project.project.clone(),
                    branch: branch.clone(),
                    rule: rule.clone(),
                };
                context.show(request, judged).await
            }
        }
    }

    pub(super) fn doing(&self) -> String {
        match self {
            Self::List { .. } => "list the canon".into(),
            Self::Accept { rule } => format!("accept the rule {}", rule.rule),
            Self::Reject { rule } => format!("reject the rule {}", rule.rule),
        }
    }
}

fn judged(rule: &Value) -> String {
    format!("{}  {}", field(rule, "status"), clean(field(rule, "rule")))
}
