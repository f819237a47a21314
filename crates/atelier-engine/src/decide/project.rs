//! Commands to the project itself.

use std::collections::BTreeMap;

use atelier_domain::event::message::{MessageEvent, MessageKind, MessageSent, Priority};
use atelier_domain::event::project::{
    FormKept, ProjectCreated, ProjectEvent, ProjectRenamed, SettingsChanged,
};
use atelier_domain::{Actor, MessageId, RunId, canonical, name};
use serde_json::{Map, Value};

use crate::codes;
use crate::command::{Rejection, Reply};
use crate::work::Work;

/// The longest word of feedback, in bytes.
const MAX_SAY: usize = 64 * 1024;

pub(super) fn create(work: &mut Work<'_>, text: &str, epoch: u64) -> Result<Reply, Rejection> {
    if work.state.seq > 0 {
        return Err(Rejection::refused(
            codes::ALREADY_CREATED,
            "the project has begun already",
            "choose another name",
        ));
    }
    let name = valid(text)?;
    work.emit(Actor::human(), ProjectEvent::Created(ProjectCreated { name, epoch }));
    Ok(Reply::Done)
}

pub(super) fn rename(work: &mut Work<'_>, text: &str) -> Result<Reply, Rejection> {
    let name = valid(text)?;
    if name != work.state.name {
        work.emit(Actor::human(), ProjectEvent::Renamed(ProjectRenamed { name }));
    }
    Ok(Reply::Done)
}

pub(super) fn change_settings(
    work: &mut Work<'_>,
    set: &BTreeMap<String, String>,
    removed: &[String],
) -> Result<Reply, Rejection> {
    let set: BTreeMap<String, String> = set
        .iter()
        .filter(|(k, v)| work.state.settings.get(*k) != Some(v))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let removed: Vec<String> =
        removed.iter().filter(|k| work.state.settings.contains_key(*k)).cloned().collect();
    if !set.is_empty() || !removed.is_empty() {
        work.emit(Actor::human(), ProjectEvent::SettingsChanged(SettingsChanged { set, removed }));
    }
    Ok(Reply::Done)
}

/// Keeps what differs from what is kept already.
pub(super) fn keep_form(
    work: &mut Work<'_>,
    form: &str,
    fields: &Map<String, Value>,
) -> Result<Reply, Rejection> {
    let kept = work.state.forms.get(form).cloned().unwrap_or_default();
    let mut set = BTreeMap::new();
    for (field, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        let text = canonical::to_string(value).map_err(|error| {
            Rejection::invalid(
                codes::BAD_INPUT,
                format!("`{field}` cannot be kept: {error}"),
                "use whole numbers",
            )
        })?;
        let text = work.put(&text);
        if kept.get(field) != Some(&text) {
            set.insert(field.clone(), text);
        }
    }
    let stands = |field: &String| fields.get(field).is_some_and(|value| !value.is_null());
    let removed: Vec<String> = kept.keys().filter(|field| !stands(field)).cloned().collect();
    if !set.is_empty() || !removed.is_empty() {
        work.emit(Actor::human(), ProjectEvent::FormKept(FormKept { form: form.to_owned(), set, removed }));
    }
    Ok(Reply::Done)
}

pub(super) fn say(
    work: &mut Work<'_>,
    to: Option<&str>,
    run: Option<RunId>,
    step: Option<&str>,
    priority: Priority,
    text: &str,
) -> Result<Reply, Rejection> {
    let text = text.trim();
    if name::is_blank(text) {
        return Err(Rejection::invalid(
            codes::EMPTY_TEXT,
            "there is nothing to say",
            "give the text of the feedback",
        ));
    }
    if text.len() > MAX_SAY {
        let message = format!("the text has {} bytes, at most {MAX_SAY} are read by an agent", text.len());
        return Err(Rejection::invalid(codes::TEXT_TOO_LONG, message, "say it shorter"));
    }
    if let Some(id) = run {
        let branch = work.state.runs.get(&id).map(|run| run.branch);
        let branch = branch.ok_or_else(|| Rejection::NotFound { what: "open run", name: id.to_string() })?;
        work.within(id, branch);
    }
    let sent = MessageSent {
        message: MessageId::new(work.ids()),
        n: work.state.n_messages + 1,
        kind: MessageKind::Feedback,
        from: Actor::human().id,
        to: to.map(str::to_owned),
        run,
        step: step.map(str::to_owned),
        priority,
        text: work.put(text),
    };
    Ok(Reply::Event(work.emit(Actor::human(), MessageEvent::Sent(sent))))
}

fn valid(text: &str) -> Result<String, Rejection> {
    name::parse(text).map_err(|error| {
        Rejection::invalid(
            codes::BAD_NAME,
            error.to_string(),
            "use 1 to 200 characters without / \\ and control characters",
        )
    })
}
