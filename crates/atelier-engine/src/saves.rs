//! From outputs to content: buckets matched by type and title, proposed rules, versions of artifacts.
//!
//! **Invariant**: a field that a person wrote is never changed here; what an agent wanted instead is left out, and the
//! rest of the bucket is updated.

use atelier_domain::event::artifact::{ArtifactEvent, ArtifactSaved};
use atelier_domain::event::bucket::{BucketCreated, BucketEdited, BucketEvent, Fields, Source};
use atelier_domain::event::canon::{CanonEvent, RuleAccepted, RuleKind, RuleProposed};
use atelier_domain::state::RuleStatus;
use atelier_domain::{Actor, ArtifactId, BucketId, RuleId, Text, name};
use serde_json::{Value, json};

use crate::codes;
use crate::definition::{Agent, Save};
use crate::kinds::Stop;
use crate::machine::Place;
use crate::scope::Scope;
use crate::work::failure;

/// What is well-formed in an agent's output but makes no sense.
pub(crate) fn findings(
    place: &Place<'_, '_>,
    agent: &Agent,
    output: &Value,
    inputs: &Value,
) -> Result<Vec<String>, Stop> {
    let scope = Scope::new(inputs.clone()).with("output", output.clone());
    let mut findings = Vec::new();
    for check in &agent.checks {
        if scope.holds(place.work, place.compiled, &check.r#if)? {
            findings.push(scope.render(place.work, place.compiled, &check.say)?);
        }
    }
    Ok(findings)
}

