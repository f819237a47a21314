//! Every value of a crew's file with the place it came from, for `crews show --resolved`.

use atelier_engine::definition::{Agent, Call};

use crate::catalog::{Item, Origin};
use crate::read::agent::AgentFile;
use crate::read::workflow::WorkflowFile;
use crate::yaml::{Kind, Node};

/// A value with the place it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The key, such as `agents.character.full.context_tokens`.
    pub key: String,
    /// The value, on one line.
    pub value: String,
    /// The layer that gave it.
    pub layer: String,
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
}

pub(crate) fn workflow(id: &str, item: &Item<WorkflowFile>) -> Vec<Resolved> {
    let mut all = Vec::new();
    if let Some(node) = &item.node {
        flatten(&format!("workflows.{id}"), node, &item.origin, &mut all);
    }
    all
}

pub(crate) fn agent(id: &str, item: &Item<AgentFile>) -> Vec<Resolved> {
    let mut all = Vec::new();
    let prefix = format!("agents.{id}");
    if let Some(node) = &item.node {
        flatten(&prefix, node, &item.origin, &mut all);
    }
    for (title, line) in item.value.iter().flat_map(|file| &file.sections) {
        let text = item.value.as_ref().and_then(|file| section_text(file, title)).unwrap_or_default();
        push(format!("{prefix}.# {title}"), first_line(text), &item.origin, *line, &mut all);
    }
    all
}

fn flatten(key: &str, node: &Node, origin: &Origin, all: &mut Vec<Resolved>) {
    match &node.kind {
        Kind::Map(entries) => {
            entries.iter().for_each(|(k, value)| flatten(&format!("{key}.{}", k.name), value, origin, all));
        }
        Kind::List(items) if items.iter().any(|item| matches!(item.kind, Kind::Map(_))) => {
            items.iter().enumerate().for_each(|(i, item)| flatten(&format!("{key}[{i}]"), item, origin, all));
        }
        Kind::Text(text) => push(key.to_owned(), first_line(text), origin, node.line, all),
        _ => push(key.to_owned(), node.json().to_string(), origin, node.line, all),
    }
}

fn push(key: String, value: String, origin: &Origin, line: u32, all: &mut Vec<Resolved>) {
    all.push(Resolved { key, value, layer: origin.layer.clone(), file: origin.file.clone(), line });
}

fn first_line(text: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    if lines.next().is_some() { first + " …" } else { first }
}

/// The text of a section: that of a call which names it.
fn section_text<'a>(file: &'a AgentFile, title: &str) -> Option<&'a str> {
    let Agent { full, tiny, .. } = &file.agent;
    let plans = [Some(("full", full)), tiny.as_ref().map(|plan| ("tiny", plan))];
    for (profile, plan) in plans.into_iter().flatten() {
        let nodes =
            file.front.get(profile).and_then(|plan| plan.get("calls")).map(Node::list).unwrap_or_default();
        for node in nodes {
            let named = |key: &str| node.get(key).and_then(Node::text) == Some(title);
            let id = node.get("id").and_then(Node::text).unwrap_or_default();
            let call: Option<&Call> = plan.calls.iter().find(|call| call.id == id);
            match call {
                Some(call) if named("system") => return Some(&call.system),
                Some(call) if named("prompt") => return Some(&call.prompt),
                _ => {}
            }
        }
    }
    None
}
