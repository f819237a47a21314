//! What is told of runs, buckets, messages and projects, in the contract's keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use atelier_domain::event::receipt::ReceiptRecorded;
use atelier_domain::event::{MessageEvent, ReceiptEvent, RunEvent};
use atelier_domain::state::{Bucket, Rule, Run, Usage};
use atelier_domain::{Envelope, Event, ProjectId, RunId, Text};
use atelier_store::{Log, ProjectRow, Query, Status};
use serde_json::{Map, Value, json};

use crate::codes;
use crate::{Failure, load};

/// `runs show`. Blocks.
pub(crate) fn run(log: &dyn Log, project: ProjectId, id: RunId, live: bool) -> Result<Value, Failure> {
    shown(log, project, id, live, receipt_whole)
}

/// `runs show`, with receipts that leave their texts out. Blocks.
pub(crate) fn outline(log: &dyn Log, project: ProjectId, id: RunId, live: bool) -> Result<Value, Failure> {
    shown(log, project, id, live, |run, r, _| Ok(Value::Object(receipt_line(run, r))))
}

/// One receipt of a run. Blocks.
pub(crate) fn receipt(log: &dyn Log, id: RunId, receipt: &str) -> Result<Value, Failure> {
    let kinds = &["receipt.opened", "receipt.recorded"];
    let events = log.read(Query { correlation: Some(id), kinds, ..Query::default() })?;
    let found = receipts(&events).into_iter().find(|r| r.receipt.to_string() == receipt);
    let not_found =
        || Failure::not_found("receipt", receipt, "see the run's receipts with `atelier runs show`");
    receipt_whole(id, &found.ok_or_else(not_found)?, log)
}

fn shown(
    log: &dyn Log,
    project: ProjectId,
    id: RunId,
    live: bool,
    receipt: fn(RunId, &ReceiptRecorded, &dyn Log) -> Result<Value, Failure>,
) -> Result<Value, Failure> {
    let found = load::run(log, id)?
        .ok_or_else(|| Failure::not_found("run", &id.to_string(), "see `atelier runs list`"))?;
    let (run, events) = found;
    let heard_at = events.last().map(|e| e.at);
    let receipts = receipts(&events).iter().map(|r| receipt(id, r, log)).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({
        "id": id,
        "project": project,
        "branch": run.branch,
        "workflow": run.workflow,
        "status": run.status(),
        "live": live,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "updated_at": heard_at,
        "inputs": parsed(&run.inputs, log)?,
        "outputs": run.outputs.as_ref().map(|text| parsed(text, log)).transpose()?,
        "error": run.error,
        "steps": steps(&run, log)?,
        "gates": gates(&run, log)?,
        "receipts": receipts,
        "usage": usage(run.usage),
    }))
}

/// An entry of `runs list`.
pub(crate) fn run_line(run: &Run, live: bool) -> Value {
    json!({
        "id": run.id,
        "workflow": run.workflow,
        "status": run.status(),
        "live": live,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    })
}

/// `runs list`, the newest last. Blocks.
pub(crate) fn runs(
    log: &dyn Log,
    open: &imbl::OrdMap<RunId, Arc<Run>>,
    live: &dyn Fn(RunId) -> bool,
) -> Result<Vec<Value>, Failure> {
    let started = log.read(Query { kinds: &["run.started"], ..Query::default() })?;
    let mut finished = std::collections::BTreeMap::new();
    for envelope in log.read(Query { kinds: &["run.finished"], ..Query::default() })? {
        if let (Some(id), Event::Run(RunEvent::Finished(end))) = (envelope.correlation, &envelope.event) {
            finished.insert(id, (end.outcome, envelope.at));
        }
    }
    let mut list = Vec::new();
    for envelope in &started {
        let (Some(id), Event::Run(RunEvent::Started(begun))) = (envelope.correlation, &envelope.event) else {
            continue;
        };
        list.push(match (open.get(&id), finished.get(&id)) {
            (Some(run), _) => run_line(run, live(id)),
            (None, Some((outcome, at))) => json!({
                "id": id, "workflow": begun.workflow, "status": outcome, "live": false,
                "started_at": envelope.at, "finished_at": at,
            }),
            (None, None) => run_line(&Run::begin(id, envelope, begun), live(id)),
        });
    }
    Ok(list)
}

