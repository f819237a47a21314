//! A workflow as a whole: its names lead somewhere, its steps can all start, its expressions can be filled.

use std::collections::{BTreeMap, BTreeSet};

use atelier_engine::definition::{Input, StepSpec, Workflow};
use atelier_engine::kinds::{self, Form};
use serde_json::Value;

use super::flow::{self, Disorder};
use super::trial;
use crate::catalog::{Catalog, calls_of};
use crate::finding::Findings;
use crate::nearest;
use crate::read::workflow::WorkflowFile;
use crate::template::{self, Fault};

/// What a step shows of itself to others.
const STEP_PARTS: &[&str] = &["output", "status", "findings", "asked"];

pub(super) fn check(catalog: &Catalog, findings: &Findings, file: &WorkflowFile) {
    let check = Check { catalog, findings, file, environment: template::plain() };
    let workflow = &file.workflow;
    let scope = Scope { inputs: &workflow.inputs, steps: BTreeSet::new(), locals: BTreeSet::new() };
    check.flow(&workflow.steps, &scope);
    let all = scope.with_steps(workflow.steps.iter().map(|step| step.id.clone()));
    for (name, expression) in &workflow.outputs {
        check.expression(&format!("outputs.{name}"), check.top("outputs"), expression, &all);
    }
    check.calls(workflow);
}

/// What can be named at a place.
#[derive(Clone)]
struct Scope<'a> {
    inputs: &'a BTreeMap<String, Input>,
    steps: BTreeSet<String>,
    locals: BTreeSet<String>,
}

impl Scope<'_> {
    fn with_steps(&self, steps: impl IntoIterator<Item = String>) -> Self {
        let mut scope = self.clone();
        scope.steps.extend(steps);
        scope
    }

    fn with_locals(&self, locals: &[&str]) -> Self {
        let mut scope = self.clone();
        scope.locals.extend(locals.iter().map(|local| (*local).to_owned()));
        scope
    }
}

struct Check<'a> {
    catalog: &'a Catalog,
    findings: &'a Findings,
    file: &'a WorkflowFile,
    environment: minijinja::Environment<'static>,
}

