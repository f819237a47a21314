//! One map of a file, read key by key: what is not taken is unknown.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::finding::Findings;
use crate::nearest;
use crate::yaml::{Kind, Node};

/// A map under way of being read.
pub(crate) struct Section<'a> {
    findings: &'a Findings,
    key: String,
    node: &'a Node,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Section<'a> {
    /// Opens a map; anything else is a finding.
    pub(crate) fn open(findings: &'a Findings, key: impl Into<String>, node: &'a Node) -> Option<Self> {
        let key = key.into();
        if !matches!(node.kind, Kind::Map(_)) {
            findings.add(node.line, &key, format!("should be a map, is {}", node.sort()), "");
            return None;
        }
        Some(Self { findings, key, node, asked: RefCell::default() })
    }

    pub(crate) fn findings(&self) -> &'a Findings {
        self.findings
    }

    pub(crate) fn line(&self) -> u32 {
        self.node.line
    }

    /// The path of one of its keys.
    pub(crate) fn path(&self, key: &str) -> String {
        if self.key.is_empty() { key.to_owned() } else { format!("{}.{key}", self.key) }
    }

    /// The value of a key; null counts as absent.
    pub(crate) fn node(&self, key: &'static str) -> Option<&'a Node> {
        self.asked.borrow_mut().push(key);
        self.node.get(key).filter(|node| node.kind != Kind::Null)
    }

    /// Reports something about a key.
    pub(crate) fn report(&self, key: &str, what: impl Into<String>, hint: impl Into<String>) {
        let line = self.node.get(key).map_or(self.node.line, |node| node.line);
        self.findings.add(line, &self.path(key), what, hint);
    }

    /// A key that must be there.
    pub(crate) fn need(&self, key: &'static str) -> Option<&'a Node> {
        let node = self.node(key);
        if node.is_none() {
            self.findings.add(self.node.line, &self.path(key), "is missing", "");
        }
        node
    }

    pub(crate) fn text(&self, key: &'static str) -> Option<String> {
        self.as_text(key, self.node(key)?)
    }

    pub(crate) fn need_text(&self, key: &'static str) -> Option<String> {
        self.as_text(key, self.need(key)?)
    }

    pub(crate) fn boolean(&self, key: &'static str) -> Option<bool> {
        let node = self.node(key)?;
        match node.kind {
            Kind::Bool(value) => Some(value),
            _ => self.wrong(key, node, "`true` or `false`"),
        }
    }

    /// A whole number from 0 to `most`.
    pub(crate) fn count(&self, key: &'static str, most: u32) -> Option<u32> {
        let node = self.node(key)?;
        match node.kind {
            Kind::Integer(value) if (0..=i64::from(most)).contains(&value) => u32::try_from(value).ok(),
            _ => self.wrong(key, node, &format!("a whole number from 0 to {most}")),
        }
    }

    /// One word out of the few that a type knows.
    pub(crate) fn word<T: DeserializeOwned>(&self, key: &'static str, words: &[&'static str]) -> Option<T> {
        let text = self.text(key)?;
        match serde_json::from_value(Value::String(text.clone())) {
            Ok(value) => Some(value),
            Err(_) => {
                self.report(
                    key,
                    format!("`{text}` is not one of {}", words.join(", ")),
                    nearest::guess(&text, words.iter().copied()),
                );
                None
            }
        }
    }

    pub(crate) fn texts(&self, key: &'static str) -> Option<Vec<String>> {
        let items = self.items(key)?;
        Some(items.iter().filter_map(|item| self.as_text(key, item)).collect())
    }

    /// A list.
    pub(crate) fn items(&self, key: &'static str) -> Option<&'a [Node]> {
        let node = self.node(key)?;
        match &node.kind {
            Kind::List(items) => Some(items),
            _ => self.wrong(key, node, "a list"),
        }
    }

    /// A map of texts.
    pub(crate) fn text_map(&self, key: &'static str) -> BTreeMap<String, String> {
        let Some(node) = self.node(key) else { return BTreeMap::new() };
        if !matches!(node.kind, Kind::Map(_)) {
            self.wrong::<()>(key, node, "a map");
        }
        let mut texts = BTreeMap::new();
        for (name, value) in node.map() {
            match value.text() {
                Some(text) => drop(texts.insert(name.name.clone(), text.to_owned())),
                None => self.findings.add(
                    value.line,
                    &format!("{}.{}", self.path(key), name.name),
                    format!("should be a text, is {}", value.sort()),
                    "put it in quotes",
                ),
            }
        }
        texts
    }

    /// A map inside this one.
    pub(crate) fn section(&self, key: &'static str) -> Option<Section<'a>> {
        Section::open(self.findings, self.path(key), self.node(key)?)
    }

    /// The maps of a list.
    pub(crate) fn sections(&self, key: &'static str) -> Vec<Section<'a>> {
        let items = self.items(key).unwrap_or_default();
        let open = |(i, item)| Section::open(self.findings, format!("{}[{i}]", self.path(key)), item);
        items.iter().enumerate().filter_map(open).collect()
    }

    /// The values of a map, each of which is a map.
    pub(crate) fn named_sections(&self, key: &'static str) -> Vec<(String, u32, Section<'a>)> {
        let Some(node) = self.node(key) else { return Vec::new() };
        if !matches!(node.kind, Kind::Map(_)) {
            self.wrong::<()>(key, node, "a map");
        }
        let open =
            |name: &str, value| Section::open(self.findings, format!("{}.{name}", self.path(key)), value);
        node.map()
            .iter()
            .filter_map(|(k, value)| Some((k.name.clone(), k.line, open(&k.name, value)?)))
            .collect()
    }

    /// Its entries that none of the asked keys named.
    pub(crate) fn rest(&self) -> Vec<(&'a str, u32, &'a Node)> {
        let asked = self.asked.borrow();
        let unknown = |name: &str| !asked.contains(&name);
        let entries = self.node.map().iter();
        entries.filter(|(k, _)| unknown(&k.name)).map(|(k, v)| (k.name.as_str(), k.line, v)).collect()
    }

    /// Closes it: keys nobody asked for are findings.
    pub(crate) fn close(self) {
        for (name, line, _) in self.rest() {
            let hint = nearest::hint(name, self.asked.borrow().iter().copied());
            self.findings.add(line, &self.path(name), "unknown key", hint);
        }
    }

    fn as_text(&self, key: &str, node: &Node) -> Option<String> {
        match &node.kind {
            Kind::Text(text) => Some(text.clone()),
            _ => self.wrong(key, node, "a text"),
        }
    }

    fn wrong<T>(&self, key: &str, node: &Node, wanted: &str) -> Option<T> {
        let what = format!("should be {wanted}, is {}", node.sort());
        self.findings.add(node.line, &self.path(key), what, "");
        None
    }
}