/// Keeps the parts of an output that an agent's `saves` name.
pub(crate) fn keep(
    place: &mut Place<'_, '_>,
    saves: &[Save],
    output: &Value,
    inputs: &Value,
) -> Result<(), Stop> {
    let scope = Scope::new(inputs.clone()).with("output", output.clone());
    for save in saves {
        match save {
            Save::Bucket { each, r#type, title, fields, body } => {
                for item in items(place, &scope, each.as_deref(), output)? {
                    let scope = scope.with("item", item);
                    let title = scope.render(place.work, place.compiled, title)?;
                    let body = scope.render(place.work, place.compiled, body)?;
                    let mut values = Fields::new();
                    for (key, expression) in fields {
                        let value = scope.eval(place.work, place.compiled, expression)?;
                        if !value.is_null() {
                            values.insert(key.clone(), value);
                        }
                    }
                    bucket(place, r#type, &title, values, &body)?;
                }
            }
            Save::Rule { each, text, confidence_milli } => {
                for item in items(place, &scope, Some(each), output)? {
                    let text = scope.with("item", item).render(place.work, place.compiled, text)?;
                    rule(place, &text, *confidence_milli);
                }
            }
            Save::Artifact { kind, name, document } => {
                artifact(place, kind, name, document.as_deref(), output)?;
            }
        }
    }
    Ok(())
}

fn items(
    place: &Place<'_, '_>,
    scope: &Scope<'_>,
    each: Option<&str>,
    output: &Value,
) -> Result<Vec<Value>, Stop> {
    let Some(each) = each else { return Ok(vec![output.clone()]) };
    match scope.eval(place.work, place.compiled, each)? {
        Value::Array(items) => Ok(items),
        Value::Null => Ok(Vec::new()),
        other => Err(Stop::Fail(failure(
            codes::NOT_A_LIST,
            format!("`{each}` gave {other}, which is no list"),
            "",
        ))),
    }
}

/// Makes a bucket, or a new version of the one with this type and title.
pub(crate) fn bucket(
    place: &mut Place<'_, '_>,
    r#type: &str,
    title: &str,
    fields: Fields,
    body: &str,
) -> Result<BucketId, Stop> {
    let title = clean(title);
    if title.is_empty() {
        let kind = r#type;
        let message = format!("a {kind} without a title cannot be kept");
        return Err(Stop::Fail(failure(
            codes::UNTITLED,
            message,
            "run the step again, or edit its output at the gate",
        )));
    }
    let body = place.work.put(body.trim());
    let source = source(place);
    let actor = place.actor();
    let content = place.work.content();
    let Some(existing) = content.find(r#type, &title) else {
        let id = BucketId::new(place.work.ids());
        let created = BucketCreated {
            bucket: id,
            r#type: r#type.to_owned(),
            title,
            aliases: Vec::new(),
            fields,
            body,
            source,
        };
        place.work.emit(actor, BucketEvent::Created(created));
        return Ok(id);
    };
    let set: Fields = fields
        .into_iter()
        .filter(|(k, v)| !existing.held.contains(k) && existing.fields.get(k) != Some(v))
        .collect();
    let body =
        (!existing.held.contains("body") && body != existing.body && body != Text::default()).then_some(body);
    if !set.is_empty() || body.is_some() {
        let edited = BucketEdited {
            bucket: existing.id,
            title: None,
            aliases: None,
            set,
            removed: Vec::new(),
            body,
            source,
        };
        place.work.emit(actor, BucketEvent::Edited(edited));
    }
    Ok(existing.id)
}

/// Proposes a rule, unless one that says the same is there already.
pub(crate) fn rule(place: &mut Place<'_, '_>, text: &str, confidence_milli: u16) {
    let text = clean(text);
    let known = place.work.content().rules.values().any(|rule| name::key(&rule.text) == name::key(&text));
    if text.is_empty() || known {
        return;
    }
    let rule = RuleId::new(place.work.ids());
    let source = source(place);
    let proposed = RuleProposed {
        rule,
        text,
        kind: RuleKind::Judged,
        confidence_milli: confidence_milli.min(1000),
        source,
    };
    place.work.emit(place.actor(), CanonEvent::RuleProposed(proposed));
    if place.run().is_some_and(|run| run.accept_rules) {
        place.work.emit(Actor::engine(), CanonEvent::RuleAccepted(RuleAccepted { rule }));
    }
}

/// Accepts the rules this run proposed; gives how many.
pub(crate) fn accept_rules(place: &mut Place<'_, '_>) -> usize {
    let run = place.work.run_id();
    let proposed: Vec<RuleId> = place
        .work
        .content()
        .rules
        .values()
        .filter(|rule| rule.status == RuleStatus::Proposed && rule.source.as_ref().map(|s| s.run) == run)
        .map(|rule| rule.id)
        .collect();
    for rule in &proposed {
        place.work.emit(Actor::engine(), CanonEvent::RuleAccepted(RuleAccepted { rule: *rule }));
    }
    proposed.len()
}

fn artifact(
    place: &mut Place<'_, '_>,
    kind: &str,
    name: &str,
    document: Option<&str>,
    content: &Value,
) -> Result<(), Stop> {
    let markdown = match document {
        Some(document) => Some(render_document(place, document, content)?),
        None => None,
    };
    let markdown = markdown.map(|text| place.work.put(&text));
    let known = place.work.content().artifacts.get(&format!("{kind}/{name}")).cloned();
    let artifact = known.as_ref().map_or_else(|| ArtifactId::new(place.work.ids()), |known| known.id);
    let saved = ArtifactSaved {
        artifact,
        kind: kind.to_owned(),
        name: name.to_owned(),
        version: known.map_or(1, |known| known.version + 1),
        content: place.work.put_json(content),
        markdown,
        source: source(place),
    };
    place.work.emit(place.actor(), ArtifactEvent::Saved(saved));
    Ok(())
}

fn render_document(place: &Place<'_, '_>, document: &str, content: &Value) -> Result<String, Stop> {
    let fail = |why: String| {
        Stop::Fail(failure(
            codes::BAD_DOCUMENT,
            format!("the document `{document}`: {why}"),
            "correct the template",
        ))
    };
    match place.compiled.document(document, &json!({"content": content})) {
        Some(rendered) => rendered.map_err(fail),
        None => Err(fail("is not there".into())),
    }
}

fn source(place: &Place<'_, '_>) -> Option<Source> {
    place.work.run_id().map(|run| Source { run, step: place.path.to_owned() })
}

/// One line without spaces around or doubled.
fn clean(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
