//! A decision in the making: the events so far, and the state as it will be with them.

use std::sync::Arc;

use atelier_domain::event::run::Failure;
use atelier_domain::id::IdSource;
use atelier_domain::state::{Content, Run, Step};
use atelier_domain::text::{Blobs, Texts};
use atelier_domain::{
    Actor, BranchId, Draft, Envelope, Event, EventId, Hash, RunId, State, Text, Timestamp, canonical,
};
use serde_json::Value;

use crate::command::Decision;
use crate::compiled::Library;
use crate::scope::Halt;

/// A shorter text is not looked for among those that were kept before.
const WORTH_SHARING: usize = 64;

/// What a decision is worked out in. Every event is folded in at once, so that the next thought sees it.
pub(crate) struct Work<'a> {
    pub(crate) state: State,
    library: &'a dyn Library,
    drafts: Vec<Draft>,
    blobs: Blobs,
    /// Short texts of this decision.
    shared: Vec<Arc<str>>,
    now: Timestamp,
    ids: &'a mut dyn IdSource,
    branch: BranchId,
    run: Option<RunId>,
    cause: Option<EventId>,
}

/// A point of a decision in the making.
pub(crate) struct Mark {
    state: State,
    n_events: usize,
}

impl<'a> Work<'a> {
    pub(crate) fn new(
        state: &State,
        library: &'a dyn Library,
        now: Timestamp,
        ids: &'a mut dyn IdSource,
    ) -> Self {
        Self {
            state: state.clone(),
            library,
            drafts: Vec::new(),
            blobs: Blobs::default(),
            shared: Vec::new(),
            now,
            ids,
            branch: BranchId::MAIN,
            run: None,
            cause: None,
        }
    }

    /// Events from here on belong to this run and its branch.
    pub(crate) fn within(&mut self, run: RunId, branch: BranchId) {
        self.run = Some(run);
        self.branch = branch;
    }

    /// Events from here on belong to this branch and to no run.
    pub(crate) fn on(&mut self, branch: BranchId) {
        self.run = None;
        self.branch = branch;
    }

    pub(crate) fn emit(&mut self, actor: Actor, event: impl Into<Event>) -> EventId {
        let id = EventId::new(self.ids);
        let draft = Draft {
            id,
            branch: self.branch,
            at: self.now,
            actor,
            correlation: self.run,
            causation: self.cause,
            event: event.into(),
        };
        let seq = self.state.seq + 1;
        self.state.apply(&Envelope::place(draft.clone(), self.state.project, seq));
        self.drafts.push(draft);
        id
    }

    /// Where the decision stands, to come back to when what follows cannot be kept.
    pub(crate) fn mark(&self) -> Mark {
        Mark { state: self.state.clone(), n_events: self.drafts.len() }
    }

    /// Forgets what was decided since the mark.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.state = mark.state;
        self.drafts.truncate(mark.n_events);
    }

    /// Events from here on were caused by this one.
    pub(crate) fn because_of(&mut self, event: EventId) {
        self.cause = Some(event);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn ids(&mut self) -> &mut dyn IdSource {
        self.ids
    }

    /// Keeps a text; one that this decision has kept before is shared, so that a state holds it once.
    pub(crate) fn put(&mut self, text: &str) -> Text {
        if let Some(same) = self.shared.iter().find(|same| &***same == text) {
            return Text::Inline(same.clone());
        }
        let kept = Text::put(text, &mut self.blobs);
        if let Text::Inline(text) = &kept
            && text.len() >= WORTH_SHARING
        {
            self.shared.push(text.clone());
        }
        kept
    }

    /// Keeps a value as canonical JSON.
    pub(crate) fn put_json(&mut self, value: &Value) -> Text {
        let text = canonical::kept(value).unwrap_or_else(|_| "null".into());
        self.put(&text)
    }

    /// Keeps a text under a hash that is known already, however short it is.
    pub(crate) fn keep(&mut self, hash: Hash, text: &str) {
        self.blobs.0.entry(hash).or_insert_with(|| Arc::from(text));
    }

    pub(crate) fn read(&self, text: &Text) -> Result<Arc<str>, Halt> {
        match text {
            Text::Inline(text) => Ok(text.clone()),
            Text::Blob { blob, .. } => {
                self.blobs.text(blob).or_else(|| self.library.text(blob)).ok_or(Halt::Missing(*blob))
            }
        }
    }

    pub(crate) fn json(&self, text: &Text) -> Result<Value, Halt> {
        let text = self.read(text)?;
        serde_json::from_str(&text)
            .map_err(|error| Halt::Wrong(format!("a stored value cannot be read: {error}")))
    }

    pub(crate) fn library(&self) -> &dyn Library {
        self.library
    }

    pub(crate) fn run(&self) -> Option<&Run> {
        self.run.and_then(|id| self.state.runs.get(&id)).map(Arc::as_ref)
    }

    pub(crate) fn run_id(&self) -> Option<RunId> {
        self.run
    }

    pub(crate) fn step(&self, path: &str) -> Option<&Step> {
        self.run().and_then(|run| run.steps.get(path)).map(|step| &**step)
    }

    pub(crate) fn content(&self) -> Content {
        self.state.content(&self.branch).cloned().unwrap_or_default()
    }

    pub(crate) fn n_events(&self) -> usize {
        self.drafts.len()
    }

    pub(crate) fn finish(self, reply: crate::command::Reply) -> Decision {
        Decision { drafts: self.drafts, blobs: self.blobs, state: self.state, reply }
    }
}

/// A failure in words.
pub(crate) fn failure(code: &str, message: impl Into<String>, hint: &str) -> Failure {
    Failure { code: code.to_owned(), message: message.into(), hint: hint.to_owned() }
}

impl From<Hash> for Halt {
    fn from(hash: Hash) -> Self {
        Halt::Missing(hash)
    }
}
