//! The chain of checksums: each event vouches for all before it.
//!
//! A link is the first 16 bytes of the BLAKE3 hash of the link before and of everything the row says, with lengths in
//! front of what varies. It covers what the row *means* (the kind, the actor, the branch), not the small numbers that
//! stand for it on disk, and the body as it was before compression.

use atelier_domain::event::ActorKind;
use atelier_domain::{Actor, ProjectId};
use uuid::Uuid;

/// The checksum of an event and all before it.
pub(super) type Link = [u8; 16];

/// What a link covers besides the link before.
pub(super) struct Sealed<'a> {
    pub(super) seq: u64,
    pub(super) id: Uuid,
    pub(super) branch: Uuid,
    pub(super) at: i64,
    pub(super) actor: &'a Actor,
    pub(super) correlation: Option<Uuid>,
    pub(super) causation: Option<Uuid>,
    pub(super) kind: &'a str,
    pub(super) schema: u16,
    pub(super) body: &'a [u8],
}

/// The link before the first event. It names the project: events of another one do not fit behind it.
pub(super) fn genesis(project: ProjectId) -> Link {
    let mut bytes = b"atelier log 1".to_vec();
    bytes.extend_from_slice(project.uuid().as_bytes());
    cut(&bytes)
}

/// The link of the next event. `scratch` is room to work in.
pub(super) fn next(previous: &Link, row: &Sealed<'_>, scratch: &mut Vec<u8>) -> Link {
    scratch.clear();
    scratch.extend_from_slice(previous);
    scratch.extend_from_slice(&row.seq.to_le_bytes());
    scratch.extend_from_slice(row.id.as_bytes());
    scratch.extend_from_slice(row.branch.as_bytes());
    scratch.extend_from_slice(&row.at.to_le_bytes());
    scratch.push(actor_code(row.actor.kind));
    varying(row.actor.id.as_bytes(), scratch);
    optional(row.correlation, scratch);
    optional(row.causation, scratch);
    varying(row.kind.as_bytes(), scratch);
    scratch.extend_from_slice(&row.schema.to_le_bytes());
    varying(row.body, scratch);
    cut(scratch)
}

/// The number an actor's kind is stored as.
pub(super) fn actor_code(kind: ActorKind) -> u8 {
    match kind {
        ActorKind::Human => 0,
        ActorKind::Agent => 1,
        ActorKind::System => 2,
        ActorKind::Import => 3,
    }
}

/// The kind of actor behind a stored number.
pub(super) fn actor_kind(code: i64) -> Option<ActorKind> {
    [ActorKind::Human, ActorKind::Agent, ActorKind::System, ActorKind::Import]
        .into_iter()
        .find(|kind| i64::from(actor_code(*kind)) == code)
}

fn varying(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

fn optional(id: Option<Uuid>, out: &mut Vec<u8>) {
    out.push(u8::from(id.is_some()));
    out.extend_from_slice(id.unwrap_or_default().as_bytes());
}

fn cut(bytes: &[u8]) -> Link {
    let mut link = Link::default();
    link.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    link
}