impl Check<'_> {
    fn flow(&self, steps: &[StepSpec], outer: &Scope<'_>) {
        for disorder in flow::disorders(steps) {
            self.disorder(&disorder, steps);
        }
        let before = flow::before(steps);
        for step in steps {
            let settled = before.get(&step.id).cloned().unwrap_or_default();
            self.step(step, &outer.with_steps(settled));
        }
    }

    fn disorder(&self, disorder: &Disorder, steps: &[StepSpec]) {
        match disorder {
            Disorder::Unknown(id, unknown) => {
                let hint = nearest::hint(unknown, steps.iter().map(|step| step.id.as_str()));
                self.at(id, "needs", format!("there is no step `{unknown}` beside it"), hint);
            }
            Disorder::Cycle(cycle) => {
                let first = cycle.first().map(String::as_str).unwrap_or_default();
                let what = format!("steps wait for each other: {}", cycle.join(" → "));
                self.at(first, "needs", what, "use a step of kind `loop` to repeat steps");
            }
            Disorder::Unreachable(id, stuck) => {
                self.at(id, "needs", format!("never starts: it waits for `{stuck}`, which never starts"), "");
            }
        }
    }

    fn step(&self, step: &StepSpec, scope: &Scope<'_>) {
        if let Some(when) = &step.when {
            self.step_expression(step, "when", when, scope);
            if constant(&self.environment, when) == Some(false) {
                self.at(&step.id, "when", "never holds, so the step never starts", "");
            }
        }
        let Some(kind) = kinds::find(&step.kind) else { return };
        let inside = self.inside(step, scope);
        for setting in kind.settings() {
            let Some(value) = step.settings.get(setting.name) else { continue };
            let later = matches!((step.kind.as_str(), setting.name), ("loop", "until") | ("each", "collect"));
            let scope = if later { &inside } else { scope };
            self.setting(step, setting.name, setting.form, value, scope);
        }
        if step.kind == "if" {
            self.arms(step);
        }
        let inner = self.locals(step, scope);
        step.arms.values().for_each(|arm| self.flow(arm, &inner));
    }

    /// The scope of a composite step's own loop variables.
    fn locals<'s>(&self, step: &StepSpec, scope: &Scope<'s>) -> Scope<'s> {
        match step.kind.as_str() {
            "each" => scope.with_locals(&[step.text("as").unwrap_or("item"), "index"]),
            "loop" => scope.with_locals(&["round", "last"]),
            _ => scope.clone(),
        }
    }

    /// The scope after a round of a composite step.
    fn inside<'s>(&self, step: &StepSpec, scope: &Scope<'s>) -> Scope<'s> {
        let steps = step.arms.values().flatten().map(|step| step.id.clone());
        self.locals(step, scope).with_steps(steps)
    }

    fn arms(&self, step: &StepSpec) {
        let known = step.text("if").and_then(|expression| constant(&self.environment, expression));
        let dead = match known {
            Some(true) => "else",
            Some(false) => "then",
            None => return,
        };
        if let Some(first) = step.arms.get(dead).and_then(|arm| arm.first()) {
            self.at(&step.id, "if", format!("always goes one way: `{}` never starts", first.id), "");
        }
    }

    fn setting(&self, step: &StepSpec, name: &str, form: Form, value: &Value, scope: &Scope<'_>) {
        let text = value.as_str();
        match (form, text) {
            (Form::Agent, Some(id)) => self.agent(step, name, id),
            (Form::Workflow, Some(id)) => self.workflow(step, name, id),
            (Form::Tool, Some(id)) => self.tool(step, name, id),
            (Form::Expression, Some(source)) => self.step_expression(step, name, source, scope),
            (Form::Template, Some(source)) => self.step_template(step, name, source, scope),
            (Form::Tree, _) => self.tree(step, name, value, scope),
            (Form::Integer, _) if value.as_u64().is_some_and(|n| n > 0) => {}
            (Form::Integer, _) => self.at(&step.id, name, "should be a whole number from 1", ""),
            (Form::Words, _) if words(value) => {}
            (Form::Words, _) => self.at(&step.id, name, "should be a word or a list of words", ""),
            (_, None) => self.at(&step.id, name, "should be a text", "put it in quotes"),
        }
    }

    fn agent(&self, step: &StepSpec, key: &str, id: &str) {
        let Some(item) = self.catalog.agents.get(id) else {
            let hint = nearest::hint(id, self.catalog.agents.keys().map(String::as_str));
            return self.at(&step.id, key, format!("there is no agent `{id}`"), hint);
        };
        let Some(file) = &item.value else { return };
        if step.kind == "agent" {
            self.given(step, &file.agent.inputs, &format!("the agent `{id}`"));
        }
    }

    fn workflow(&self, step: &StepSpec, key: &str, id: &str) {
        let Some(item) = self.catalog.workflows.get(id) else {
            let hint = nearest::hint(id, self.catalog.workflows.keys().map(String::as_str));
            return self.at(&step.id, key, format!("there is no workflow `{id}`"), hint);
        };
        if let Some(file) = &item.value {
            self.given(step, &file.workflow.inputs, &format!("the workflow `{id}`"));
        }
    }

    /// `with` against what an agent or a workflow takes. An agent without `with` takes inputs of the same names.
    fn given(&self, step: &StepSpec, takes: &BTreeMap<String, Input>, who: &str) {
        let with = step.settings.get("with");
        let given: BTreeSet<&str> = match with.and_then(Value::as_object) {
            Some(map) => map.keys().map(String::as_str).collect(),
            None if with.is_some() => return,
            None if step.kind == "agent" => self.file.workflow.inputs.keys().map(String::as_str).collect(),
            None => BTreeSet::new(),
        };
        for name in given.iter().filter(|name| with.is_some() && !takes.contains_key(**name)) {
            let hint = nearest::hint(name, takes.keys().map(String::as_str));
            self.at(&step.id, "with", format!("{who} takes no `{name}`"), hint);
        }
        for (name, input) in takes {
            if input.required && input.default.is_none() && !given.contains(name.as_str()) {
                self.at(&step.id, "with", format!("{who} needs `{name}`"), "");
            }
        }
    }

    fn tool(&self, step: &StepSpec, key: &str, id: &str) {
        let Some((_, arguments)) = atelier_engine::TOOLS.iter().find(|(name, _)| *name == id) else {
            let hint = nearest::hint(id, atelier_engine::TOOLS.iter().map(|(name, _)| *name));
            return self.at(&step.id, key, format!("there is no tool `{id}`"), hint);
        };
        let with = step.settings.get("with").and_then(Value::as_object);
        let known = || arguments.iter().map(|argument| argument.trim_start_matches('?'));
        for name in with.into_iter().flatten().map(|(name, _)| name.as_str()) {
            if !known().any(|argument| argument == name) {
                let hint = nearest::hint(name, known().collect::<Vec<_>>());
                self.at(&step.id, "with", format!("the tool `{id}` takes no `{name}`"), hint);
            }
        }
        for needed in arguments.iter().filter(|argument| !argument.starts_with('?')) {
            if !with.is_some_and(|with| with.contains_key(*needed)) {
                self.at(&step.id, "with", format!("the tool `{id}` needs `{needed}`"), "");
            }
        }
        let text = |key: &str| with.and_then(|with| with.get(key)).and_then(Value::as_str);
        if let Some(name) = text("document").filter(|name| !name.contains("{{"))
            && !self.catalog.documents.contains_key(name)
        {
            let hint = nearest::hint(name, self.catalog.documents.keys().map(String::as_str));
            self.at(&step.id, "with", format!("there is no document `{name}`"), hint);
        }
        if let Some(name) = text("type").filter(|name| !name.contains("{{"))
            && !self.catalog.types.contains_key(name)
        {
            let hint = nearest::hint(name, self.catalog.types.keys().map(String::as_str));
            self.at(&step.id, "with", format!("there is no type `{name}`"), hint);
        }
    }

    fn tree(&self, step: &StepSpec, key: &str, tree: &Value, scope: &Scope<'_>) {
        match tree {
            Value::String(text) => match template::sole_expression(text) {
                Some(expression) => self.step_expression(step, key, expression, scope),
                None => self.step_template(step, key, text, scope),
            },
            Value::Array(items) => items.iter().for_each(|item| self.tree(step, key, item, scope)),
            Value::Object(map) => map.values().for_each(|item| self.tree(step, key, item, scope)),
            _ => {}
        }
    }

    fn step_expression(&self, step: &StepSpec, key: &str, source: &str, scope: &Scope<'_>) {
        let (path, line) = self.place(&step.id, key);
        self.expression(&path, line, source, scope);
    }

    fn step_template(&self, step: &StepSpec, key: &str, source: &str, scope: &Scope<'_>) {
        let (path, line) = self.place(&step.id, key);
        self.variables(&path, line, template::variables(&self.environment, source), scope);
    }

    fn expression(&self, path: &str, line: u32, source: &str, scope: &Scope<'_>) {
        self.variables(path, line, template::expression_variables(&self.environment, source), scope);
    }

    fn variables(
        &self,
        path: &str,
        line: u32,
        variables: Result<BTreeSet<String>, Fault>,
        scope: &Scope<'_>,
    ) {
        match variables {
            Err(fault) => self.findings.add(line, path, fault.what, ""),
            Ok(variables) => variables.iter().for_each(|variable| self.variable(path, line, variable, scope)),
        }
    }

    fn variable(&self, path: &str, line: u32, variable: &str, scope: &Scope<'_>) {
        let mut parts = variable.split('.');
        let (root, name, part) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let (what, hint) = match (root, name) {
            ("inputs", Some(name)) if !scope.inputs.contains_key(name) => {
                let hint = nearest::hint(name, scope.inputs.keys().map(String::as_str));
                (format!("there is no input `{name}`"), hint)
            }
            ("steps", Some(id)) if !scope.steps.contains(id) => self.missing_step(id, scope),
            ("steps", Some(_)) if part.is_some_and(|part| !STEP_PARTS.contains(&part)) => {
                (format!("nobody fills `{variable}`"), format!("a step has {}", STEP_PARTS.join(", ")))
            }
            ("inputs" | "steps", _) => return,
            (local, _) if scope.locals.contains(local) => return,
            (other, _) => {
                let known = ["inputs", "steps"].into_iter().chain(scope.locals.iter().map(String::as_str));
                (format!("nobody fills `{other}`"), nearest::hint(other, known.collect::<Vec<_>>()))
            }
        };
        self.findings.add(line, path, what, hint);
    }

    fn missing_step(&self, id: &str, scope: &Scope<'_>) -> (String, String) {
        if self.file.places.contains_key(id) {
            return (format!("the step `{id}` may not be done here"), format!("add `{id}` to `needs`"));
        }
        (format!("there is no step `{id}`"), nearest::hint(id, scope.steps.iter().map(String::as_str)))
    }

    /// Workflows that call themselves, by however many others.
    fn calls(&self, workflow: &Workflow) {
        let mut open: Vec<Vec<String>> = calls_of(workflow).into_iter().map(|id| vec![id]).collect();
        let mut seen = BTreeSet::new();
        while let Some(path) = open.pop() {
            let Some(last) = path.last().cloned() else { continue };
            if last == workflow.id {
                let step = workflow
                    .all_steps()
                    .into_iter()
                    .find(|step| step.text("workflow") == path.first().map(String::as_str));
                let id = step.map(|step| step.id.as_str()).unwrap_or_default();
                let what =
                    format!("workflows call each other in a circle: {} → {}", workflow.id, path.join(" → "));
                self.at(id, "workflow", what, "use a step of kind `loop` to repeat steps");
                return;
            }
            if seen.insert(last.clone()) {
                let called = self.catalog.workflows.get(&last).and_then(|item| item.value.as_ref());
                let next = called.map(|file| calls_of(&file.workflow)).unwrap_or_default();
                open.extend(next.into_iter().map(|id| path.iter().cloned().chain([id]).collect()));
            }
        }
    }

    fn top(&self, key: &str) -> u32 {
        let node = self.catalog.workflows.get(&self.file.workflow.id).and_then(|item| item.node.as_ref());
        node.and_then(|node| node.get(key)).map_or(1, |node| node.line)
    }

    fn place(&self, step: &str, key: &str) -> (String, u32) {
        let (path, line) = self.file.places.get(step).cloned().unwrap_or_default();
        let node = self.catalog.workflows.get(&self.file.workflow.id).and_then(|item| item.node.as_ref());
        let line = node.and_then(|node| line_of(node, &path, key)).unwrap_or(line.max(1));
        (format!("{path}.{key}"), line)
    }

    fn at(&self, step: &str, key: &str, what: impl Into<String>, hint: impl Into<String>) {
        let (path, line) = self.place(step, key);
        self.findings.add(line, &path, what, hint);
    }
}

/// The line of a key of the step at a path such as `steps[2].then[0]`.
fn line_of(root: &crate::yaml::Node, path: &str, key: &str) -> Option<u32> {
    let mut node = root;
    for part in path.split('.') {
        let (name, index) = part.strip_suffix(']')?.split_once('[')?;
        node = node.get(name)?.list().get(index.parse::<usize>().ok()?)?;
    }
    node.map().iter().find(|(k, _)| k.name == key).map(|(k, _)| k.line)
}

/// What an expression always gives, where it depends on nothing.
fn constant(environment: &minijinja::Environment<'_>, source: &str) -> Option<bool> {
    if !template::expression_variables(environment, source).ok()?.is_empty() {
        return None;
    }
    Some(match trial::eval(environment, source, &Value::Null).ok()? {
        Value::Null => false,
        Value::Bool(value) => value,
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    })
}

fn words(value: &Value) -> bool {
    value.is_string() || value.as_array().is_some_and(|items| items.iter().all(Value::is_string))
}
