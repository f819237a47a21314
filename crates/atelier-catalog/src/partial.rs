//! JSON that is still being written, and how it is shown to people.
//!
//! Owns: reading a beginning of JSON as far as it goes, an open text kept with what it has so far; a readable form of
//! any value. Does not own: streaming. Nothing here fails: what cannot be read yet is not there yet.
//!
//! **Invariant**: every prefix of valid JSON gives a value, and a longer prefix never shows less text.

use serde_json::{Map, Value};

/// Nesting beyond this is left out: no answer of ours needs it.
const MAX_DEPTH: usize = 64;

/// A growing JSON text.
#[derive(Debug, Clone, Default)]
pub struct PartialJson {
    text: String,
}

impl PartialJson {
    /// Adds what came.
    pub fn push(&mut self, more: &str) {
        self.text.push_str(more);
    }

    /// What came so far, as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value so far; null before it begins.
    pub fn value(&self) -> Value {
        parse(&self.text)
    }

    /// The value so far, for people: names, headings, sentences; never braces.
    pub fn shown(&self) -> String {
        shown(&self.value())
    }
}

/// The value that a beginning of JSON describes so far; null before it begins. Text before the first brace or bracket,
/// such as a code fence, is passed over.
pub fn parse(text: &str) -> Value {
    let start = match text.trim_start().starts_with(['{', '[', '"']) {
        true => text.len() - text.trim_start().len(),
        false => text.find(['{', '[']).unwrap_or(text.len()),
    };
    let mut cursor = Cursor { rest: &text[start..] };
    cursor.value(0).unwrap_or(Value::Null)
}

/// A value as readable text.
pub fn shown(value: &Value) -> String {
    let mut out = String::new();
    show(value, 0, &mut out);
    out.truncate(out.trim_end().len());
    out
}

/// Names under which a thing is known; shown as its heading.
const TITLES: &[&str] = &["title", "name"];

fn show(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Null => {}
        Value::Object(fields) => show_fields(fields, depth, out),
        Value::Array(items) => items.iter().for_each(|item| show_item(item, depth, out)),
        plain => push_line(&word(plain), depth, out),
    }
}

/// Its name first, then what is said about it.
fn show_fields(fields: &Map<String, Value>, depth: usize, out: &mut String) {
    let title = TITLES.iter().find(|key| fields.get(**key).is_some_and(|v| !word(v).is_empty()));
    if let Some(title) = title {
        push_line(&word(&fields[*title]), depth, out);
    }
    let inner = depth + usize::from(title.is_some() && depth > 0);
    for (key, value) in fields.iter().filter(|(key, _)| Some(&key.as_str()) != title) {
        show_field(key, value, inner, out);
    }
}

fn show_field(key: &str, value: &Value, depth: usize, out: &mut String) {
    let label = label(key);
    match value {
        Value::Null => {}
        Value::Array(items) if items.is_empty() => {}
        Value::Object(_) | Value::Array(_) => {
            push_line(&label, depth, out);
            show(value, depth + 1, out);
        }
        plain if word(plain).is_empty() => {}
        plain => push_line(&format!("{label}: {}", word(plain)), depth, out),
    }
}

fn show_item(item: &Value, depth: usize, out: &mut String) {
    match item {
        Value::Object(fields) => show_fields(fields, depth.max(1), out),
        Value::Array(_) => show(item, depth + 1, out),
        Value::Null => {}
        plain if word(plain).is_empty() => {}
        plain => push_line(&format!("- {}", word(plain)), depth, out),
    }
}

fn push_line(text: &str, depth: usize, out: &mut String) {
    out.push_str(&"  ".repeat(depth));
    out.push_str(text);
    out.push('\n');
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// A key as a person would write it: `turning_point` is "Turning point".
fn label(key: &str) -> String {
    let mut letters = key.chars();
    let first = letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    first + &letters.as_str().replace(['_', '-'], " ")
}

struct Cursor<'a> {
    rest: &'a str,
}

