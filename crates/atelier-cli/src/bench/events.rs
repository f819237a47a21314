//! Events to append when the log itself is measured: real ones, about 400 bytes each.

use atelier_domain::event::bucket::BucketCreated;
use atelier_domain::event::message::{MessageKind, MessageSent, Priority};
use atelier_domain::event::project::ProjectCreated;
use atelier_domain::event::{BucketEvent, MessageEvent, ProjectEvent};
use atelier_domain::id::IdSource;
use atelier_domain::text::Blobs;
use atelier_domain::{Actor, BranchId, BucketId, Draft, Event, EventId, MessageId, ProjectId, RunId, Text};
use atelier_runtime::clock::{self, FreshIds};
use atelier_store::Batch;

const TEXT: &str = include_str!("crew/idea.txt");

/// A new project's id.
pub(super) fn project() -> ProjectId {
    ProjectId::from_uuid(FreshIds.next_id())
}

/// Makes the events of one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Maker {
    run: RunId,
    n: u64,
}

impl Maker {
    pub(super) fn new() -> Self {
        Self { run: RunId::from_uuid(FreshIds.next_id()), n: 0 }
    }

    /// Somebody says something in the run.
    pub(super) fn said(&mut self) -> Draft {
        self.n += 1;
        let sent = MessageSent {
            message: MessageId::from_uuid(FreshIds.next_id()),
            n: self.n,
            kind: MessageKind::Feedback,
            from: "you".into(),
            to: None,
            run: Some(self.run),
            step: None,
            priority: Priority::Normal,
            text: Text::inline(TEXT),
        };
        let causation = Some(EventId::from_uuid(FreshIds.next_id()));
        Draft { correlation: Some(self.run), causation, ..draft(MessageEvent::Sent(sent).into()) }
    }
}

/// A batch of `n` of them.
pub(super) fn batch(make: &mut Maker, n: usize) -> Batch {
    Batch { drafts: (0..n).map(|_| make.said()).collect(), ..Batch::default() }
}

/// A project is created.
pub(super) fn created(name: &str) -> Draft {
    draft(ProjectEvent::Created(ProjectCreated { name: name.into(), epoch: 0 }).into())
}

/// A person of the story is written down.
pub(super) fn bucket(number: usize, blobs: &mut Blobs) -> Draft {
    let created = BucketCreated {
        bucket: BucketId::from_uuid(FreshIds.next_id()),
        r#type: "character".into(),
        title: format!("Person {number}"),
        aliases: vec![format!("the keeper of door {number}")],
        fields: [("want".to_owned(), serde_json::json!(TEXT.trim()))].into(),
        body: Text::put(TEXT, blobs),
        source: None,
    };
    draft(BucketEvent::Created(created).into())
}

/// An event of a person, on the main branch, now.
pub(super) fn draft(event: Event) -> Draft {
    Draft {
        id: EventId::from_uuid(FreshIds.next_id()),
        branch: BranchId::MAIN,
        at: clock::now(),
        actor: Actor::human(),
        correlation: None,
        causation: None,
        event,
    }
}
