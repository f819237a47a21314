//! `atelier config …`

use atelier_runtime::{Exit, Failure, Request};
use clap::Subcommand;
use serde_json::Value;

use super::Context;
use crate::text::{columns, field, items, word};

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// The value of a setting
    Get {
        /// Such as models.default
        key: String,
        /// As it holds in this project
        #[arg(long, short = 'p', value_name = "P")]
        project: Option<String>,
        /// With where it comes from
        #[arg(long)]
        origin: bool,
    },
    /// Set a setting, for the studio or for a project
    Set {
        /// Such as models.default
        key: String,
        /// The value
        value: String,
        /// Only for this project
        #[arg(long, short = 'p', value_name = "P")]
        project: Option<String>,
    },
    /// Remove a setting
    Unset {
        /// Such as models.default
        key: String,
        /// Only for this project
        #[arg(long, short = 'p', value_name = "P")]
        project: Option<String>,
    },
    /// All settings
    Show {
        /// As they hold in this project
        #[arg(long, short = 'p', value_name = "P")]
        project: Option<String>,
        /// With where each comes from
        #[arg(long)]
        origin: bool,
    },
}

impl ConfigCommand {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Get { key, project, origin } => {
                let request = Request::ConfigGet { project: project.clone(), key: key.clone() };
                context.show(request, |value| got(value, *origin)).await
            }
            Self::Set { key, value, project } => {
                let request = Request::ConfigSet {
                    project: project.clone(),
                    key: key.clone(),
                    value: Some(value.clone()),
                };
                context.show(request, |value| got(value, false)).await
            }
            Self::Unset { key, project } => {
                let request = Request::ConfigSet { project: project.clone(), key: key.clone(), value: None };
                context.show(request, |value| got(value, false)).await
            }
            Self::Show { project, origin } => {
                context
                    .show(Request::ConfigShow { project: project.clone() }, |value| all(value, *origin))
                    .await
            }
        }
    }

    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Get { .. } => "read the setting",
            Self::Set { .. } => "change the setting",
            Self::Unset { .. } => "remove the setting",
            Self::Show { .. } => "show the settings",
        }
    }
}

fn got(value: &Value, origin: bool) -> String {
    match (value, origin) {
        (Value::Object(_), true) => format!("{}  ({})", word(&value["value"]), field(value, "origin")),
        (Value::Object(_), false) => word(&value["value"]),
        (plain, _) => word(plain),
    }
}

fn all(value: &Value, origin: bool) -> String {
    let row = |setting: &Value| {
        let mut row = vec![field(setting, "key").to_owned(), word(&setting["value"])];
        if origin {
            row.push(field(setting, "origin").to_owned());
        }
        row.push(field(setting, "about").to_owned());
        row
    };
    columns(items(value).iter().map(row).collect())
}
