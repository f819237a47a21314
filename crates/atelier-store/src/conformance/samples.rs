//! Real events to append, made from a number: the same number gives the same events.

use atelier_domain::event::branch::BranchForked;
use atelier_domain::event::bucket::BucketCreated;
use atelier_domain::event::message::{MessageKind, MessageSent, Priority};
use atelier_domain::event::project::ProjectCreated;
use atelier_domain::event::{BranchEvent, BucketEvent, MessageEvent, ProjectEvent};
use atelier_domain::text::Blobs;
use atelier_domain::{
    Actor, BranchId, BucketId, Draft, Event, EventId, MessageId, ProjectId, RunId, Text, Timestamp,
};
use uuid::Uuid;

/// Makes events that are never the same twice.
pub struct Samples {
    world: u128,
    n: u128,
}

impl Samples {
    /// Events of world number `world`; two worlds share no id.
    pub fn new(world: u128) -> Self {
        Self { world, n: 0 }
    }

    /// The project of this world.
    pub fn project(&self) -> ProjectId {
        ProjectId::from_uuid(self.id(1 << 32))
    }

    /// A branch of this world by its number.
    pub fn branch(&self, n: u128) -> BranchId {
        BranchId::from_uuid(self.id((2 << 32) + n))
    }

    /// A run of this world by its number.
    pub fn run(&self, n: u128) -> RunId {
        RunId::from_uuid(self.id((3 << 32) + n))
    }

    /// `project.created`.
    pub fn created(&mut self, name: &str) -> Draft {
        self.draft(ProjectEvent::Created(ProjectCreated { name: name.into(), epoch: 0 }).into())
    }

    /// `bucket.created`.
    pub fn bucket(&mut self, title: &str) -> Draft {
        self.made(title, Text::default())
    }

    /// `bucket.created` with a long text.
    pub fn long(&mut self, blobs: &mut Blobs) -> Draft {
        let text = format!("{} {} ", self.world, self.n).repeat(400);
        let body = Text::put(&text, blobs);
        self.made("long", body)
    }

    /// `message.sent` by a person.
    pub fn said(&mut self, text: &str) -> Draft {
        let n = self.n as u64 + 1;
        let message = MessageId::from_uuid(self.id((4 << 32) + self.n));
        let event = MessageEvent::Sent(MessageSent {
            message,
            n,
            kind: MessageKind::Feedback,
            from: "you".into(),
            to: None,
            run: None,
            step: None,
            priority: Priority::Normal,
            text: Text::inline(text),
        });
        self.draft(event.into())
    }

    /// `message.sent` by an agent in a run, caused by an event.
    pub fn of_run(&mut self, run: u128, text: &str) -> Draft {
        let causation = Some(EventId::from_uuid(self.id(5 << 32)));
        Draft {
            correlation: Some(self.run(run)),
            causation,
            actor: Actor::agent("plot-architect"),
            ..self.said(text)
        }
    }

    /// `message.sent` on a branch.
    pub fn on(&mut self, branch: BranchId) -> Draft {
        Draft { branch, ..self.said("on a branch") }
    }

    /// `branch.forked`, and the branch.
    pub fn fork(&mut self, name: &str, parent: BranchId, at_seq: u64) -> (Draft, BranchId) {
        let branch = self.branch(self.n);
        let forked = BranchForked { branch, name: name.into(), parent, at_seq };
        (Draft { branch: parent, ..self.draft(BranchEvent::Forked(forked).into()) }, branch)
    }

    fn made(&mut self, title: &str, body: Text) -> Draft {
        let created = BucketCreated {
            bucket: BucketId::from_uuid(self.id((6 << 32) + self.n)),
            r#type: "character".into(),
            title: title.into(),
            aliases: vec!["the octopus".into()],
            fields: [("age".to_owned(), serde_json::json!(41))].into(),
            body,
            source: None,
        };
        self.draft(BucketEvent::Created(created).into())
    }

    fn draft(&mut self, event: Event) -> Draft {
        self.n += 1;
        Draft {
            id: EventId::from_uuid(self.id(self.n)),
            branch: BranchId::MAIN,
            at: Timestamp::from_micros(1_700_000_000_000_000 + self.n as i64),
            actor: Actor::human(),
            correlation: None,
            causation: None,
            event,
        }
    }

    fn id(&self, n: u128) -> Uuid {
        Uuid::from_u128((self.world << 64) + n)
    }
}

/// Letters that no compression makes shorter by much.
pub(super) fn noise(length: usize) -> String {
    let mut x = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        char::from(b' ' + (x % 95) as u8)
    };
    (0..length).map(|_| next()).collect()
}
