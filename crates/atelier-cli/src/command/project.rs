//! `atelier project …`

use atelier_runtime::{Exit, Failure, Request};
use clap::Subcommand;
use serde_json::Value;

use super::Context;
use crate::codes;
use crate::output;
use crate::text::{columns, field, table, word};

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Create a project
    Create {
        /// Its name
        name: String,
        /// The universe it belongs to
        #[arg(long, value_name = "U")]
        universe: Option<String>,
    },
    /// All projects
    List,
    /// What is in a project
    Show {
        /// Its name or id
        project: String,
    },
    /// The folder of a project
    Path {
        /// Its name or id
        project: String,
    },
    /// Give a project another name
    Rename {
        /// Its name or id
        project: String,
        /// The new name
        name: String,
    },
    /// Make a copy with history, memory and outputs
    Duplicate {
        /// Its name or id
        project: String,
        /// The name of the copy
        name: String,
    },
    /// Begin a project anew; what it was is archived
    Reset {
        /// Its name or id
        project: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Take a project out of the trash, where it lies for thirty days
    Restore {
        /// Its name or id
        project: String,
    },
    /// Move a project to the trash
    Delete {
        /// Its name or id
        project: String,
        /// Leave no file
        #[arg(long)]
        purge: bool,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

impl ProjectCommand {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Create { universe: Some(_), .. } => Err(Failure::usage(
                codes::NOT_IN_THIS_VERSION,
                "universes are not part of this version of atelier",
                "leave --universe out",
            )),
            Self::Create { name, universe: None } => {
                context.show(Request::ProjectCreate { name: name.clone() }, created).await
            }
            Self::List => context.show(Request::ProjectList {}, list).await,
            Self::Show { project } => {
                context.show(Request::ProjectShow { project: project.clone() }, shown).await
            }
            Self::Path { project } => {
                let request = Request::ProjectPath { project: project.clone() };
                context.show(request, |value| field(value, "path").to_owned()).await
            }
            Self::Rename { project, name } => {
                let request = Request::ProjectRename { project: project.clone(), name: name.clone() };
                context.show(request, shown).await
            }
            Self::Duplicate { project, name } => {
                let request = Request::ProjectDuplicate { project: project.clone(), name: name.clone() };
                context.show(request, created).await
            }
            Self::Reset { project, yes } => {
                if !yes {
                    agreed("resetting", &format!("archive all that is in `{project}` and begin it anew"))?;
                }
                context.show(Request::ProjectReset { project: project.clone() }, shown).await
            }
            Self::Restore { project } => {
                context.show(Request::ProjectRestore { project: project.clone() }, shown).await
            }
            Self::Delete { project, purge, yes } => {
                if !yes {
                    let what = if *purge { "leave no file of" } else { "move to the trash:" };
                    agreed("deleting", &format!("{what} `{project}`"))?;
                }
                let request = Request::ProjectDelete { project: project.clone(), purge: *purge };
                context.show(request, shown).await
            }
        }
    }

    pub(super) fn doing(&self) -> String {
        match self {
            Self::Create { name, .. } => format!("create the project `{name}`"),
            Self::List => "list the projects".into(),
            Self::Show { project } => format!("show the project `{project}`"),
            Self::Path { project } => format!("find the folder of the project `{project}`"),
            Self::Rename { project, .. } => format!("rename the project `{project}`"),
            Self::Duplicate { project, .. } => format!("duplicate the project `{project}`"),
            Self::Reset { project, .. } => format!("reset the project `{project}`"),
            Self::Restore { project } => format!("restore the project `{project}`"),
            Self::Delete { project, .. } => format!("delete the project `{project}`"),
        }
    }
}

fn created(value: &Value) -> String {
    format!("{}  {}\n{}", field(value, "id"), field(value, "name"), field(value, "path"))
}

fn list(value: &Value) -> String {
    let empty = "no projects yet; begin with: atelier project create NAME";
    table(value, &["name", "id", "status", "last_seq", "updated_at"], empty)
}

fn shown(value: &Value) -> String {
    let Some(fields) = value.as_object() else { return word(value) };
    columns(fields.iter().map(|(key, value)| vec![key.replace('_', " "), word(value)]).collect())
}

/// A yes typed at the terminal; off a terminal nobody can be asked.
fn agreed(doing: &str, what: &str) -> Result<(), Failure> {
    let refused = |why: &str| Err(Failure::refused(codes::NOT_AGREED, why, "add --yes"));
    if !output::hears_terminal() {
        return refused(&format!("{doing} wants a yes, and this is not a terminal"));
    }
    output::talk_raw(&format!("{what}? [y/N] "));
    let mut line = String::new();
    match std::io::stdin().read_line(&mut line) {
        Ok(_) if matches!(line.trim(), "y" | "Y" | "yes" | "j" | "ja") => Ok(()),
        Ok(_) => refused("no yes was given"),
        Err(error) => refused(&format!("the answer could not be read: {error}")),
    }
}
