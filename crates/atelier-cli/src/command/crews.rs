//! `atelier crews …`

use atelier_runtime::{Exit, Failure, Request};
use clap::Subcommand;
use serde_json::{Map, Value};

use super::Context;
use crate::text::{columns, field, items, one_line, word};

#[derive(Debug, Subcommand)]
pub(crate) enum CrewsCommand {
    /// All agents, workflows and types
    List {
        /// With the project's own
        #[arg(long, short = 'p', value_name = "P")]
        project: Option<String>,
    },
    /// Look for mistakes in crews
    Check {
        /// With the project's own
        #[arg(long, short = 'p', value_name = "P")]
        project: Option<String>,
    },
    /// One agent, workflow or type, or all of them
    Show {
        /// Its id
        #[arg(required_unless_present = "resolved")]
        id: Option<String>,
        /// With the project's own
        #[arg(long, short = 'p', value_name = "P")]
        project: Option<String>,
        /// Where each value comes from
        #[arg(long)]
        resolved: bool,
    },
}

impl CrewsCommand {
    pub(super) async fn execute(&self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List { project } => {
                context.show(Request::CrewsList { project: project.clone() }, listed).await
            }
            Self::Check { project } => {
                let value = context.ask(Request::CrewsCheck { project: project.clone() }).await?;
                context.output.answer(&value, checked)?;
                Ok(if value["ok"] == Value::Bool(false) { Exit::Failed } else { Exit::Ok })
            }
            Self::Show { id: Some(id), project, resolved } => {
                let request =
                    Request::CrewsShow { project: project.clone(), id: id.clone(), resolved: *resolved };
                context.show(request, shown).await
            }
            Self::Show { id: None, project, .. } => {
                let value = all_resolved(context, project.as_ref()).await?;
                context.output.answer(&value, shown)?;
                Ok(Exit::Ok)
            }
        }
    }
}

/// Every agent and workflow with where each of its values comes from, by id.
async fn all_resolved(context: &Context, project: Option<&String>) -> Result<Value, Failure> {
    let list = context.ask(Request::CrewsList { project: project.cloned() }).await?;
    let mut all = Map::new();
    for item in ["workflows", "agents"].iter().flat_map(|kind| items(&list[*kind])) {
        let id = field(item, "id").to_owned();
        let request = Request::CrewsShow { project: project.cloned(), id: id.clone(), resolved: true };
        all.insert(id, context.ask(request).await?);
    }
    Ok(Value::Object(all))
}

fn listed(value: &Value) -> String {
    let mut text = String::new();
    for (kind, list) in value.as_object().into_iter().flatten() {
        text.push_str(&format!("{kind}\n"));
        for item in items(list) {
            let line = match item {
                Value::Object(_) => {
                    [field(item, "id"), field(item, "name"), field(item, "about"), field(item, "layer")]
                        .iter()
                        .filter(|part| !part.is_empty())
                        .map(|part| (*part).to_owned())
                        .collect::<Vec<_>>()
                        .join(" · ")
                }
                other => word(other),
            };
            text.push_str(&format!("  {line}\n"));
        }
    }
    text
}

/// Findings as `file:line: what`, as editors want them.
fn checked(value: &Value) -> String {
    let findings = items(value.get("findings").or_else(|| value.get("problems")).unwrap_or(value));
    if findings.is_empty() {
        return "all crews are sound".to_owned();
    }
    let line = |finding: &Value| {
        let place = format!("{}:{}", field(finding, "file"), word(&finding["line"]));
        let what = ["what", "message"].iter().map(|key| field(finding, key)).find(|text| !text.is_empty());
        let fix = ["fix", "hint"].iter().map(|key| field(finding, key)).find(|text| !text.is_empty());
        match fix {
            Some(fix) => format!("{place}: {}\n  try: {fix}", what.unwrap_or_default()),
            None => format!("{place}: {}", what.unwrap_or_default()),
        }
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Array(lines) => origins(lines),
        Value::Object(all) if all.values().all(Value::is_array) => all
            .iter()
            .map(|(id, lines)| format!("{id}\n{}\n", origins(items(lines))))
            .collect::<Vec<_>>()
            .join("\n"),
        other => format!("{other:#}"),
    }
}

fn origins(lines: &[Value]) -> String {
    let row = |line: &Value| {
        let place = format!("{}:{}", field(line, "file"), word(&line["line"]));
        vec![
            field(line, "key").to_owned(),
            one_line(&word(&line["value"])),
            field(line, "layer").to_owned(),
            place,
        ]
    };
    columns(lines.iter().map(row).collect())
}
