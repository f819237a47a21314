//! The tools a `tool` step can use: each keeps something in the project, by events.

use serde_json::{Map, Value, json};

use crate::codes;
use crate::definition::Save;
use crate::kinds::Stop;
use crate::machine::Place;
use crate::saves;
use crate::work::failure;

/// The tools by name, with the arguments each takes (required ones first, optional ones after a `?`).
pub const TOOLS: &[(&str, &[&str])] = &[
    ("save_artifact", &["kind", "name", "content", "?document"]),
    ("save_bucket", &["type", "title", "?fields", "?body"]),
    ("propose_rule", &["text", "?confidence_milli"]),
    ("accept_rules", &[]),
];

/// Uses the tool the step names.
pub(crate) fn apply(place: &mut Place<'_, '_>, with: &Value) -> Result<Value, Stop> {
    let name = place.spec.text("tool").unwrap_or_default();
    let Some((_, arguments)) = TOOLS.iter().find(|(tool, _)| *tool == name) else {
        return Err(wrong(place, format!("there is no tool `{name}`")));
    };
    let empty = Map::new();
    let given = with.as_object().unwrap_or(&empty);
    check(place, given, arguments)?;
    let text = |key: &str| given.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    match name {
        "save_artifact" => {
            let document = given.get("document").and_then(Value::as_str).map(str::to_owned);
            let content = given.get("content").cloned().unwrap_or(Value::Null);
            let save = Save::Artifact { kind: text("kind"), name: text("name"), document };
            saves::keep(place, std::slice::from_ref(&save), &content, &Value::Null)?;
            Ok(json!({"kind": text("kind"), "name": text("name")}))
        }
        "save_bucket" => {
            let fields = given.get("fields").and_then(Value::as_object).cloned().unwrap_or_default();
            let id = saves::bucket(
                place,
                &text("type"),
                &text("title"),
                fields.into_iter().collect(),
                &text("body"),
            )?;
            Ok(json!({"bucket": id.to_string()}))
        }
        "propose_rule" => {
            let confidence = given.get("confidence_milli").and_then(Value::as_u64).unwrap_or(500).min(1000);
            saves::rule(place, &text("text"), confidence as u16);
            Ok(Value::Null)
        }
        _ => Ok(json!({"accepted": saves::accept_rules(place)})),
    }
}

fn check(place: &Place<'_, '_>, given: &Map<String, Value>, arguments: &[&str]) -> Result<(), Stop> {
    let known = |key: &str| arguments.iter().any(|a| a.trim_start_matches('?') == key);
    if let Some(unknown) = given.keys().find(|key| !known(key)) {
        return Err(wrong(place, format!("the tool takes no `{unknown}`")));
    }
    match arguments.iter().find(|a| !a.starts_with('?') && !given.contains_key(**a)) {
        Some(missing) => Err(wrong(place, format!("the tool needs `{missing}`"))),
        None => Ok(()),
    }
}

fn wrong(place: &Place<'_, '_>, why: String) -> Stop {
    Stop::Fail(failure(
        codes::BAD_TOOL_CALL,
        format!("step {}: {why}", place.path),
        "correct `with` of the step",
    ))
}
