//! A gate at a terminal: what is asked, and what a typed line decides.

use atelier_catalog::PartialJson;
use atelier_domain::event::gate::GateAction;
use atelier_runtime::{Failure, GateDecision};
use serde_json::Value;

use super::teller::Word;
use crate::codes;
use crate::text::{field, items, word};

/// What is shown to whoever is to decide.
pub(super) fn question(gate: &Value) -> Vec<Word> {
    let mut words = Vec::new();
    let text = shown(&gate["output"]);
    if !text.is_empty() {
        words.push(Word::Text { agent: String::new(), place: field(gate, "step").to_owned(), text });
    }
    let error = &gate["error"];
    if error.is_object() {
        words.push(Word::Alarm(format!(
            "what was asked for here came to nothing: {}",
            field(error, "message")
        )));
        words.push(Word::Line(format!("  try: {}", field(error, "hint"))));
    }
    for finding in items(&gate["findings"]) {
        words.push(Word::Alarm(format!("found: {}", word(finding))));
    }
    words.push(Word::Line(format!("{} waits for you: {}", field(gate, "step"), actions(gate).join(", "))));
    words.push(Word::Line(
        "type one of these; for edit, chat, paste and pin the text after it, for change-model the model"
            .into(),
    ));
    words
}

/// What a line decides. The first word is an action or the beginning of one.
pub(super) fn decision(gate: &Value, line: &str) -> Result<GateDecision, Failure> {
    let line = line.trim();
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let offered = actions(gate);
    let fits: Vec<&String> =
        offered.iter().filter(|action| action.starts_with(&first.to_lowercase())).collect();
    let action = match fits.as_slice() {
        [one] if !first.is_empty() => {
            GateAction::ALL.into_iter().find(|action| action.word() == one.as_str())
        }
        _ => None,
    };
    let Some(action) = action else {
        let message = format!("`{first}` is none of the actions");
        return Err(Failure::usage(
            codes::UNKNOWN_ACTION,
            message,
            format!("type one of {}", offered.join(", ")),
        ));
    };
    let given = (!rest.is_empty()).then(|| rest.to_owned());
    let needs = action.needs_text() || action == GateAction::ChangeModel;
    if needs && given.is_none() {
        let message = format!("`{}` needs something after it", action.word());
        return Err(Failure::usage(codes::MISSING_TEXT, message, format!("{} …", action.word())));
    }
    let is_model = action == GateAction::ChangeModel;
    Ok(GateDecision {
        gate: field(gate, "id").to_owned(),
        action,
        text: given.clone().filter(|_| !is_model),
        model: given.filter(|_| is_model),
    })
}

fn actions(gate: &Value) -> Vec<String> {
    items(&gate["actions"]).iter().map(word).collect()
}

fn shown(output: &Value) -> String {
    match output {
        Value::Null => String::new(),
        Value::String(text) => {
            let mut partial = PartialJson::default();
            partial.push(text);
            if text.trim_start().starts_with(['{', '[']) { partial.shown() } else { text.clone() }
        }
        other => atelier_catalog::shown(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_decides_by_the_beginning_of_an_action() {
        let gate = json!({"id": "gate_1", "actions": ["approve", "edit", "chat", "change-model", "reject", "retry"]});
        let decide = |line: &str| decision(&gate, line);
        assert_eq!(decide("a").unwrap().action, GateAction::Approve);
        assert_eq!(decide("chat why?").unwrap().text.as_deref(), Some("why?"));
        let changed = decide("change-model ollama:x").unwrap();
        assert_eq!((changed.model.as_deref(), changed.text), (Some("ollama:x"), None));
        for bad in ["", "re", "ch", "paste x", "edit", "change-model", "hello"] {
            assert!(decide(bad).is_err(), "{bad}");
        }
    }
}
