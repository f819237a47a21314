//! What expressions and templates of a workflow can see: inputs, steps that are settled, and loop variables.
//!
//! A scope is built for each evaluation from the names the expression uses, so a long run costs no more than a short
//! one. A text that is not at hand halts the evaluation; the caller fetches it and tries again.

use std::sync::Arc;

use atelier_domain::state::StepStatus;
use atelier_domain::{Hash, canonical};
use minijinja::value::Serde;
use serde_json::{Map, Value, json};

use crate::compiled::Compiled;
use crate::definition::StepSpec;
use crate::work::Work;

/// Why an evaluation gave no value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Halt {
    /// A long text must be fetched first.
    Missing(Hash),
    /// The expression is wrong, or what it asks for is not there.
    Wrong(String),
}

/// What is visible at a place of a run.
#[derive(Debug, Clone)]
pub(crate) struct Scope<'a> {
    inputs: Arc<Value>,
    flows: Vec<(String, &'a [StepSpec])>,
    locals: Map<String, Value>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(inputs: Value) -> Self {
        Self { inputs: Arc::new(inputs), flows: Vec::new(), locals: Map::new() }
    }

    pub(crate) fn inputs(&self) -> &Value {
        &self.inputs
    }

    /// The scope inside a flow: its steps hide those of outer flows with the same name.
    pub(crate) fn enter(&self, prefix: &str, steps: &'a [StepSpec]) -> Self {
        let mut inner = self.clone();
        inner.flows.push((prefix.to_owned(), steps));
        inner
    }

    pub(crate) fn with(&self, name: &str, value: Value) -> Self {
        let mut inner = self.clone();
        inner.locals.insert(name.to_owned(), value);
        inner
    }

    /// The value of an expression.
    pub(crate) fn eval(&self, work: &Work<'_>, compiled: &Compiled, source: &str) -> Result<Value, Halt> {
        let wrong = |error: minijinja::Error| Halt::Wrong(format!("`{source}`: {}", plain(&error)));
        let expression = compiled.environment().compile_expression(source).map_err(wrong)?;
        let context = self.context(work, expression.undeclared_variables(true))?;
        let value = expression.eval(Serde(&context)).map_err(wrong)?;
        if value.is_undefined() {
            return Err(Halt::Wrong(format!("`{source}` names something that is not there")));
        }
        let value =
            serde_json::to_value(&value).map_err(|error| Halt::Wrong(format!("`{source}`: {error}")))?;
        Ok(canonical::without_floats(value))
    }

    /// Whether an expression holds.
    pub(crate) fn holds(&self, work: &Work<'_>, compiled: &Compiled, source: &str) -> Result<bool, Halt> {
        Ok(match self.eval(work, compiled, source)? {
            Value::Null => false,
            Value::Bool(b) => b,
            Value::Number(n) => n.as_i64() != Some(0),
            Value::String(s) => !s.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(map) => !map.is_empty(),
        })
    }

    /// The text of a template.
    pub(crate) fn render(&self, work: &Work<'_>, compiled: &Compiled, source: &str) -> Result<String, Halt> {
        let wrong = |error: minijinja::Error| Halt::Wrong(format!("`{}`: {}", short(source), plain(&error)));
        let template = compiled.environment().template_from_str(source).map_err(wrong)?;
        let context = self.context(work, template.undeclared_variables(true))?;
        template.render(Serde(&context)).map_err(wrong)
    }

    /// A tree of templates: a text that is one expression keeps its type, any other text is rendered.
    pub(crate) fn fill(&self, work: &Work<'_>, compiled: &Compiled, tree: &Value) -> Result<Value, Halt> {
        Ok(match tree {
            Value::String(text) => match sole_expression(text) {
                Some(expression) => self.eval(work, compiled, expression)?,
                None if text.contains("{{") || text.contains("{%") => {
                    Value::String(self.render(work, compiled, text)?)
                }
                None => tree.clone(),
            },
            Value::Array(items) => Value::Array(
                items.iter().map(|item| self.fill(work, compiled, item)).collect::<Result<_, _>>()?,
            ),
            Value::Object(map) => {
                let filled = map.iter().map(|(k, v)| Ok((k.clone(), self.fill(work, compiled, v)?)));
                Value::Object(filled.collect::<Result<_, Halt>>()?)
            }
            other => other.clone(),
        })
    }

    fn context(&self, work: &Work<'_>, names: std::collections::HashSet<String>) -> Result<Value, Halt> {
        let mut context = Map::new();
        let mut steps = Map::new();
        for name in &names {
            let mut parts = name.split('.');
            match (parts.next(), parts.next()) {
                (Some("inputs"), _) => {
                    context.insert("inputs".into(), (*self.inputs).clone());
                }
                (Some("steps"), Some(id)) => {
                    if let Some(step) = self.step(work, id)? {
                        steps.insert(id.to_owned(), step);
                    }
                }
                (Some("steps"), None) => {
                    for id in
                        self.flows.iter().flat_map(|(_, steps)| steps.iter()).map(|spec| spec.id.as_str())
                    {
                        if let Some(step) = self.step(work, id)? {
                            steps.insert(id.to_owned(), step);
                        }
                    }
                }
                (Some(local), _) => {
                    if let Some(value) = self.locals.get(local) {
                        context.insert(local.to_owned(), value.clone());
                    }
                }
                (None, _) => {}
            }
        }
        context.insert("steps".into(), Value::Object(steps));
        Ok(Value::Object(context))
    }

    /// A settled step as expressions see it: `output` (null when skipped), `status`, `findings`, and whether a person
    /// was `asked` at its gate.
    fn step(&self, work: &Work<'_>, id: &str) -> Result<Option<Value>, Halt> {
        let place = self.flows.iter().rev().find(|(_, steps)| steps.iter().any(|spec| spec.id == id));
        let Some((prefix, _)) = place else { return Ok(None) };
        let Some(step) = work.run().and_then(|run| run.steps.get(&format!("{prefix}{id}"))) else {
            return Ok(None);
        };
        Ok(match step.status {
            StepStatus::Done => {
                let output =
                    step.output.as_ref().map(|text| work.json(text)).transpose()?.unwrap_or(Value::Null);
                let asked = work
                    .run()
                    .is_some_and(|run| run.gates.values().any(|gate| gate.path == format!("{prefix}{id}")));
                Some(json!({"output": output, "status": "done", "findings": step.findings, "asked": asked}))
            }
            StepStatus::Skipped => {
                Some(json!({"output": null, "status": "skipped", "findings": [], "asked": false}))
            }
            _ => None,
        })
    }
}

/// The expression of a text that is nothing but `{{ … }}`.
pub(crate) fn sole_expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains("{{") && !inner.contains("}}")).then(|| inner.trim())
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

fn plain(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    }
}