fn steps(run: &Run, log: &dyn Log) -> Result<Vec<Value>, Failure> {
    let mut steps: Vec<_> = run.steps.iter().collect();
    steps.sort_by_key(|(_, step)| step.order);
    let mut out = Vec::new();
    for (path, step) in steps {
        let attempts: Vec<Value> = step
            .attempts
            .iter()
            .map(|a| json!({"number": a.number, "call": a.call, "status": a.status, "model": a.model, "level": a.level, "error": a.error}))
            .collect();
        out.push(json!({
            "id": step.id,
            "name": path,
            "kind": step.kind,
            "agent": step.agent,
            "status": step.status,
            "input": step.input.as_ref().map(|text| parsed(text, log)).transpose()?,
            "output": step.output.as_ref().map(|text| parsed(text, log)).transpose()?,
            "findings": step.findings,
            "error": step.error,
            "rounds": step.rounds,
            "usage": usage(step.usage),
            "attempts": attempts,
        }));
    }
    Ok(out)
}

fn gates(run: &Run, log: &dyn Log) -> Result<Vec<Value>, Failure> {
    let mut out = Vec::new();
    for gate in run.gates.values() {
        let status = if gate.decided.is_some() { "decided" } else { "open" };
        let step = run.steps.get(&gate.path);
        let turns = step.map(|s| s.turns.as_slice()).unwrap_or_default();
        let turns = turns
            .iter()
            .map(|turn| Ok(json!({"turn": turn.turn, "text": plain(&turn.text, log)?})))
            .collect::<Result<Vec<_>, Failure>>()?;
        out.push(json!({
            "id": gate.id,
            "step": gate.path,
            "kind": gate.kind,
            "status": status,
            "decision": gate.decided,
            "prompt": plain(&gate.prompt, log)?,
            "output": parsed(&gate.output, log)?,
            "model": gate.model,
            "findings": gate.findings,
            "turns": turns,
            "error": gate.error,
            "actions": gate.actions,
        }));
    }
    Ok(out)
}

/// The receipts of a run, each with what was asked: that stands where it was opened, and in older logs where it was
/// recorded.
fn receipts(events: &[Envelope]) -> Vec<ReceiptRecorded> {
    let mut opened = BTreeMap::new();
    let mut all = Vec::new();
    for envelope in events {
        match &envelope.event {
            Event::Receipt(ReceiptEvent::Opened(o)) => drop(opened.insert(o.receipt, o)),
            Event::Receipt(ReceiptEvent::Recorded(r)) => all.push(match opened.get(&r.receipt) {
                Some(o) => ReceiptRecorded {
                    provider: o.provider.clone(),
                    template: o.template.clone(),
                    messages: o.messages.clone(),
                    context: o.context.clone(),
                    started_at: o.started_at,
                    feedback: o.feedback.clone(),
                    ..r.clone()
                },
                None => r.clone(),
            }),
            _ => {}
        }
    }
    all
}

fn receipt_whole(run: RunId, r: &ReceiptRecorded, log: &dyn Log) -> Result<Value, Failure> {
    let mut messages = Vec::new();
    for message in &r.messages {
        let parts = message.parts.iter().map(|part| plain(part, log)).collect::<Result<Vec<_>, _>>()?;
        messages.push(json!({"role": message.role, "content": parts.concat()}));
    }
    let mut line = receipt_line(run, r);
    line.insert("messages".into(), Value::Array(messages));
    line.insert("context".into(), json!(r.context));
    line.insert("output".into(), json!(r.output.as_ref().map(|text| plain(text, log)).transpose()?));
    Ok(Value::Object(line))
}

