//! Commands to what a branch remembers, and to names in its texts.

use atelier_domain::event::memory::{MemoryAdded, MemoryCleared, MemoryEvent, MemoryRemoved};
use atelier_domain::event::name::{NameAllowed, NameEvent, NameRefused};
use atelier_domain::{Actor, BranchId, BucketId, MemoryId, name};

use crate::codes;
use crate::command::{Rejection, Reply};
use crate::work::Work;

/// The longest passage, in bytes.
const MAX_PASSAGE: usize = 1024 * 1024;

pub(super) fn remember(
    work: &mut Work<'_>,
    branch: BranchId,
    text: &str,
    kind: &str,
    about: &[BucketId],
) -> Result<Reply, Rejection> {
    let text = text.trim();
    if text.is_empty() {
        let hint = "give the text of the passage";
        return Err(Rejection::invalid(codes::EMPTY_TEXT, "there is nothing to remember", hint));
    }
    if text.len() > MAX_PASSAGE {
        let message = format!("the passage has {} bytes, at most {MAX_PASSAGE} are kept as one", text.len());
        return Err(Rejection::invalid(codes::TEXT_TOO_LONG, message, "cut it into several passages"));
    }
    let known = work.state.content(&branch).map(|content| &content.buckets);
    if let Some(missing) = about.iter().find(|id| !known.is_some_and(|known| known.contains_key(*id))) {
        return Err(Rejection::NotFound { what: "bucket", name: missing.to_string() });
    }
    let kind = name::parse(kind).map_err(|error| {
        Rejection::invalid(codes::BAD_NAME, format!("the kind: {error}"), "use a word such as note or scene")
    })?;
    work.on(branch);
    let memory = MemoryId::new(work.ids());
    let text = work.put(text);
    let added = MemoryAdded { memory, text, kind, about: about.to_vec(), source: None };
    work.emit(Actor::human(), MemoryEvent::Added(added));
    Ok(Reply::Memory(memory))
}

pub(super) fn forget(work: &mut Work<'_>, branch: BranchId, memory: MemoryId) -> Result<Reply, Rejection> {
    if !work.state.content(&branch).is_some_and(|content| content.memory.contains_key(&memory)) {
        return Err(Rejection::NotFound { what: "memory", name: memory.to_string() });
    }
    work.on(branch);
    work.emit(Actor::human(), MemoryEvent::Removed(MemoryRemoved { memory }));
    Ok(Reply::Memory(memory))
}

pub(super) fn forget_all(work: &mut Work<'_>, branch: BranchId) -> Reply {
    if work.state.content(&branch).is_some_and(|content| !content.memory.is_empty()) {
        work.on(branch);
        work.emit(Actor::human(), MemoryEvent::Cleared(MemoryCleared {}));
    }
    Reply::Done
}

pub(super) fn judge_name(
    work: &mut Work<'_>,
    branch: BranchId,
    name: &str,
    bucket: Option<BucketId>,
    refused: bool,
) -> Result<Reply, Rejection> {
    let name = name::parse(name).map_err(|error| {
        Rejection::invalid(codes::BAD_NAME, error.to_string(), "give the name as the text has it")
    })?;
    let content = work.state.content(&branch);
    if let Some(id) = bucket
        && !content.is_some_and(|content| content.buckets.contains_key(&id))
    {
        return Err(Rejection::NotFound { what: "bucket", name: id.to_string() });
    }
    let known = content.and_then(|content| content.refused_names.get(&name::key(&name)));
    let is_refused =
        known.is_some_and(|known| bucket.map_or(known.is_no_name, |id| known.buckets.contains(&id)));
    if is_refused != refused {
        work.on(branch);
        let event = match refused {
            true => NameEvent::Refused(NameRefused { name, bucket }),
            false => NameEvent::Allowed(NameAllowed { name, bucket }),
        };
        work.emit(Actor::human(), event);
    }
    Ok(Reply::Done)
}
