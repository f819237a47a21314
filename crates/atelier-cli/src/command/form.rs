//! `atelier form …`

use atelier_runtime::{Exit, Failure, Request};
use clap::Subcommand;
use serde_json::{Map, Value};

use super::Context;
use crate::args::InProject;
use crate::codes;
use crate::text::{columns, word};

#[derive(Debug, Subcommand)]
pub(crate) enum FormCommand {
    /// Every kept field of every workflow and agent
    List {
        #[command(flatten)]
        project: InProject,
    },
    /// What stands in one form
    Show {
        #[command(flatten)]
        project: InProject,
        /// The workflow or agent
        name: String,
    },
    /// Keep fields; an empty value removes one
    Set {
        #[command(flatten)]
        project: InProject,
        /// The workflow or agent
        name: String,
        /// `field=text`, or `field:=JSON`
        #[arg(required = true, value_name = "FIELD=VALUE")]
        fields: Vec<String>,
    },
}

impl FormCommand {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List { project } => {
                let request = Request::FormsList { project: project.project.clone() };
                let human = |value: &Value| {
                    let forms = value.as_array().map(Vec::as_slice).unwrap_or_default();
                    forms.iter().map(shown).collect::<Vec<_>>().join("\n\n")
                };
                context.show(request, human).await
            }
            Self::Show { project, name } => {
                let request = Request::FormShow { project: project.project.clone(), form: name.clone() };
                context.show(request, shown).await
            }
            Self::Set { project, name, fields } => {
                let (project, form) = (project.project.clone(), name.clone());
                let shown_now = Request::FormShow { project: project.clone(), form: form.clone() };
                let now = context.ask(shown_now).await?;
                let mut kept = now["fields"].as_object().cloned().unwrap_or_default();
                fields.iter().try_for_each(|field| set(&mut kept, field))?;
                context.show(Request::FormSet { project, form, fields: kept }, shown).await
            }
        }
    }
}

fn set(fields: &mut Map<String, Value>, given: &str) -> Result<(), Failure> {
    let bad = |why: &str| {
        Failure::usage(codes::BAD_INPUT, format!("`{given}` {why}"), "write field=text, or field:=JSON")
    };
    let (name, value) = given.split_once('=').ok_or_else(|| bad("is no field with a value"))?;
    let (name, value) = match name.strip_suffix(':') {
        Some(name) => (name, serde_json::from_str(value).map_err(|_| bad("has no JSON behind `:=`"))?),
        None => (name, Value::String(value.to_owned())),
    };
    match value {
        Value::String(text) if text.is_empty() => drop(fields.remove(name)),
        value => drop(fields.insert(name.to_owned(), value)),
    }
    Ok(())
}

fn shown(form: &Value) -> String {
    let fields = form["fields"].as_object().into_iter().flatten();
    let lines = columns(fields.map(|(key, value)| vec![format!("  {key}"), word(value)]).collect());
    format!("{}\n{lines}", form["name"].as_str().unwrap_or_default())
}
