//! Trying templates and expressions on sample values.

use atelier_engine::definition::{Call, Input, InputType};
use minijinja::Environment;
use serde_json::{Map, Value, json};

use crate::template::{self, Fault};

/// A template's text, or what is wrong with it.
pub(super) fn render(environment: &Environment<'_>, source: &str, vars: &Value) -> Result<String, Fault> {
    environment.render_str(source, minijinja::value::Serde(vars)).map_err(|error| template::fault(&error))
}

/// An expression's value, or what is wrong with it.
pub(super) fn eval(environment: &Environment<'_>, source: &str, vars: &Value) -> Result<Value, Fault> {
    let expression = environment.compile_expression(source).map_err(|error| template::fault(&error))?;
    let value = expression.eval(minijinja::value::Serde(vars)).map_err(|error| template::fault(&error))?;
    if value.is_undefined() {
        return Err(Fault { line: 1, what: format!("`{source}` names something that is not there") });
    }
    serde_json::to_value(&value).map_err(|error| Fault { line: 1, what: error.to_string() })
}

/// Sample inputs: everything given, or only what must be given.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Given {
    Everything,
    Required,
    /// Everything, and every text as long as it may be, up to a few thousand words.
    Long,
}

pub(super) fn inputs(inputs: &std::collections::BTreeMap<String, Input>, given: Given) -> Value {
    let value = |name: &str, input: &Input| match input.r#type {
        _ if given == Given::Required && !input.required => input.default.clone().unwrap_or(Value::Null),
        InputType::Integer => json!(2),
        InputType::Boolean => json!(true),
        InputType::List => json!([format!("{name} one"), format!("{name} two")]),
        InputType::String | InputType::Text | InputType::Any => Value::String(match given {
            Given::Long => long_text(input.max_chars),
            _ => format!("a sample of {name}"),
        }),
    };
    Value::Object(
        inputs.iter().map(|(name, input)| (name.clone(), value(name, input))).collect::<Map<_, _>>(),
    )
}

fn long_text(most: Option<u32>) -> String {
    let most = most.unwrap_or(20_000).min(20_000) as usize;
    "words upon words and more ".repeat(most / 26 + 1).chars().take(most).collect()
}

/// What calls so far gave, working notes included: as `atelier_engine::plan` puts it together.
pub(super) fn so_far(calls: &[Call], results: &[Value]) -> Value {
    let mut all = Map::new();
    for (call, result) in calls.iter().zip(results) {
        let into = call.into.as_str();
        if into.is_empty() {
            merge(&mut all, result);
        } else if let Some(key) = into.strip_suffix("[]") {
            list(&mut all, key, |items| items.push(result.clone()));
        } else if let Some(key) = into.strip_suffix("[n]") {
            let index = call.n.saturating_sub(1) as usize;
            list(&mut all, key, |items| {
                items.resize_with(items.len().max(index + 1), || json!({}));
                match &mut items[index] {
                    Value::Object(item) => merge(item, result),
                    other => *other = result.clone(),
                }
            });
        } else {
            all.insert(into.to_owned(), result.clone());
        }
    }
    Value::Object(all)
}

fn merge(target: &mut Map<String, Value>, result: &Value) {
    target.extend(result.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
}

/// The list under a key, which begins empty.
fn list(all: &mut Map<String, Value>, key: &str, change: impl FnOnce(&mut Vec<Value>)) {
    let mut items = match all.remove(key) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    change(&mut items);
    all.insert(key.to_owned(), Value::Array(items));
}
