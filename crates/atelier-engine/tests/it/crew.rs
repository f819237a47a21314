//! A small crew and a builder of workflows, so that a test can say in a few lines what is run.

use std::collections::BTreeMap;

use atelier_domain::event::run::GatePolicy;
use atelier_engine::definition::{Agent, Definition, Retry, StepSpec, Workflow};
use serde_json::{Map, Value, json};

pub(crate) fn step(id: &str, kind: &str) -> StepSpec {
    StepSpec {
        id: id.into(),
        kind: kind.into(),
        needs: None,
        when: None,
        gate: None,
        retry: Retry::default(),
        limits: Default::default(),
        model: None,
        output: None,
        settings: Map::new(),
        arms: BTreeMap::new(),
    }
}

/// A step in which an agent of the crew works, its topic being the step's id.
pub(crate) fn agent(id: &str, agent: &str) -> StepSpec {
    step(id, "agent").set("agent", agent)
}

pub(crate) fn transform(id: &str, value: Value) -> StepSpec {
    step(id, "transform").set("value", value)
}

/// What can be said of a step, one word each.
pub(crate) trait Spec {
    fn set(self, key: &str, value: impl Into<Value>) -> Self;
    fn needs(self, ids: &[&str]) -> Self;
    fn when(self, expression: &str) -> Self;
    fn gate(self, policy: GatePolicy) -> Self;
    fn arm(self, name: &str, steps: Vec<StepSpec>) -> Self;
}

impl Spec for StepSpec {
    fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.settings.insert(key.into(), value.into());
        self
    }
    fn needs(mut self, ids: &[&str]) -> Self {
        self.needs = Some(ids.iter().map(|id| (*id).to_owned()).collect());
        self
    }
    fn when(mut self, expression: &str) -> Self {
        self.when = Some(expression.into());
        self
    }
    fn gate(mut self, policy: GatePolicy) -> Self {
        self.gate = Some(policy);
        self
    }
    fn arm(mut self, name: &str, steps: Vec<StepSpec>) -> Self {
        self.arms.insert(name.into(), steps);
        self
    }
}

pub(crate) fn workflow(id: &str, inputs: Value, steps: Vec<StepSpec>, outputs: Value) -> Workflow {
    Workflow {
        id: id.into(),
        title: id.into(),
        description: String::new(),
        inputs: serde_json::from_value(inputs).unwrap(),
        steps,
        outputs: serde_json::from_value(outputs).unwrap(),
    }
}

/// A definition with one workflow and the whole crew.
pub(crate) fn definition(steps: Vec<StepSpec>) -> Definition {
    let inputs = json!({"idea": {"type": "text"}, "flag": {"type": "boolean", "default": false}});
    Definition {
        workflow: workflow("main", inputs, steps, json!({})),
        workflows: BTreeMap::new(),
        agents: agents(),
        types: BTreeMap::new(),
        documents: BTreeMap::from([(
            "people".into(),
            "{% for p in content.people %}* {{ p.name }}\n{% endfor %}".into(),
        )]),
    }
}

fn agents() -> BTreeMap<String, Agent> {
    let text = json!({"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}});
    let part =
        |key: &str| json!({"type": "object", "required": [key], "properties": {key: {"type": "string"}}});
    let both = json!({"type": "object", "required": ["a", "b"]});
    let verdict = json!({"type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean"}}});
    let people =
        json!({"type": "object", "required": ["people"], "properties": {"people": {"type": "array"}}});
    let saves = json!([
        {"save": "bucket", "each": "output.people", "type": "person", "title": "{{ item.name }}",
            "fields": {"role": "item.role | default(none)", "age": "item.age | default(none)"}, "body": "{{ item.body | default('') }}"},
        {"save": "rule", "each": "output.rules | default([])", "text": "{{ item }}", "confidence_milli": 700},
        {"save": "artifact", "kind": "bible", "name": "people", "document": "people"},
    ]);
    let mut caster = one("caster", &[("cast", people)]);
    caster.saves = serde_json::from_value(saves).unwrap();
    let checks = json!([{"if": "output.people | length == 0", "say": "nobody is in it"}]);
    caster.checks = serde_json::from_value(checks).unwrap();
    let mut planner = one("planner", &[("one", part("a")), ("two", part("b"))]);
    planner.output = both;
    let crew =
        [one("writer", &[("write", text.clone())]), planner, one("critic", &[("judge", verdict)]), caster];
    crew.into_iter().map(|agent| (agent.id.clone(), agent)).collect()
}

/// An agent with one call per schema; the last schema is that of its output.
fn one(id: &str, calls: &[(&str, Value)]) -> Agent {
    let call = |(name, schema): &(&str, Value)| json!({"id": name, "system": "s", "prompt": "p", "schema": schema, "max_output_tokens": 50});
    serde_json::from_value(json!({
        "id": id, "name": id, "role": "works", "inputs": {"topic": {"type": "any"}}, "context": ["canon", "buckets"],
        "output": calls.last().map(|(_, schema)| schema),
        "full": {"calls": calls.iter().map(call).collect::<Vec<_>>(), "context_tokens": 1000},
    }))
    .unwrap()
}

/// A good answer of an agent at a place: the same for the same place, and different elsewhere.
pub(crate) fn reply(agent: &str, path: &str, call: u32) -> String {
    match agent {
        "planner" => json!({(if call == 0 { "a" } else { "b" }): path}),
        "critic" => json!({"ok": path.contains("again[1]")}),
        "caster" => json!({"people": [{"name": "Mara", "role": "ferrywoman", "body": path}], "rules": ["The ferry never lands."]}),
        _ => json!({"text": format!("text of {path}")}),
    }
    .to_string()
}