impl Cursor<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        Some(c)
    }

    /// The value at the cursor, as far as it goes; none where none has begun.
    fn value(&mut self, depth: usize) -> Option<Value> {
        match self.peek()? {
            _ if depth > MAX_DEPTH => None,
            '{' => Some(self.object(depth)),
            '[' => Some(self.array(depth)),
            '"' => Some(Value::String(self.string().0)),
            _ => self.bare(),
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut fields = Map::new();
        self.next();
        while self.peek() == Some('"') {
            let (key, whole) = self.string();
            if !whole || self.peek() != Some(':') {
                break;
            }
            self.next();
            let Some(value) = self.value(depth + 1) else { break };
            fields.insert(key, value);
            match self.peek() {
                Some(',') => drop(self.next()),
                _ => break,
            }
        }
        if self.peek() == Some('}') {
            self.next();
        }
        Value::Object(fields)
    }

    fn array(&mut self, depth: usize) -> Value {
        let mut items = Vec::new();
        self.next();
        while !matches!(self.peek(), None | Some(']')) {
            let Some(value) = self.value(depth + 1) else { break };
            items.push(value);
            match self.peek() {
                Some(',') => drop(self.next()),
                _ => break,
            }
        }
        if self.peek() == Some(']') {
            self.next();
        }
        Value::Array(items)
    }

    /// The text so far, and whether it is closed. An escape that is cut off is left out until it is whole.
    fn string(&mut self) -> (String, bool) {
        let mut text = String::new();
        self.next();
        while let Some(c) = self.next() {
            match c {
                '"' => return (text, true),
                '\\' => match self.escape() {
                    Some(c) => text.push(c),
                    None => return (text, false),
                },
                c => text.push(c),
            }
        }
        (text, false)
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => return self.unicode(),
            other => other,
        })
    }

    /// A character by its number, which may be a pair of surrogates.
    fn unicode(&mut self) -> Option<char> {
        let high = self.hex()?;
        if !(0xd800..0xdc00).contains(&high) {
            return Some(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.rest;
        match (self.next(), self.next()) {
            (Some('\\'), Some('u')) => {}
            (None, _) | (Some('\\'), None) => return None,
            _ => {
                self.rest = before;
                return Some(char::REPLACEMENT_CHARACTER);
            }
        }
        let low = self.hex()?;
        if !(0xdc00..0xe000).contains(&low) {
            // Half a pair, and then another character: that one is read by itself.
            self.rest = before;
            return Some(char::REPLACEMENT_CHARACTER);
        }
        let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.rest.get(..4)?;
        self.rest = &self.rest[4..];
        u32::from_str_radix(digits, 16).ok()
    }

    /// A number or a word. One at the very end may go on, so it is not there yet, except where it cannot.
    fn bare(&mut self) -> Option<Value> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c));
        let token = &self.rest[..end.unwrap_or(self.rest.len())];
        let whole = end.is_some() || matches!(token, "true" | "false" | "null");
        if !whole || token.is_empty() {
            return None;
        }
        self.rest = &self.rest[token.len()..];
        serde_json::from_str(token).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn an_open_text_is_kept_and_braces_are_never_shown() {
        let text =
            r#"{"title": "The Salt Clock", "acts": [{"name": "Low \"tide\"", "summary": "Mara finds the clo"#;
        assert_eq!(
            parse(text),
            json!({"title": "The Salt Clock", "acts": [{"name": "Low \"tide\"", "summary": "Mara finds the clo"}]})
        );
        insta::assert_snapshot!(shown(&parse(text)), @r#"
        The Salt Clock
        Acts
          Low "tide"
            Summary: Mara finds the clo
        "#);
    }

    #[test]
    fn fences_escapes_and_rubbish_do_no_harm() {
        assert_eq!(parse("```json\n{\"a\": 1}"), json!({"a": 1}));
        assert_eq!(parse("\"caf\\u00e9 \\ud83d\\ude00\""), json!("café 😀"));
        assert_eq!(parse("\"\\ud83d"), json!(""));
        assert_eq!(parse("{\"a\": 12"), json!({}));
        assert_eq!(parse("no json here"), Value::Null);
        assert_eq!(parse("{{{{"), json!({}));
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-zé\"\\\\\n😀 {}]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z_]{1,5}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_beginning_is_read_and_never_shows_less(value in values()) {
            let wrapped = json!({"all": value});
            let text = wrapped.to_string();
            let mut before = 0;
            for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
                let letters = shown(&parse(&text[..end])).chars().filter(|c| c.is_alphanumeric()).count();
                prop_assert!(letters >= before, "{} after {}", letters, &text[..end]);
                before = letters;
            }
            prop_assert_eq!(parse(&text), wrapped);
        }

        #[test]
        fn no_text_at_all_can_upset_it(text in ".{0,60}") {
            let _ = shown(&parse(&text));
        }
    }
}
