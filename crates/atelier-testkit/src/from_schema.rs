//! Builds a valid and deterministic value for a JSON schema: what the scripted server answers when it is asked for
//! structured output.
//!
//! Owns: the choice of a value for each schema. Does not own: validation (the tests validate with another crate).
//! Invariants: the same schema and the same seed text give the same value; strings within one value differ, and
//! strings of values for different seeds differ; first enum value, first alternative that is not null, at least one
//! item in a list and at most two unless the schema asks for more.

use crate::words;
use serde_json::{Map, Value, json};

/// A value that the schema accepts. `seed` is what the strings are drawn from: the text of the request.
pub fn instance_of(schema: &Value, seed: &str) -> Value {
    let mut maker = Maker { root: schema, words: words::pair(seed), n_strings: 0 };
    maker.make(schema, &Place { name: "value", item: None, depth: 0 })
}

struct Maker<'a> {
    root: &'a Value,
    words: (&'static str, &'static str),
    n_strings: usize,
}

/// Where in the value we are: the property's name, which item of a list of distinct ones, and how deep.
struct Place<'n> {
    name: &'n str,
    item: Option<usize>,
    depth: usize,
}

/// Beyond this only what is required is written, so that a schema that contains itself comes to an end.
const DEEP: usize = 6;

impl Maker<'_> {
    fn make(&mut self, schema: &Value, place: &Place<'_>) -> Value {
        let schema = self.resolved(schema, place.depth);
        if let Some(fixed) = schema.get("const") {
            return fixed.clone();
        }
        if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
            let chosen = place.item.map_or(0, |item| item % choices.len().max(1));
            return choices.get(chosen).cloned().unwrap_or(Value::Null);
        }
        match kind_of(&schema) {
            "object" => self.object(&schema, place),
            "array" => self.array(&schema, place),
            "integer" => number(&schema, true),
            "number" => number(&schema, false),
            "boolean" => Value::Bool(true),
            "null" => Value::Null,
            _ => Value::String(self.string(&schema, place.name)),
        }
    }

    /// The schema with references followed, `allOf` merged and the first fitting alternative taken.
    fn resolved(&self, schema: &Value, depth: usize) -> Value {
        let mut out = match schema {
            Value::Object(map) => map.clone(),
            _ => return json!({"type": "string"}),
        };
        for _ in 0..64 {
            if let Some(Value::String(pointer)) = out.remove("$ref") {
                let target = self.root.pointer(pointer.trim_start_matches('#'));
                merge(&mut out, target.unwrap_or_else(|| panic!("the schema has no {pointer}")));
            } else if let Some(Value::Array(parts)) = out.remove("allOf") {
                parts.iter().for_each(|part| merge(&mut out, part));
            } else if let Some(Value::Array(choices)) = out.remove("anyOf").or_else(|| out.remove("oneOf")) {
                let is_null = |c: &&Value| c.get("type").and_then(Value::as_str) == Some("null");
                let null = choices.iter().find(is_null).filter(|_| depth > DEEP);
                let chosen =
                    null.or_else(|| choices.iter().find(|c| !is_null(c))).or_else(|| choices.first());
                merge(&mut out, chosen.expect("an alternative"));
            } else {
                break;
            }
        }
        Value::Object(out)
    }

    fn object(&mut self, schema: &Value, place: &Place<'_>) -> Value {
        let mut out = Map::new();
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (name, of) in properties {
                if place.depth <= DEEP || required.contains(&name.as_str()) {
                    out.insert(
                        name.clone(),
                        self.make(of, &Place { name, item: None, depth: place.depth + 1 }),
                    );
                }
            }
        }
        let further = schema.get("additionalProperties").filter(|a| a.is_object());
        let wanted =
            usize_at(schema, "minProperties").unwrap_or(usize::from(out.is_empty() && further.is_some()));
        let any = json!({});
        for n in 1.. {
            if out.len() >= wanted {
                break;
            }
            let name = format!("key_{n}");
            let value = self
                .make(further.unwrap_or(&any), &Place { name: &name, item: None, depth: place.depth + 1 });
            out.insert(name, value);
        }
        Value::Object(out)
    }

    fn array(&mut self, schema: &Value, place: &Place<'_>) -> Value {
        let any = json!({});
        let first: &[Value] = schema.get("prefixItems").and_then(Value::as_array).map_or(&[], Vec::as_slice);
        let rest = schema.get("items").filter(|i| i.is_object()).unwrap_or(&any);
        let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
        let least = usize_at(schema, "minItems").unwrap_or(0).max(first.len());
        let mut wanted = if place.depth > DEEP { least } else { least.max(2) };
        if unique
            && let Some(choices) = self.resolved(rest, place.depth).get("enum").and_then(Value::as_array)
        {
            wanted = wanted.min(choices.len());
        }
        wanted = wanted.min(usize_at(schema, "maxItems").unwrap_or(usize::MAX));
        let item = |n: usize| Place { name: place.name, item: unique.then_some(n), depth: place.depth + 1 };
        (0..wanted).map(|n| self.make(first.get(n).unwrap_or(rest), &item(n))).collect()
    }

    fn string(&mut self, schema: &Value, name: &str) -> String {
        self.n_strings += 1;
        let n = self.n_strings;
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
            return matching(pattern);
        }
        match schema.get("format").and_then(Value::as_str) {
            Some("date") => return format!("2026-01-{:02}", n % 28 + 1),
            Some("date-time") => return format!("2026-01-{:02}T08:00:00Z", n % 28 + 1),
            Some("time") => return "08:00:00Z".to_owned(),
            Some("uuid") => return format!("00000000-0000-4000-8000-{n:012}"),
            Some("email") => return format!("name{n}@example.org"),
            Some("uri") => return format!("https://example.org/{n}"),
            _ => {}
        }
        let (first, second) = self.words;
        let name = name.replace(['_', '-'], " ");
        let longest = usize_at(schema, "maxLength").unwrap_or(usize::MAX);
        let candidates = [format!("{name} {first} {second} {n}"), format!("{first} {n}"), n.to_string()];
        let fits = candidates.into_iter().find(|c| c.chars().count() <= longest);
        let mut text = fits.unwrap_or_else(|| "x".repeat(longest));
        let least = usize_at(schema, "minLength").unwrap_or(0);
        let missing = least.saturating_sub(text.chars().count());
        text.extend(" and so it goes on".chars().cycle().take(missing));
        text
    }
}

