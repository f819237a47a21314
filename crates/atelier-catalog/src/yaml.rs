//! YAML as a tree that knows its lines.
//!
//! Owns: the subset crews are written in: one document, maps with text keys, lists, scalars of YAML 1.2's core schema.
//! Does not own: what the keys mean. Anchors, aliases, tags and a key written twice are refused: a crew's file says
//! what it means where it says it.
//!
//! **Invariant**: every node carries the line a person would look at, counted in the whole file.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Map, Value};

/// Nesting beyond this is refused: no crew needs it, and it keeps readers' recursion bounded.
const MAX_DEPTH: usize = 48;

/// A value with its line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) line: u32,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Integer(i64),
    /// A number that is not whole, as written: crews have no use for one.
    Float(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    pub(crate) line: u32,
    pub(crate) name: String,
}

/// Why a text is not a tree.
#[derive(Debug, PartialEq)]
pub(crate) struct Broken {
    pub(crate) line: u32,
    pub(crate) what: String,
}

/// Reads a text whose first line is line `first` of its file.
pub(crate) fn parse(text: &str, first: u32) -> Result<Node, Broken> {
    let mut builder = Builder { first, stack: Vec::new(), root: None };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.take(event, span)?,
            Err(error) => {
                let line = builder.line_of(error.marker().line());
                return Err(Broken { line, what: format!("this is not YAML: {}", error.info()) });
            }
        }
    }
    Ok(builder.root.unwrap_or(Node { line: first, kind: Kind::Null }))
}

impl Node {
    /// What sort of value it is, for a person.
    pub(crate) fn sort(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "yes or no",
            Kind::Integer(_) => "a whole number",
            Kind::Float(_) => "a number that is not whole",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn map(&self) -> &[(Key, Node)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn list(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.map().iter().find(|(k, _)| k.name == key).map(|(_, node)| node)
    }

    /// The same value as JSON. A number that is not whole becomes its text: the readers refuse it before.
    pub(crate) fn json(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Integer(value) => Value::from(*value),
            Kind::Float(text) | Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => items.iter().map(Node::json).collect(),
            Kind::Map(entries) => {
                Value::Object(entries.iter().map(|(k, v)| (k.name.clone(), v.json())).collect::<Map<_, _>>())
            }
        }
    }
}

/// A list or map that is still open.
enum Open {
    List(u32, Vec<Node>),
    Map(u32, Vec<(Key, Node)>, Option<Key>),
}

struct Builder {
    first: u32,
    stack: Vec<Open>,
    root: Option<Node>,
}

impl Builder {
    fn line_of(&self, line: usize) -> u32 {
        self.first + u32::try_from(line.max(1)).unwrap_or(u32::MAX) - 1
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Broken> {
        let line = self.line_of(span.start.line());
        let refuse = |what: &str| Err(Broken { line, what: what.to_owned() });
        match event {
            Event::Alias(_) => return refuse("aliases are not used in crews: write the value out"),
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor > 0 =>
            {
                return refuse("anchors are not used in crews: write the value out");
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => {
                return refuse("tags are not used in crews");
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                return refuse("a file holds one document; this is a second");
            }
            Event::Scalar(text, style, ..) => return self.scalar(&text, style, line),
            Event::SequenceStart(..) => self.open(Open::List(line, Vec::new()), line)?,
            Event::MappingStart(..) => self.open(Open::Map(line, Vec::new(), None), line)?,
            Event::SequenceEnd | Event::MappingEnd => return self.close(),
            _ => {}
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, line: u32) -> Result<(), Broken> {
        if let Some(Open::Map(_, entries, key @ None)) = self.stack.last_mut() {
            if entries.iter().any(|(k, _)| k.name == text) {
                return Err(Broken { line, what: format!("`{text}` is written twice") });
            }
            *key = Some(Key { line, name: text.to_owned() });
            return Ok(());
        }
        let kind = if style == ScalarStyle::Plain { plain(text) } else { Kind::Text(text.to_owned()) };
        self.put(Node { line, kind });
        Ok(())
    }

    fn open(&mut self, open: Open, line: u32) -> Result<(), Broken> {
        if let Some(Open::Map(_, _, None)) = self.stack.last() {
            return Err(Broken { line, what: "a key must be a text".to_owned() });
        }
        if self.stack.len() >= MAX_DEPTH {
            return Err(Broken { line, what: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        self.stack.push(open);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Broken> {
        match self.stack.pop() {
            Some(Open::List(line, items)) => self.put(Node { line, kind: Kind::List(items) }),
            Some(Open::Map(line, entries, _)) => self.put(Node { line, kind: Kind::Map(entries) }),
            None => return Err(Broken { line: self.first, what: "unbalanced".to_owned() }),
        }
        Ok(())
    }

    fn put(&mut self, node: Node) {
        match self.stack.last_mut() {
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, entries, key)) => {
                if let Some(key) = key.take() {
                    entries.push((key, node));
                }
            }
            None => self.root = Some(node),
        }
    }
}

/// A scalar without quotes, by YAML 1.2's core schema.
fn plain(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        _ => {}
    }
    let number = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    match text.parse::<i64>() {
        Ok(value) if number => Kind::Integer(value),
        _ if number && text.parse::<f64>().is_ok() => Kind::Float(text.to_owned()),
        _ => Kind::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn broken(text: &str) -> String {
        let broken = parse(text, 10).expect_err("refused");
        format!("{}: {}", broken.line, broken.what)
    }

    #[test]
    fn values_and_lines_are_kept() {
        let text = "a: 1\nb: [x, 'true', true, ~]\nc:\n  d: |\n    two\n    lines\n";
        let node = parse(text, 1).expect("a tree");
        assert_eq!(node.json(), json!({"a": 1, "b": ["x", "true", true, null], "c": {"d": "two\nlines\n"}}));
        let c = node.get("c").expect("c");
        assert_eq!((c.map()[0].0.line, c.get("d").map(Node::sort)), (4, Some("a text")));
    }

    #[test]
    fn what_crews_do_not_use_is_refused_with_its_line() {
        assert_eq!(broken("a: 1\na: 2\n"), "11: `a` is written twice");
        assert!(broken("a: &x 1\nb: *x\n").starts_with("10: anchors"));
        assert!(broken("a: !!str 1\n").starts_with("10: tags"));
        assert!(broken("a: 1\n---\nb: 2\n").contains("second"));
        assert!(broken("a: [1\n").contains("not YAML"));
        assert!(broken(&"[".repeat(60)).contains("nested deeper"));
    }
}
