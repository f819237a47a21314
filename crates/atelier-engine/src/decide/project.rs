//! Commands to the project itself.

use std::collections::BTreeMap;

use atelier_domain::event::message::{MessageEvent, MessageKind, MessageSent, Priority};
use atelier_domain::event::project::{ProjectCreated, ProjectEvent, ProjectRenamed, SettingsChanged};
use atelier_domain::{Actor, MessageId, RunId, name};

use crate::codes;
use crate::command::{Rejection, Reply};
use crate::work::Work;

/// The longest word of feedback, in bytes.
const MAX_SAY: usize = 64 * 1024;

pub(super) fn create(work: &mut Work<'_>, text: &str) -> Result<Reply, Rejection> {
    if work.state.seq > 0 {
        return Err(Rejection::refused(
            codes::ALREADY_CREATED,
            "the project has begun already",
            "choose another name",
        ));
    }
    let name = valid(text)?;
    work.emit(Actor::human(), ProjectEvent::Created(ProjectCreated { name }));
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

pub(super) fn say(
    work: &mut Work<'_>,
    to: Option<&str>,
    run: Option<RunId>,
    step: Option<&str>,
    priority: Priority,
    text: &str,
) -> Result<Reply, Rejection> {
    let text = text.trim();
    if text.is_empty() {
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
