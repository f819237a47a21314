//! Reads `agents/<id>.md`: front matter says what the agent is, the sections of the body are its prompts.
//!
//! A call names its sections; `times: 3` makes three calls, `n` being 1, 2, 3 (or `n` is given); `into: places[n]` means
//! "more about the n-th of the places".

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use atelier_engine::context::SOURCES;
use atelier_engine::definition::{Agent, Call, Check, Plan, Save, Tier};
use serde_json::Value;

use super::parts;
use super::section::Section;
use crate::finding::Findings;
use crate::schema;
use crate::yaml::{self, Node};

/// An agent as read, with the lines a later check points to.
#[derive(Debug, Clone)]
pub(crate) struct AgentFile {
    pub(crate) agent: Agent,
    pub(crate) front: Node,
    /// First line of each section, by its title.
    pub(crate) sections: BTreeMap<String, u32>,
}

pub(crate) fn read(findings: &Findings, id: &str, text: &str) -> Option<AgentFile> {
    let (front, body, body_line) = split(findings, text)?;
    let front =
        yaml::parse(front, 2).map_err(|broken| findings.add(broken.line, "", broken.what, "")).ok()?;
    let sections = sections(findings, body, body_line);
    let section = Section::open(findings, "", &front)?;
    let output =
        section.need("output").map(|node| schema::read(findings, "output", node)).unwrap_or_default();
    let reader = Reader { sections: &sections, output: &output, used: RefCell::default() };
    let agent = Agent {
        id: id.to_owned(),
        name: section.need_text("name").unwrap_or_default(),
        role: section.need_text("role").unwrap_or_default(),
        colour: parts::colour(&section),
        tier: section.word("tier", &["fast", "heavy"]).unwrap_or(Tier::Heavy),
        inputs: parts::inputs(&section),
        context: context(&section),
        saves: section.sections("saves").into_iter().filter_map(save).collect(),
        checks: section.sections("checks").into_iter().map(check).collect(),
        temperature_milli: section.count("temperature_milli", 2000),
        full: match section.need("full").and_then(|_| section.section("full")) {
            Some(plan) => reader.plan(plan),
            None => Plan { calls: Vec::new(), context_tokens: 0 },
        },
        tiny: section.section("tiny").map(|plan| reader.plan(plan)),
        output: output.clone(),
    };
    section.close();
    for (title, (line, _)) in &sections {
        if !reader.used.borrow().contains(title) {
            findings.add(
                *line,
                "",
                format!("no call uses the section `{title}`"),
                "name it in a call, or drop it",
            );
        }
    }
    let lines = sections.into_iter().map(|(title, (line, _))| (title, line)).collect();
    Some(AgentFile { agent, front, sections: lines })
}

/// Front matter and body; the line the body starts at.
fn split<'a>(findings: &Findings, text: &'a str) -> Option<(&'a str, &'a str, u32)> {
    let hint = "begin the file with `---`, the keys, and `---`";
    let Some(rest) = text.strip_prefix("---\n") else {
        findings.add(1, "", "there is no front matter", hint);
        return None;
    };
    let Some(end) = rest.find("\n---\n") else {
        findings.add(1, "", "the front matter does not end", hint);
        return None;
    };
    let (front, body) = (&rest[..=end], &rest[end + 5..]);
    let line = u32::try_from(text[..text.len() - body.len()].matches('\n').count() + 1).unwrap_or(u32::MAX);
    Some((front, body, line))
}

/// The body by its level-1 headings: title, the line after it, text.
fn sections(findings: &Findings, body: &str, first: u32) -> BTreeMap<String, (u32, String)> {
    let mut sections: BTreeMap<String, (u32, String)> = BTreeMap::new();
    let mut title = None;
    for (line, text) in (first..).zip(body.lines()) {
        if let Some(heading) = text.strip_prefix("# ") {
            let heading = heading.trim().to_owned();
            if sections.insert(heading.clone(), (line + 1, String::new())).is_some() {
                findings.add(line, "", format!("the section `{heading}` is there twice"), "");
            }
            title = Some(heading);
        } else if let Some((_, section)) = title.as_ref().and_then(|title| sections.get_mut(title)) {
            section.push_str(text);
            section.push('\n');
        } else if !text.trim().is_empty() {
            findings.add(
                line,
                "",
                "a text before the first heading reaches nobody",
                "put it under a `# heading`",
            );
        }
    }
    for (line, text) in sections.values_mut() {
        let blank = text.len() - text.trim_start_matches('\n').len();
        *line += u32::try_from(blank).unwrap_or_default();
        *text = text.trim_matches('\n').to_owned();
    }
    sections
}