fn kind_of(schema: &Value) -> &str {
    let declared = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        Some(kind) => kind.as_str(),
        None => None,
    };
    let has = |key: &str| schema.get(key).is_some();
    declared.unwrap_or_else(|| match () {
        () if has("properties") || has("additionalProperties") => "object",
        () if has("items") || has("prefixItems") => "array",
        () if has("minimum") || has("maximum") => "number",
        () => "string",
    })
}

fn number(schema: &Value, whole: bool) -> Value {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let low = bound("minimum").or_else(|| bound("exclusiveMinimum"));
    let high = bound("maximum").or_else(|| bound("exclusiveMaximum"));
    let shut = bound("minimum").is_none() && low.is_some();
    let step = bound("multipleOf").unwrap_or(if whole { 1.0 } else { 0.0 });
    let mut value = match (low, high) {
        (Some(low), Some(high)) if shut && !whole => f64::midpoint(low, high),
        (Some(low), _) if shut => low + 1.0,
        (Some(low), _) => low,
        (None, Some(high)) if high <= 1.0 => high - if bound("maximum").is_none() { 1.0 } else { 0.0 },
        (None, _) => 1.0,
    };
    if step > 0.0 {
        value = (value / step).ceil() * step;
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole and small: a bound of a schema")]
    if whole { json!(value as i64) } else { json!(value) }
}

/// The shortest text that the pattern accepts, taking the first alternative everywhere.
fn matching(pattern: &str) -> String {
    use regex_syntax::hir::{Class, Hir, HirKind};
    fn write(hir: &Hir, out: &mut String) {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
            HirKind::Class(Class::Unicode(class)) => {
                out.extend(class.iter().next().map(|range| readable(range.start())));
            }
            HirKind::Class(Class::Bytes(class)) => {
                out.extend(class.iter().next().map(|range| readable(char::from(range.start()))));
            }
            HirKind::Repetition(repetition) => {
                (0..repetition.min.max(1).min(repetition.max.unwrap_or(u32::MAX)))
                    .for_each(|_| write(&repetition.sub, out));
            }
            HirKind::Capture(capture) => write(&capture.sub, out),
            HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, out)),
            HirKind::Alternation(parts) => parts.iter().take(1).for_each(|part| write(part, out)),
        }
    }
    fn readable(start: char) -> char {
        if start == '\0' { 'a' } else { start }
    }
    let hir = regex_syntax::parse(pattern).unwrap_or_else(|e| panic!("pattern {pattern}: {e}"));
    let mut out = String::new();
    write(&hir, &mut out);
    out
}

/// Puts one schema's demands beside those that are there already.
fn merge(into: &mut Map<String, Value>, from: &Value) {
    for (key, value) in from.as_object().into_iter().flatten() {
        match (into.get_mut(key), value) {
            (Some(Value::Object(there)), Value::Object(more)) if key == "properties" => {
                there.extend(more.clone());
            }
            (Some(Value::Array(there)), Value::Array(more)) if key == "required" => {
                there.extend(more.clone());
            }
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

fn usize_at(schema: &Value, key: &str) -> Option<usize> {
    schema.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok())
}
