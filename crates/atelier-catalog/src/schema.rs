//! The JSON Schemas of crews: the part of the language they may use, and what an answer can cost at most.
//!
//! Owns: bounds on everything a model could go on writing for ever, no numbers that are not whole, a sample, the worst
//! case in tokens. Does not own: validation of answers (`atelier-engine`).

use regex_syntax::hir::Look;
use serde_json::{Map, Value, json};

use crate::finding::Findings;
use crate::nearest;
use crate::yaml::{Kind, Node};

const TYPES: &[&str] = &["object", "array", "string", "integer", "boolean"];
const KEYS: &[&str] = &[
    "type",
    "description",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "enum",
];

/// Characters that one token stands for in the worst ordinary text.
const CHARS_PER_TOKEN: usize = 3;

/// Reads a schema, reporting whatever would let an answer grow without bound or mean two things.
pub(crate) fn read(findings: &Findings, key: &str, node: &Node) -> Value {
    Reader { findings }.schema(key, node);
    node.json()
}

/// The most tokens an answer can take: its longest texts, its keys and its punctuation.
pub(crate) fn worst_case_tokens(schema: &Value) -> usize {
    let text = |chars: usize| chars.div_ceil(CHARS_PER_TOKEN) + 1;
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().map(|v| text(v.as_str().map_or(8, str::len))).max().unwrap_or(1);
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => {
            let each = |(name, of): (&String, &Value)| text(name.len()) + 2 + worst_case_tokens(of);
            2 + properties(schema).map(each).sum::<usize>()
        }
        Some("array") => {
            let item = schema.get("items").map_or(1, worst_case_tokens);
            2 + bound(schema, "maxItems") * (item + 1)
        }
        Some("string") => text(longest(schema)),
        Some("integer") => 4,
        _ => 1,
    }
}

/// A value that satisfies the schema; every text in it is different and says where it stands.
pub(crate) fn sample(schema: &Value) -> Value {
    sample_at(schema, "", &mut 0)
}

fn sample_at(schema: &Value, name: &str, count: &mut usize) -> Value {
    if let Some(first) = schema.get("enum").and_then(|values| values.get(0)) {
        return first.clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => {
            let fields = properties(schema).map(|(name, of)| (name.clone(), sample_at(of, name, count)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Some("array") => {
            let n = bound(schema, "minItems").max(1).min(bound(schema, "maxItems"));
            let item = schema.get("items").cloned().unwrap_or(Value::Null);
            (0..n).map(|_| sample_at(&item, name, count)).collect()
        }
        Some("string") => {
            *count += 1;
            let least = bound(schema, "minLength").max(if schema.get("pattern").is_some() { 12 } else { 0 });
            let text = format!("{name} {count} {}", "a ".repeat(least));
            let most = longest(schema);
            Value::String(text.trim().chars().take(most.min(least.max(24))).collect())
        }
        Some("integer") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => Value::Bool(true),
        _ => Value::Null,
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// The most characters of a text: by its own bound, or by that of its pattern.
fn longest(schema: &Value) -> usize {
    match schema.get("pattern").and_then(Value::as_str) {
        Some(pattern) => pattern_length(pattern).unwrap_or_default(),
        None => bound(schema, "maxLength"),
    }
}

/// The most characters a pattern matches; none where it has no bound or does not match whole texts.
fn pattern_length(pattern: &str) -> Option<usize> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let whole = hir.properties().look_set_prefix().contains(Look::Start)
        && hir.properties().look_set_suffix().contains(Look::End);
    hir.properties().maximum_len().filter(|_| whole)
}

fn bound(schema: &Value, key: &str) -> usize {
    schema.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or_default()
}

struct Reader<'a> {
    findings: &'a Findings,
}

impl Reader<'_> {
    fn schema(&self, key: &str, node: &Node) {
        if !matches!(node.kind, Kind::Map(_)) {
            self.findings.add(node.line, key, format!("should be a JSON Schema, is {}", node.sort()), "");
            return;
        }
        self.keys(key, node);
        match node.get("type").and_then(Node::text) {
            Some("object") => self.object(key, node),
            Some("array") => self.array(key, node),
            Some("string") if node.get("enum").is_none() => self.string(key, node),
            Some("number") => {
                self.findings.add(
                    node.line,
                    key,
                    "a number that is not whole",
                    "use `integer`, in thousandths if need be",
                );
            }
            Some(known) if TYPES.contains(&known) => self.values(key, node),
            Some(other) => {
                let hint = nearest::hint(other, TYPES.iter().copied());
                self.findings.add(node.line, key, format!("`{other}` is no type"), hint);
            }
            None => self.findings.add(node.line, key, "has no `type`", TYPES.join(", ")),
        }
    }

    fn keys(&self, key: &str, node: &Node) {
        for (name, value) in node.map() {
            let at = format!("{key}.{}", name.name);
            if !KEYS.contains(&name.name.as_str()) {
                let hint = nearest::hint(&name.name, KEYS.iter().copied());
                self.findings.add(name.line, &at, "is not used in crews' schemas", hint);
            }
            if matches!(value.kind, Kind::Float(_)) {
                self.findings.add(value.line, &at, "a number that is not whole", "");
            }
        }
    }

    fn values(&self, key: &str, node: &Node) {
        if let Some(values) = node.get("enum")
            && (values.list().is_empty() || values.list().iter().any(|value| value.text().is_none()))
        {
            self.findings.add(values.line, &format!("{key}.enum"), "should be a list of texts", "");
        }
    }

    fn object(&self, key: &str, node: &Node) {
        if node.get("additionalProperties").map(|n| &n.kind) != Some(&Kind::Bool(false)) {
            self.findings.add(
                node.line,
                key,
                "other properties are allowed",
                "say `additionalProperties: false`",
            );
        }
        let Some(properties) = node.get("properties") else {
            self.findings.add(node.line, key, "has no `properties`", "");
            return;
        };
        for (name, of) in properties.map() {
            self.schema(&format!("{key}.{}", name.name), of);
        }
        for required in node.get("required").map(Node::list).unwrap_or_default() {
            let name = required.text().unwrap_or_default();
            if properties.get(name).is_none() {
                let at = format!("{key}.required");
                self.findings.add(required.line, &at, format!("`{name}` is not among the properties"), "");
            }
        }
    }

    fn string(&self, key: &str, node: &Node) {
        let Some(pattern) = node.get("pattern") else { return self.need_bound(key, node, "maxLength") };
        if node.get("maxLength").is_some() || node.get("minLength").is_some() {
            let hint = "let the pattern itself be bounded: embedded models cannot have both";
            self.findings.add(pattern.line, key, "has a pattern and a length", hint);
        }
        if pattern.text().and_then(pattern_length).is_none() {
            let hint = "begin it with `^`, end it with `$`, and bound every repetition, as in `[a-z]{1,9}`";
            self.findings.add(pattern.line, &format!("{key}.pattern"), "does not bound the text", hint);
        }
    }

    fn array(&self, key: &str, node: &Node) {
        self.need_bound(key, node, "maxItems");
        match node.get("items") {
            Some(items) => self.schema(&format!("{key}[]"), items),
            None => self.findings.add(node.line, key, "has no `items`", ""),
        }
    }

    fn need_bound(&self, key: &str, node: &Node, bound: &str) {
        match node.get(bound).map(|n| &n.kind) {
            Some(Kind::Integer(1..)) => {}
            _ => self.findings.add(
                node.line,
                key,
                format!("has no `{bound}`: a small model would go on for ever"),
                format!("say `{bound}:` and how many at most"),
            ),
        }
    }
}
