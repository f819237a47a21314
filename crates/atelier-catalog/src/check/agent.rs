//! An agent as a whole: its calls add up to its output, its prompts can be filled, what it saves has a place.

use atelier_engine::definition::{Agent, Call, Plan, Save};
use serde_json::{Value, json};

use super::trial::{self, Given};
use crate::catalog::Catalog;
use crate::finding::Findings;
use crate::nearest;
use crate::read::agent::AgentFile;
use crate::schema;
use crate::template::{self, Fault};
use crate::yaml::Node;

/// The most tokens of the first prompt of a tiny profile.
const TINY_PROMPT_TOKENS: usize = 300;

pub(super) fn check(catalog: &Catalog, findings: &Findings, file: &AgentFile, count: &dyn Fn(&str) -> usize) {
    let agent = &file.agent;
    let check = Check { findings, file, count };
    check.plan("full", &agent.full);
    if let Some(tiny) = &agent.tiny {
        check.plan("tiny", tiny);
        check.tiny_prompt(tiny);
    }
    check.saves(catalog);
    check.checks();
}

struct Check<'a> {
    findings: &'a Findings,
    file: &'a AgentFile,
    count: &'a dyn Fn(&str) -> usize,
}

impl Check<'_> {
    /// Goes through the calls with samples for answers, as a run would.
    fn plan(&self, profile: &str, plan: &Plan) {
        let agent = &self.file.agent;
        let environment = template::prompts();
        let mut results: Vec<Value> = Vec::new();
        for call in &plan.calls {
            let place = self.call_node(profile, &call.id);
            self.worst_case(&place, call);
            let so_far = trial::so_far(&plan.calls, &results);
            for given in [Given::Everything, Given::Required] {
                let vars = call_vars(agent, call, &so_far, given);
                for (key, source) in [("system", &call.system), ("prompt", &call.prompt)] {
                    if let Err(fault) = trial::render(&environment, source, &vars) {
                        self.template_fault(&place, key, fault);
                    }
                }
            }
            results.push(schema::sample(&call.schema));
        }
        self.adds_up(profile, plan, &results);
    }

    fn worst_case(&self, place: &Place<'_>, call: &Call) {
        let (worst, most) = (schema::worst_case_tokens(&call.schema), call.max_output_tokens as usize);
        if worst > most {
            let hint = "tighten `maxLength` and `maxItems`, or raise `max_output_tokens`";
            self.findings.add(
                place.line("max_output_tokens"),
                &place.key("max_output_tokens"),
                format!("the longest answer by the schema takes about {worst} tokens, {most} are allowed"),
                hint,
            );
        }
    }

    fn adds_up(&self, profile: &str, plan: &Plan, results: &[Value]) {
        let merged = atelier_engine::merged(plan, results);
        let Ok(validator) = jsonschema::validator_for(&self.file.agent.output) else { return };
        let line = self.file.front.get(profile).map_or(1, |node| node.line);
        if let Some(error) = validator.iter_errors(&merged).next() {
            let at = error.instance_path().to_string();
            let what = format!("the answers of its calls do not add up to `output`: {at}: {error}");
            self.findings.add(line, profile, what, "compare the calls' schemas and `into` with `output`");
        }
    }

    fn tiny_prompt(&self, plan: &Plan) {
        let Some(call) = plan.calls.first() else { return };
        let vars = call_vars(&self.file.agent, call, &json!({}), Given::Long);
        let environment = template::prompts();
        let texts =
            [&call.system, &call.prompt].map(|t| trial::render(&environment, t, &vars).unwrap_or_default());
        let tokens = (self.count)(&texts.join("\n"));
        if tokens > TINY_PROMPT_TOKENS {
            let place = self.call_node("tiny", &call.id);
            self.findings.add(
                place.line("prompt"),
                &place.key("prompt"),
                format!("with long inputs it takes {tokens} tokens, a first tiny prompt at most {TINY_PROMPT_TOKENS}"),
                "shorten it, or cut inputs with `| words(40)`",
            );
        }
    }

    fn saves(&self, catalog: &Catalog) {
        let agent = &self.file.agent;
        let nodes = self.file.front.get("saves").map(Node::list).unwrap_or_default();
        for (i, (save, node)) in agent.saves.iter().zip(nodes).enumerate() {
            let place = Place { key: format!("saves[{i}]"), node: Some(node) };
            match save {
                Save::Bucket { each, r#type, title, fields, body } => {
                    let vars = self.item_vars(&place, each.as_deref());
                    self.try_template(&place, "title", title, &vars);
                    self.try_template(&place, "body", body, &vars);
                    let bucket_type = catalog.types.get(r#type);
                    if bucket_type.is_none() {
                        let hint = nearest::hint(r#type, catalog.types.keys().map(String::as_str));
                        self.at(&place, "type", format!("there is no type `{type}`"), hint);
                    }
                    for (name, expression) in fields {
                        let key = format!("fields.{name}");
                        self.try_expression(&place, "fields", &key, expression, &vars);
                        let Some(of) = bucket_type.and_then(|item| item.value.as_ref()) else { continue };
                        if !of.fields.contains_key(name) {
                            let hint = nearest::hint(name, of.fields.keys().map(String::as_str));
                            self.at(
                                &place,
                                "fields",
                                format!("the type `{type}` has no field `{name}`"),
                                hint,
                            );
                        }
                    }
                }
                Save::Rule { each, text, .. } => {
                    let vars = self.item_vars(&place, Some(each));
                    self.try_template(&place, "text", text, &vars);
                }
                Save::Artifact { document, .. } => self.document(catalog, &place, document.as_deref()),
            }
        }
    }

    fn document(&self, catalog: &Catalog, place: &Place<'_>, document: Option<&str>) {
        let Some(name) = document else { return };
        let Some(item) = catalog.documents.get(name) else {
            let hint = nearest::hint(name, catalog.documents.keys().map(String::as_str));
            return self.at(place, "document", format!("there is no document `{name}`"), hint);
        };
        let vars = json!({"content": schema::sample(&self.file.agent.output)});
        let source = item.value.as_deref().unwrap_or_default();
        if let Err(Fault { line, what }) = trial::render(&template::plain(), source, &vars) {
            let what = format!(
                "the document cannot show what this agent gives: {}:{line}: {what}",
                item.origin.file
            );
            self.at(place, "document", what, String::new());
        }
    }

    fn checks(&self) {
        let nodes = self.file.front.get("checks").map(Node::list).unwrap_or_default();
        for (i, (check, node)) in self.file.agent.checks.iter().zip(nodes).enumerate() {
            let place = Place { key: format!("checks[{i}]"), node: Some(node) };
            for given in [Given::Everything, Given::Required] {
                let vars = self.output_vars(given);
                self.try_expression(&place, "if", "if", &check.r#if, &vars);
                self.try_template(&place, "say", &check.say, &vars);
            }
        }
    }

    fn output_vars(&self, given: Given) -> Value {
        let agent = &self.file.agent;
        json!({"inputs": trial::inputs(&agent.inputs, given), "output": schema::sample(&agent.output), "steps": {}})
    }

    /// What a save sees: its list is tried, the first of it is the item.
    fn item_vars(&self, place: &Place<'_>, each: Option<&str>) -> Value {
        let mut vars = self.output_vars(Given::Everything);
        let Some(each) = each else {
            vars["item"] = vars["output"].clone();
            return vars;
        };
        match trial::eval(&template::plain(), each, &vars) {
            Ok(Value::Array(items)) => vars["item"] = items.first().cloned().unwrap_or(Value::Null),
            Ok(Value::Null) => {}
            Ok(_) => self.at(place, "each", "does not give a list".to_owned(), String::new()),
            Err(fault) => self.at(place, "each", fault.what, String::new()),
        }
        vars
    }

    fn try_template(&self, place: &Place<'_>, key: &str, source: &str, vars: &Value) {
        if let Err(fault) = trial::render(&template::plain(), source, vars) {
            self.at(place, key, fault.what, String::new());
        }
    }

    fn try_expression(&self, place: &Place<'_>, key: &str, shown: &str, source: &str, vars: &Value) {
        if let Err(fault) = trial::eval(&template::plain(), source, vars) {
            self.findings.add(place.line(key), &place.key(shown), fault.what, "");
        }
    }

    fn at(&self, place: &Place<'_>, key: &str, what: String, hint: String) {
        self.findings.add(place.line(key), &place.key(key), what, hint);
    }

    /// A fault in a prompt is shown where the prompt stands, not where it is named.
    fn template_fault(&self, place: &Place<'_>, key: &str, fault: Fault) {
        let title = place.node.and_then(|node| node.get(key)).and_then(Node::text).unwrap_or_default();
        let line = self.file.sections.get(title).map_or(1, |line| line + fault.line - 1);
        let hint = "prompts see inputs, so_far and n; a value that may be absent needs an `if`";
        self.findings.add(line, &place.key(key), fault.what, hint);
    }

    fn call_node(&self, profile: &str, id: &str) -> Place<'_> {
        let calls = self
            .file
            .front
            .get(profile)
            .and_then(|plan| plan.get("calls"))
            .map(Node::list)
            .unwrap_or_default();
        let named = |node: &&Node| node.get("id").and_then(Node::text) == Some(id);
        Place { key: format!("{profile}.{id}"), node: calls.iter().find(named) }
    }
}

/// A node of the front matter and how it is named to a person.
struct Place<'a> {
    key: String,
    node: Option<&'a Node>,
}

impl Place<'_> {
    fn line(&self, key: &str) -> u32 {
        self.node.and_then(|node| node.get(key)).or(self.node).map_or(1, |node| node.line)
    }

    fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.key)
    }
}

/// What a prompt sees; see `crate::render`.
fn call_vars(agent: &Agent, call: &Call, so_far: &Value, given: Given) -> Value {
    json!({
        "inputs": trial::inputs(&agent.inputs, given),
        "so_far": so_far,
        "n": call.n,
    })
}
