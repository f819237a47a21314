//! Reads `workflows/<id>.yaml`.

use std::collections::{BTreeMap, BTreeSet};

use atelier_domain::event::run::GatePolicy;
use atelier_engine::definition::{Limits, Retry, StepSpec, Workflow};
use serde_json::Map;

use super::parts;
use super::section::Section;
use crate::finding::Findings;
use crate::kinds::{self, Kind};
use crate::nearest;
use crate::schema;
use crate::yaml::Node;

/// A workflow as read, with the line of each step, in the order of `Workflow::all_steps`.
#[derive(Debug, Clone)]
pub(crate) struct WorkflowFile {
    pub(crate) workflow: Workflow,
    /// The key and line of each step, by its id.
    pub(crate) places: BTreeMap<String, (String, u32)>,
}

pub(crate) fn read(findings: &Findings, id: &str, node: &Node) -> Option<WorkflowFile> {
    let section = Section::open(findings, "", node)?;
    let title = section.need_text("title");
    section.need("steps");
    let mut reader = Reader { places: BTreeMap::new() };
    let workflow = Workflow {
        id: id.to_owned(),
        title: title.unwrap_or_default(),
        description: section.text("description").unwrap_or_default(),
        inputs: parts::inputs(&section),
        steps: section.sections("steps").into_iter().filter_map(|step| reader.step(step)).collect(),
        outputs: section.text_map("outputs"),
    };
    if workflow.steps.is_empty() {
        section.report("steps", "there is no step", "");
    }
    section.close();
    Some(WorkflowFile { workflow, places: reader.places })
}

struct Reader {
    places: BTreeMap<String, (String, u32)>,
}

impl Reader {
    fn step(&mut self, section: Section<'_>) -> Option<StepSpec> {
        let id = self.id(&section);
        let name = section.need_text("kind")?;
        let Some(kind) = kinds::find(&name) else {
            section.report(
                "kind",
                format!("there is no step kind `{name}`"),
                nearest::hint(&name, kinds::names()),
            );
            return None;
        };
        let spec = StepSpec {
            id,
            kind: name,
            needs: section.texts("needs"),
            when: section.text("when"),
            gate: gate(&section),
            retry: section.section("retry").map(retry).unwrap_or_default(),
            limits: section.section("limits").map(limits).unwrap_or_default(),
            model: section.text("model"),
            output: section
                .node("output")
                .map(|node| schema::read(section.findings(), &section.path("output"), node)),
            arms: self.arms(&section, &kind),
            settings: settings(&section, &kind),
        };
        section.close();
        Some(spec)
    }

    fn id(&mut self, section: &Section<'_>) -> String {
        let id = section.need_text("id").unwrap_or_default();
        if !id.is_empty() && !parts::is_variable(&id) {
            let hint = "use lower-case letters, digits and underscores, a letter first";
            section.report("id", format!("`{id}` is no good name"), hint);
        }
        let place = (section.path("").trim_end_matches('.').to_owned(), section.line());
        if let Some((_, line)) = self.places.insert(id.clone(), place) {
            section.report(
                "id",
                format!("there is a step `{id}` already, in line {line}"),
                "give each step its own id",
            );
        }
        id
    }

    fn arms(&mut self, section: &Section<'_>, kind: &Kind) -> BTreeMap<String, Vec<StepSpec>> {
        let mut arms = BTreeMap::new();
        for (i, arm) in kind.arms.iter().enumerate() {
            let steps: Vec<_> =
                section.sections(arm).into_iter().filter_map(|step| self.step(step)).collect();
            if !steps.is_empty() {
                arms.insert((*arm).to_owned(), steps);
            } else if i == 0 {
                let hint = format!("a step of kind {} has steps in it", kind.name);
                section.report(arm, "is missing", hint);
            }
        }
        arms
    }
}

/// What the kind reads; a key it does not read is left to be reported as unknown.
fn settings(section: &Section<'_>, kind: &Kind) -> Map<String, serde_json::Value> {
    let mut settings = Map::new();
    let mut known = BTreeSet::new();
    for setting in kind.settings {
        known.insert(setting.name);
        let node = if setting.required { section.need(setting.name) } else { section.node(setting.name) };
        if let Some(node) = node {
            settings.insert(setting.name.to_owned(), node.json());
        }
    }
    settings
}

fn gate(section: &Section<'_>) -> Option<GatePolicy> {
    section.word("gate", &["always", "on_violation", "never"])
}

fn retry(section: Section<'_>) -> Retry {
    let standard = Retry::default();
    let retry = Retry {
        attempts: section.count("attempts", 20).unwrap_or(standard.attempts),
        backoff_ms: section.count("backoff_ms", 3_600_000).map_or(standard.backoff_ms, u64::from),
    };
    if retry.attempts == 0 {
        section.report("attempts", "a call needs one try at least", "say 1 for no retry");
    }
    section.close();
    retry
}

fn limits(section: Section<'_>) -> Limits {
    let limits = Limits {
        time_ms: section.count("time_ms", u32::MAX).map_or(0, u64::from),
        tokens: section.count("tokens", u32::MAX).map_or(0, u64::from),
        cost_micros: section.count("cost_micros", u32::MAX).map_or(0, u64::from),
    };
    section.close();
    limits
}
