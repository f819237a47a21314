//! `atelier crews …`

use atelier_runtime::{Exit, Failure, Request};
use clap::Subcommand;
use serde_json::{Map, Value};

use super::Context;
use crate::text::{columns, field, items, short, word};

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
                Value::Object(_) => ["id", "name", "about", "colour", "layer"]
                    .map(|key| field(item, key))
                    .iter()
                    .filter(|part| !part.is_empty())
                    .map(|part| (*part).to_owned())
                    .collect::<Vec<_>>()
                    .join(" · "),
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

/// The file and layer once, then key, value and line; a row fits a hundred columns.
fn origins(lines: &[Value]) -> String {
    const KEY: usize = 44;
    const VALUE: usize = 46;
    let mut text = String::new();
    for part in lines.chunk_by(|a, b| (&a["layer"], &a["file"]) == (&b["layer"], &b["file"])) {
        let Some(first) = part.first() else { continue };
        text.push_str(&format!("{} ({})\n", field(first, "file"), field(first, "layer")));
        let row = |line: &Value| {
            let value = short(word(&line["value"]).lines().next().unwrap_or_default(), VALUE - 1);
            vec![format!("{:>4}", word(&line["line"])), ending(field(line, "key"), KEY), value]
        };
        text.push_str(&columns(part.iter().map(row).collect()));
        text.push('\n');
    }
    text
}

/// A key that is too long loses its beginning, which the lines around it have too.
fn ending(key: &str, most: usize) -> String {
    let n = key.chars().count();
    if n <= most {
        key.to_owned()
    } else {
        format!("…{}", key.chars().skip(n + 1 - most).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn where_values_come_from_fits_a_hundred_columns() {
        let line = |key: &str, value: &str| json!({"key": key, "value": value, "layer": "builtin", "file": "crews/a.md", "line": 7});
        let told =
            origins(&[line("agents.a.role", "plans"), line(&"agents.b.".repeat(20), &"long ".repeat(60))]);
        assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
        assert!(told.starts_with("crews/a.md (builtin)\n   7  agents.a.role"), "{told}");
    }
}
