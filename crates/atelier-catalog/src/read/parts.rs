//! Pieces that agents, workflows and types have in common: ids, colours, inputs.

use std::collections::BTreeMap;

use atelier_engine::definition::{Input, InputType};
use serde_json::Value;

use super::section::Section;
use crate::finding::Findings;
use crate::inputs;

/// The words for the types of inputs.
const INPUT_TYPES: &[&str] = &["string", "text", "integer", "boolean", "list", "any"];

/// Checks the id of a file: what can stand in a command line and in a file name on any system.
pub(crate) fn file_id(findings: &Findings, id: &str) {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(letters) && id.len() <= 64;
    if !good {
        findings.add(
            1,
            "",
            format!("`{id}` is no good name"),
            "use lower-case letters, digits and hyphens, a letter first, at most 64",
        );
    }
}

/// Whether a name can stand in an expression.
pub(crate) fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A colour as `#rrggbb`.
pub(crate) fn colour(section: &Section<'_>) -> String {
    let Some(colour) = section.text("colour") else { return String::new() };
    let digits = colour.strip_prefix('#').unwrap_or_default();
    if digits.len() != 6 || !digits.chars().all(|c| c.is_ascii_hexdigit()) {
        section.report("colour", format!("`{colour}` is not a colour"), "write it as '#rrggbb', in quotes");
    }
    colour
}

/// The inputs of an agent or a workflow.
pub(crate) fn inputs(section: &Section<'_>) -> BTreeMap<String, Input> {
    let mut inputs = BTreeMap::new();
    for (name, line, input) in section.named_sections("inputs") {
        if !is_variable(&name) {
            let hint = "use lower-case letters, digits and underscores, a letter first";
            section.findings().add(line, &section.path("inputs"), format!("`{name}` is no good name"), hint);
        }
        inputs.insert(name, read_input(input));
    }
    inputs
}

fn read_input(section: Section<'_>) -> Input {
    let r#type = section.word("type", INPUT_TYPES).unwrap_or(InputType::String);
    let input = Input {
        r#type,
        required: section.boolean("required").unwrap_or_default(),
        default: section.node("default").map(|node| node.json()),
        description: section.text("description").unwrap_or_default(),
        max_chars: section.count("max_chars", 10_000_000),
    };
    check_default(&section, &input);
    if input.max_chars.is_some() && !matches!(input.r#type, InputType::String | InputType::Text) {
        section.report("max_chars", "only a string or a text has a length", "");
    }
    section.close();
    input
}

fn check_default(section: &Section<'_>, input: &Input) {
    let Some(default) = &input.default else { return };
    if input.required {
        section.report("default", "an input with a default is never missing", "drop `required` or `default`");
    }
    let float = matches!(default, Value::Number(n) if !n.is_i64());
    if float || inputs::coerce(input, default).as_ref() != Ok(default) {
        section.report("default", format!("does not fit the type {}", inputs::word(input.r#type)), "");
    }
}
