//! What is sent over a stream: made once, sent to many.

use atelier_domain::{Envelope, ProjectId, RunId};
use atelier_runtime::{Change, InFlight, Notice, Update};
use axum::body::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

/// A call: run, path, attempt.
pub(crate) type CallKey = (RunId, String, u32);

/// One thing to tell, with its text as it goes over the wire, less the number.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) project: Option<ProjectId>,
    pub(crate) what: What,
    /// `event: …` and `data: …`, with the empty line.
    pub(crate) text: Bytes,
}

/// What readers have to know of a frame.
#[derive(Debug)]
pub(crate) enum What {
    /// An event with its number.
    Event(u64),
    /// More of an answer, from this byte of it on.
    Delta { call: CallKey, at: u64, more: String },
    /// Another passing signal.
    Notice,
    /// Something about the studio.
    Studio,
    /// Something was missed here.
    Lost,
}

impl Frame {
    pub(crate) fn of(project: ProjectId, update: &Update) -> Self {
        match update {
            Update::Event(event) => Self::event(event),
            Update::Notice(notice) => Self::notice(project, notice),
            Update::Resync => Self::lost(project),
        }
    }

    pub(crate) fn event(event: &Envelope) -> Self {
        let what = What::Event(event.seq);
        Self { project: Some(event.project), what, text: text("event", event) }
    }

    /// An event as it stands in a page of the log.
    pub(crate) fn listed(project: ProjectId, event: &Value) -> Option<Self> {
        let what = What::Event(event["seq"].as_u64()?);
        Some(Self { project: Some(project), what, text: text("event", event) })
    }

    fn notice(project: ProjectId, notice: &Notice) -> Self {
        let value = with_project(project, json!(notice));
        Self { project: Some(project), what: What::Notice, text: text("notice", &value) }
    }

    pub(crate) fn delta(project: ProjectId, call: CallKey, at: u64, more: &str) -> Self {
        let (run, path, attempt) = &call;
        let value = json!({
            "notice": "delta", "project": project, "run": run, "path": path, "attempt": attempt, "text": more,
        });
        let text = text("notice", &value);
        Self { project: Some(project), what: What::Delta { call, at, more: more.to_owned() }, text }
    }

    /// A call under way, with what there is of its answer.
    pub(crate) fn calling(project: ProjectId, call: &InFlight) -> Self {
        let mut value = with_project(project, json!(call));
        value["notice"] = json!("calling");
        Self { project: Some(project), what: What::Notice, text: text("notice", &value) }
    }

    pub(crate) fn change(change: &Change) -> Self {
        Self { project: None, what: What::Studio, text: text("studio", change) }
    }

    pub(crate) fn resync(seq: u64) -> Self {
        Self { project: None, what: What::Studio, text: text("resync", &json!({"seq": seq})) }
    }

    pub(crate) fn lost(project: ProjectId) -> Self {
        Self { project: Some(project), what: What::Lost, text: Bytes::new() }
    }

    pub(crate) fn is_notice(&self) -> bool {
        matches!(self.what, What::Delta { .. } | What::Notice | What::Lost)
    }

    /// The frame with its number, as it is sent.
    pub(crate) fn numbered(&self, epoch: impl std::fmt::Display, n: u64) -> Bytes {
        let id = format!("id: {epoch}-{n}\n");
        Bytes::from([id.as_bytes(), &self.text].concat())
    }
}

fn with_project(project: ProjectId, mut value: Value) -> Value {
    value["project"] = json!(project);
    value
}

fn text(event: &str, data: &impl Serialize) -> Bytes {
    // Whatever is told was JSON before, or is made of texts and numbers.
    let data = serde_json::to_string(data).unwrap_or_else(|_| "null".into());
    Bytes::from(format!("event: {event}\ndata: {data}\n\n"))
}

/// The number after which somebody wants to go on: `<epoch>-<n>`.
pub(crate) fn last_id(text: &str) -> Option<(i64, u64)> {
    let (epoch, n) = text.rsplit_once('-')?;
    Some((epoch.parse().ok()?, n.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_to_go_on_after_is_read_and_nonsense_is_not() {
        assert_eq!(last_id("0-17"), Some((0, 17)));
        assert_eq!(last_id("1763727817000000-3"), Some((1_763_727_817_000_000, 3)));
        for bad in ["", "17", "a-b", "-", "1-", "-1", "1--2"] {
            assert!(last_id(bad).is_none(), "{bad}");
        }
    }
}
