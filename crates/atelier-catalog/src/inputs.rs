//! What a workflow or an agent is given, against what it says it takes.
//!
//! Owns: missing, unknown and unfit inputs; turning `k=v` texts into what they mean. Does not own: where they come from.

use std::collections::BTreeMap;

use atelier_engine::definition::{Input, InputType};
use serde_json::{Map, Value};

use crate::nearest;

/// Something wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("input `{name}`: {what}")]
pub struct InputProblem {
    /// Which input.
    pub name: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub hint: String,
}

/// Fits what was given to what is declared: defaults filled in, what was left out null, texts turned into numbers, yes
/// or no, and lists.
///
/// # Errors
/// Everything that does not fit, at once.
pub fn validate_inputs(
    inputs: &BTreeMap<String, Input>,
    given: &Map<String, Value>,
) -> Result<Value, Vec<InputProblem>> {
    let mut problems = Vec::new();
    for name in given.keys().filter(|name| !inputs.contains_key(*name)) {
        let hint = nearest::hint(name, inputs.keys().map(String::as_str));
        problems.push(InputProblem { name: name.clone(), what: "is not known here".to_owned(), hint });
    }
    let mut fitted = Map::new();
    for (name, input) in inputs {
        match fit(input, given.get(name)) {
            Ok(value) => drop(fitted.insert(name.clone(), value)),
            Err((what, hint)) => problems.push(InputProblem { name: name.clone(), what, hint }),
        }
    }
    if problems.is_empty() { Ok(Value::Object(fitted)) } else { Err(problems) }
}

/// The word for a type.
pub(crate) fn word(r#type: InputType) -> &'static str {
    match r#type {
        InputType::String => "string",
        InputType::Text => "text",
        InputType::Integer => "integer",
        InputType::Boolean => "boolean",
        InputType::List => "list",
        InputType::Any => "any",
    }
}

/// The value as the input's type, or what was expected.
pub(crate) fn coerce(input: &Input, value: &Value) -> Result<Value, &'static str> {
    match (input.r#type, value) {
        (InputType::Any, value) => Ok(value.clone()),
        (InputType::String | InputType::Text, Value::String(_)) => Ok(value.clone()),
        (InputType::String | InputType::Text, Value::Number(n)) => Ok(Value::String(n.to_string())),
        (InputType::String | InputType::Text, _) => Err("should be a text"),
        (InputType::Integer, value) => integer(value).ok_or("should be a whole number"),
        (InputType::Boolean, value) => boolean(value).ok_or("should be true or false"),
        (InputType::List, value) => list(value).ok_or("should be a list, or texts with commas between"),
    }
}

type Misfit = (String, String);

fn fit(input: &Input, given: Option<&Value>) -> Result<Value, Misfit> {
    let Some(given) = given.filter(|value| !value.is_null()) else {
        return match (&input.default, input.required) {
            (Some(default), _) => Ok(default.clone()),
            (None, false) => Ok(Value::Null),
            (None, true) => Err(("is missing".to_owned(), input.description.clone())),
        };
    };
    let value = coerce(input, given).map_err(|what| (what.to_owned(), input.description.clone()))?;
    if let Value::String(text) = &value {
        fit_text(input, text)?;
    }
    Ok(value)
}

fn fit_text(input: &Input, text: &str) -> Result<(), Misfit> {
    if input.required && atelier_domain::name::is_blank(text) {
        return Err(("is empty".to_owned(), input.description.clone()));
    }
    let Some(most) = input.max_chars else { return Ok(()) };
    let chars = text.chars().count();
    if chars > most as usize {
        let what = format!("is too long: {chars} characters, at most {most} are taken");
        return Err((what, "say it shorter, or keep the rest as notes in the project".to_owned()));
    }
    Ok(())
}

fn integer(value: &Value) -> Option<Value> {
    match value {
        Value::Number(n) => n.as_i64().map(Value::from),
        Value::String(text) => text.trim().parse::<i64>().ok().map(Value::from),
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(Value::Bool(true)),
            "false" | "no" | "off" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => None,
    }
}

fn list(value: &Value) -> Option<Value> {
    match value {
        Value::Array(_) => Some(value.clone()),
        Value::String(text) if text.trim_start().starts_with('[') => {
            serde_json::from_str(text).ok().filter(Value::is_array)
        }
        Value::String(text) => {
            Some(text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(Value::from).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn declared() -> BTreeMap<String, Input> {
        serde_json::from_value(json!({
            "idea": {"type": "text", "required": true, "max_chars": 12, "description": "the idea"},
            "chapters": {"type": "integer", "default": 3},
            "themes": {"type": "list"},
            "auto_memory": {"type": "boolean"},
        }))
        .expect("inputs")
    }

    fn check(given: Value) -> String {
        let given = given.as_object().cloned().unwrap_or_default();
        match validate_inputs(&declared(), &given) {
            Ok(value) => value.to_string(),
            Err(problems) => {
                problems.iter().map(|p| format!("{p} ({})", p.hint)).collect::<Vec<_>>().join("\n")
            }
        }
    }

    #[test]
    fn texts_become_what_the_type_says_and_defaults_are_filled_in() {
        insta::assert_snapshot!(
            check(json!({"idea": "a lighthouse", "chapters": "5", "themes": "guilt, the sea", "auto_memory": "yes"})),
            @r#"{"auto_memory":true,"chapters":5,"idea":"a lighthouse","themes":["guilt","the sea"]}"#
        );
        insta::assert_snapshot!(
            check(json!({"idea": "x", "themes": "[\"a, b\"]"})),
            @r#"{"auto_memory":null,"chapters":3,"idea":"x","themes":["a, b"]}"#
        );
    }

    #[test]
    fn everything_that_does_not_fit_is_told_at_once() {
        insta::assert_snapshot!(check(json!({"ideas": "x", "chapters": "many", "auto_memory": "maybe", "themes": 4})), @r"
        input `ideas`: is not known here (did you mean idea?)
        input `auto_memory`: should be true or false ()
        input `chapters`: should be a whole number ()
        input `idea`: is missing (the idea)
        input `themes`: should be a list, or texts with commas between ()
        ");
        for nothing in [" \n", "\u{200b}\u{feff}", "\u{202e} \u{2069}"] {
            assert_eq!(check(json!({"idea": nothing})), "input `idea`: is empty (the idea)", "{nothing:?}");
        }
        insta::assert_snapshot!(check(json!({"idea": "ééééééééééééé"})), @"input `idea`: is too long: 13 characters, at most 12 are taken (say it shorter, or keep the rest as notes in the project)");
    }
}
