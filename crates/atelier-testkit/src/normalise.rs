//! Makes the states of two runs comparable: ids become their kind and a number, times become a word.
//!
//! Owns: what counts as an id and as a time. Does not own: what may differ beyond that; a test that allows more says so
//! with `without`.
//! Invariants: equal inputs give equal outputs; two ids that differ stay different; text that only looks a little
//! like an id stays as it is.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Ids and times renamed; ids numbered in the order in which they appear.
pub fn normalise(value: Value) -> Value {
    Normaliser::new().apply(value)
}

/// As `normalise`, with a choice of what else does not count.
#[derive(Debug, Default, Clone)]
pub struct Normaliser {
    dropped: BTreeSet<String>,
    replaced: Vec<(String, String)>,
    by_content: bool,
}

impl Normaliser {
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves out a key wherever it stands, for instance a checksum over what was renamed.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.dropped.insert(key.to_owned());
        self
    }

    /// Replaces a part of every text, for instance a temporary folder.
    #[must_use]
    pub fn replacing(mut self, from: &str, to: &str) -> Self {
        self.replaced.push((from.to_owned(), to.to_owned()));
        self
    }

    /// Numbers ids by what is said of them, where parallel steps may have made them in another order. Ids of which
    /// exactly the same is said keep the order of their appearance.
    #[must_use]
    pub fn by_content(mut self) -> Self {
        self.by_content = true;
        self
    }

    pub fn apply(&self, value: Value) -> Value {
        let value = self.timeless(value);
        let mut ids = Vec::new();
        walk_texts(&value, &mut |text| each_id(text, |id| ids.push(id.to_owned())));
        let mut seen = BTreeSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        if self.by_content {
            let colours = colours(&value, &ids);
            ids.sort_by(|a, b| colours[a].cmp(&colours[b]));
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let names: BTreeMap<&str, String> = ids
            .iter()
            .map(|id| {
                let count = counts.entry(kind_of(id)).or_default();
                *count += 1;
                (id.as_str(), format!("{}_{count}", kind_of(id)))
            })
            .collect();
        renamed(&value, &|id| names[id].clone())
    }

    fn timeless(&self, value: Value) -> Value {
        match value {
            Value::Object(map) => {
                let kept = map.into_iter().filter(|(key, _)| !self.dropped.contains(key));
                let of = |key: &str, value| {
                    if is_time_key(key) { timed(key, value) } else { self.timeless(value) }
                };
                kept.map(|(key, value)| (self.text(key.clone()), of(&key, value)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            Value::Array(items) => items.into_iter().map(|item| self.timeless(item)).collect(),
            Value::String(text) if is_timestamp(&text) => Value::from("<time>"),
            Value::String(text) => Value::String(self.text(text)),
            other => other,
        }
    }

    fn text(&self, text: String) -> String {
        self.replaced.iter().fold(text, |text, (from, to)| text.replace(from, to))
    }
}

/// A text without the ids in it.
pub(crate) fn blank_ids(text: &str) -> String {
    rename_ids(text, &|id| kind_of(id).to_owned())
}

/// For each id what is said of it and around it, told apart in a few rounds: first by kind alone, then with the
/// names of the round before.
fn colours(value: &Value, ids: &[String]) -> BTreeMap<String, String> {
    let mut colours: BTreeMap<String, String> =
        ids.iter().map(|id| (id.clone(), kind_of(id).to_owned())).collect();
    for _ in 0..4 {
        let mut said: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let named = |id: &str| colours[id].clone();
        gather(value, "", &named, &mut |id, what| {
            if let Some((id, _)) = colours.get_key_value(id) {
                said.entry(id).or_default().push(what);
            }
        });
        let next = |(id, mut what): (&str, Vec<String>)| {
            what.sort();
            let hash = blake3::hash(what.join("\n").as_bytes()).to_hex();
            (id.to_owned(), format!("{}{}", kind_of(id), &hash[..16]))
        };
        colours = said.into_iter().map(next).collect();
    }
    colours
}

/// Calls `say(id, what)` for each place of each id: the path to it and what stands at it.
fn gather(value: &Value, path: &str, named: &dyn Fn(&str) -> String, say: &mut dyn FnMut(&str, String)) {
    match value {
        Value::Object(map) => {
            let around = || format!("{path}:{}", told(value, named));
            for (key, inner) in map {
                each_id(key, |id| say(id, format!("{path}/{}", told(inner, named))));
                if let Value::String(text) = inner {
                    each_id(text, |id| say(id, format!("{key}{}", around())));
                }
                gather(inner, &format!("{path}/{}", rename_ids(key, named)), named, say);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, &format!("{path}[]"), named, say)),
        Value::String(text) => each_id(text, |id| say(id, format!("{path}={}", rename_ids(text, named)))),
        _ => {}
    }
}

/// A value as text, in which the order of keys does not count and entries whose keys are told alike are all kept.
fn told(value: &Value, name: &dyn Fn(&str) -> String) -> String {
    match value {
        Value::Object(map) => {
            let entry =
                |(key, value): (&String, &Value)| format!("{}:{}", rename_ids(key, name), told(value, name));
            let mut entries: Vec<String> = map.iter().map(entry).collect();
            entries.sort();
            format!("{{{}}}", entries.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| told(item, name)).collect::<Vec<_>>().join(","))
        }
        Value::String(text) => format!("{:?}", rename_ids(text, name)),
        other => other.to_string(),
    }
}

fn renamed(value: &Value, name: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (rename_ids(key, name), renamed(value, name)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(|item| renamed(item, name)).collect(),
        Value::String(text) => Value::String(rename_ids(text, name)),
        other => other.clone(),
    }
}

fn walk_texts(value: &Value, see: &mut dyn FnMut(&str)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                see(key);
                walk_texts(value, see);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk_texts(item, see)),
        Value::String(text) => see(text),
        _ => {}
    }
}