fn context(section: &Section<'_>) -> Vec<String> {
    let sources = section.texts("context").unwrap_or_default();
    for source in sources.iter().filter(|source| !SOURCES.contains(&source.as_str())) {
        let hint = crate::nearest::hint(source, SOURCES.iter().copied());
        section.report("context", format!("`{source}` is no source of context"), hint);
    }
    sources
}

/// Reads the plans of one agent.
struct Reader<'a> {
    sections: &'a BTreeMap<String, (u32, String)>,
    output: &'a Value,
    used: RefCell<BTreeSet<String>>,
}

impl Reader<'_> {
    fn plan(&self, section: Section<'_>) -> Plan {
        let context_tokens =
            section.need("context_tokens").and_then(|_| section.count("context_tokens", 1_000_000));
        let mut calls: Vec<Call> = Vec::new();
        for call in section.sections("calls") {
            for made in self.call(call) {
                if calls.iter().any(|call| call.id == made.id && call.n == made.n) {
                    section.report("calls", format!("two calls have the id `{}`", made.id), "");
                }
                calls.push(made);
            }
        }
        if calls.is_empty() {
            section.report("calls", "there is no call", "");
        }
        section.close();
        Plan { calls, context_tokens: context_tokens.unwrap_or_default() }
    }

    fn call(&self, section: Section<'_>) -> Vec<Call> {
        let id = section.need_text("id").unwrap_or_default();
        if !parts::is_variable(&id) {
            let hint = "use lower-case letters, digits and underscores, a letter first";
            section.report("id", format!("`{id}` is no good name"), hint);
        }
        let times = section.count("times", 64);
        if times == Some(0) {
            section.report("times", "a call that is never made", "drop it, or say 1 or more");
        }
        let call = Call {
            id,
            system: self.text(&section, "system"),
            prompt: self.text(&section, "prompt"),
            schema: self.schema(&section),
            into: section.text("into").unwrap_or_default(),
            n: section.count("n", 64).unwrap_or_default(),
            max_output_tokens: section
                .need("max_output_tokens")
                .and_then(|_| section.count("max_output_tokens", 100_000))
                .unwrap_or_default(),
        };
        if times.is_none() && call.n == 0 && call.into.contains("[n]") {
            section.report("into", "`[n]` needs `times` or `n`", "");
        }
        if times.is_some() && call.n > 0 {
            section.report("n", "`times` counts `n` itself", "drop one of them");
        }
        section.close();
        let Some(times) = times else { return vec![call] };
        (1..=times).map(|n| Call { n, ..call.clone() }).collect()
    }

    /// The section that a key names.
    fn text(&self, section: &Section<'_>, key: &'static str) -> String {
        let Some(title) = section.need_text(key) else { return String::new() };
        match self.sections.get(&title) {
            Some((_, text)) => {
                if text.trim().is_empty() {
                    section.report(key, format!("the section `{title}` is empty"), "");
                }
                self.used.borrow_mut().insert(title);
                text.clone()
            }
            None => {
                let hint = crate::nearest::hint(&title, self.sections.keys().map(String::as_str));
                section.report(key, format!("there is no section `# {title}`"), hint);
                String::new()
            }
        }
    }

    fn schema(&self, section: &Section<'_>) -> Value {
        match section.need("schema") {
            Some(node) if node.text() == Some("output") => self.output.clone(),
            Some(node) => schema::read(section.findings(), &section.path("schema"), node),
            None => Value::Null,
        }
    }
}

fn save(section: Section<'_>) -> Option<Save> {
    let kind = section.need_text("save")?;
    let save = match kind.as_str() {
        "bucket" => Save::Bucket {
            each: section.text("each"),
            r#type: section.need_text("type").unwrap_or_default(),
            title: section.need_text("title").unwrap_or_default(),
            fields: section.text_map("fields"),
            body: section.text("body").unwrap_or_default(),
        },
        "rule" => Save::Rule {
            each: section.need_text("each").unwrap_or_default(),
            text: section.need_text("text").unwrap_or_default(),
            confidence_milli: section
                .need("confidence_milli")
                .and_then(|_| section.count("confidence_milli", 1000))
                .and_then(|n| u16::try_from(n).ok())
                .unwrap_or_default(),
        },
        "artifact" => Save::Artifact {
            kind: section.need_text("kind").unwrap_or_default(),
            name: section.need_text("name").unwrap_or_default(),
            document: section.text("document"),
        },
        other => {
            let hint = crate::nearest::hint(other, ["bucket", "rule", "artifact"]);
            section.report("save", format!("`{other}` cannot be saved"), hint);
            return None;
        }
    };
    section.close();
    Some(save)
}

fn check(section: Section<'_>) -> Check {
    let check = Check {
        r#if: section.need_text("if").unwrap_or_default(),
        say: section.need_text("say").unwrap_or_default(),
    };
    section.close();
    check
}