fn receipt_line(run: RunId, r: &ReceiptRecorded) -> Map<String, Value> {
    let line = json!({
        "id": r.receipt,
        "run": run,
        "step": r.path,
        "attempt": r.attempt,
        "call": r.call,
        "agent": r.agent,
        "model": r.model,
        "level": r.level,
        "provider": r.provider,
        "template": r.template,
        "error": r.error,
        "usage": usage(r.usage),
        "finish_reason": r.finish_reason,
        "started_at": r.started_at,
        "first_token_ms": r.first_token_ms,
        "total_ms": r.total_ms,
        "feedback": r.feedback,
    });
    match line {
        Value::Object(line) => line,
        _ => Map::new(),
    }
}

pub(crate) fn usage(usage: Usage) -> Value {
    let dollars = usage.cost_micros as f64 / 1e6;
    json!({"calls": usage.calls, "input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens, "cost": dollars})
}

/// A project in a list.
pub(crate) fn project(row: &ProjectRow) -> Value {
    let status = match (&row.damaged, row.status) {
        (Some(_), _) => "damaged",
        (None, Status::Active) => "active",
        (None, Status::Trashed { .. }) => "trashed",
    };
    let mut line = json!({"id": row.id, "name": row.name, "status": status, "last_seq": row.last_seq, "updated_at": row.updated_at});
    if let (Some(map), Some(why)) = (line.as_object_mut(), &row.damaged) {
        map.insert("reason".into(), Value::String(why.clone()));
    }
    line
}

/// A bucket. Blocks.
pub(crate) fn bucket(bucket: &Bucket, log: &dyn Log) -> Result<Value, Failure> {
    Ok(json!({
        "id": bucket.id,
        "type": bucket.r#type,
        "title": bucket.title,
        "aliases": bucket.aliases,
        "fields": bucket.fields,
        "body": plain(&bucket.body, log)?,
        "status": if bucket.archived { "archived" } else { "active" },
        "version": bucket.version,
        "source": bucket.source,
        "created_at": bucket.created_at,
        "updated_at": bucket.updated_at,
    }))
}

/// A canon rule. Rules of this version hold everywhere: they have no scope.
pub(crate) fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "rule": rule.text,
        "kind": rule.kind,
        "scope": Value::Null,
        "source": rule.source,
        "confidence": f64::from(rule.confidence_milli) / 1e3,
        "status": rule.status,
    })
}

/// `messages list`. Blocks.
pub(crate) fn messages(
    log: &dyn Log,
    agent: Option<&str>,
    kind: Option<&str>,
    since: u64,
) -> Result<Vec<Value>, Failure> {
    let mut out = Vec::new();
    for envelope in log.read(Query { kinds: &["message.sent"], ..Query::default() })? {
        let Event::Message(MessageEvent::Sent(sent)) = &envelope.event else { continue };
        let for_them = agent.is_none_or(|agent| sent.to.as_deref().is_none_or(|to| to == agent));
        let kind_of = serde_json::to_value(sent.kind).unwrap_or_default();
        if sent.n <= since || !for_them || kind.is_some_and(|kind| kind_of != kind) {
            continue;
        }
        let mut line = Map::new();
        line.insert("n".into(), json!(sent.n));
        line.insert("id".into(), json!(sent.message));
        line.insert("at".into(), json!(envelope.at));
        line.insert("from".into(), json!(sent.from));
        line.insert("to".into(), json!(sent.to));
        line.insert("kind".into(), kind_of);
        line.insert("payload".into(), json!({"text": plain(&sent.text, log)?, "step": sent.step}));
        line.insert("priority".into(), json!(sent.priority));
        line.insert("correlation".into(), json!(envelope.correlation));
        line.insert("run".into(), json!(sent.run));
        out.push(Value::Object(line));
    }
    Ok(out)
}

pub(crate) fn plain(text: &Text, log: &dyn Log) -> Result<String, Failure> {
    match text {
        Text::Inline(text) => Ok(text.to_string()),
        Text::Blob { blob, .. } => {
            let missing = || {
                Failure::failed(
                    codes::TEXT_LOST,
                    format!("the text {blob} is not in the project"),
                    "run `atelier verify`",
                )
            };
            Ok(log.blob(blob)?.ok_or_else(missing)?.to_string())
        }
    }
}

pub(crate) fn parsed(text: &Text, log: &dyn Log) -> Result<Value, Failure> {
    let text = plain(text, log)?;
    Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
}