fn each_id(text: &str, mut found: impl FnMut(&str)) {
    spans(text).into_iter().for_each(|(start, end)| found(&text[start..end]));
}

fn rename_ids(text: &str, name: &dyn Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end) in spans(text) {
        out.push_str(&text[at..start]);
        out.push_str(&name(&text[start..end]));
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

/// Where ids stand: two to six small letters, an underscore, then sixteen or more letters, digits and hyphens with at
/// least one digit among them.
fn spans(text: &str) -> Vec<(usize, usize)> {
    let is_tail = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (bar, _) in text.match_indices('_') {
        let head = text[..bar].chars().rev().take_while(char::is_ascii_lowercase).count();
        let before = text[..bar - head].chars().next_back();
        let tail = text[bar + 1..].find(|c| !is_tail(c)).map_or(text.len(), |n| bar + 1 + n);
        let tail = bar + 1 + text[bar + 1..tail].trim_end_matches('-').len();
        let long = tail - bar > 16 && text[bar + 1..tail].contains(|c: char| c.is_ascii_digit());
        let alone = before.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let free = out.last().is_none_or(|(_, end)| *end <= bar - head);
        if (2..=6).contains(&head) && long && alone && free {
            out.push((bar - head, tail));
        }
    }
    out
}

fn kind_of(id: &str) -> &str {
    id.split_once('_').map_or(id, |(kind, _)| kind)
}

fn is_time_key(key: &str) -> bool {
    key == "at"
        || key.ends_with("_at")
        || ["first_token_ms", "total_ms", "elapsed_ms", "duration_ms"].contains(&key)
}

/// That there was a time, or none, is kept; `at` may also be a place in a story, which is kept as it is.
fn timed(key: &str, value: Value) -> Value {
    match value {
        Value::Number(_) => Value::from("<time>"),
        Value::String(text) if key != "at" || is_timestamp(&text) => Value::from("<time>"),
        other => other,
    }
}

/// `2026-01-02T03:04:05…` with a zone.
fn is_timestamp(text: &str) -> bool {
    let form = b"0000-00-00T00:00:00";
    let digits = |(have, want): (&u8, &u8)| if *want == b'0' { have.is_ascii_digit() } else { have == want };
    text.len() > form.len() && text.len() < 40 && text.bytes().zip(form).all(|(h, w)| digits((&h, w)))
}
