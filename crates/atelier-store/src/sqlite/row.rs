//! Rows of the table `events`, read back as envelopes.

use std::path::Path;
use std::sync::Arc;

use atelier_domain::{Actor, BranchId, Envelope, Event, EventId, ProjectId, RunId, Timestamp};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use uuid::Uuid;

use super::body::Unpacker;
use super::chain::{self, Link, Sealed};
use super::dictionary::Dictionary;
use super::fault::database;
use crate::Error;

/// The columns that [`Rows`] reads, in its order.
pub(super) const COLUMNS: &str =
    "seq, id, branch, at, actor, correlation, causation, kind, schema, body, chain";

/// Reads rows. Keeps what is needed from row to row, so that a row costs no more than its event.
pub(super) struct Rows<'a> {
    db: &'a Connection,
    path: &'a Path,
    project: ProjectId,
    dictionary: Arc<Dictionary>,
    unpacker: Unpacker,
    scratch: Vec<u8>,
}

/// What stands in a row, with numbers replaced by what they stand for.
struct Fields<'a> {
    seq: u64,
    id: Uuid,
    branch: BranchId,
    at: i64,
    actor: &'a Actor,
    correlation: Option<Uuid>,
    causation: Option<Uuid>,
    kind: &'a str,
    schema: u16,
    body: &'a str,
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        db: &'a Connection,
        path: &'a Path,
        project: ProjectId,
        dictionary: Arc<Dictionary>,
    ) -> Self {
        Self { db, path, project, dictionary, unpacker: Unpacker::default(), scratch: Vec::new() }
    }

    /// The event of a row.
    pub(super) fn envelope(&mut self, row: &Row<'_>) -> Result<Envelope, Error> {
        let numbers = self.know(row)?;
        let fields = fields(row, &numbers, &self.dictionary, &mut self.unpacker)?;
        envelope(&fields, self.project)
    }

    /// The event of a row that must fit behind `link`, which moves on to it.
    pub(super) fn checked(&mut self, row: &Row<'_>, link: &mut Link) -> Result<Envelope, Error> {
        let numbers = self.know(row)?;
        let fields = fields(row, &numbers, &self.dictionary, &mut self.unpacker)?;
        check(row, &fields, link, &mut self.scratch)?;
        envelope(&fields, self.project)
    }

    /// Only checks that a row fits behind `link`, which moves on to it. Answers its number.
    pub(super) fn link(&mut self, row: &Row<'_>, link: &mut Link) -> Result<u64, Error> {
        let numbers = self.know(row)?;
        let fields = fields(row, &numbers, &self.dictionary, &mut self.unpacker)?;
        check(row, &fields, link, &mut self.scratch)?;
        Ok(numbers.seq)
    }

    /// Reads the numbers in a row and makes sure that they are known. Another process may have added some.
    fn know(&mut self, row: &Row<'_>) -> Result<Numbers, Error> {
        let seq = integer(row, 0).and_then(|seq| u64::try_from(seq).ok());
        let seq = seq.ok_or_else(|| damaged(0, "an event has no number"))?;
        let listed = |column| integer(row, column).and_then(|n| usize::try_from(n).ok());
        let numbers = listed(2)
            .zip(listed(4))
            .zip(listed(7))
            .map(|((branch, actor), kind)| Numbers { seq, branch, actor, kind })
            .ok_or_else(|| damaged(seq, UNLISTED))?;
        if !numbers.are_in(&self.dictionary) {
            self.dictionary = Arc::new(Dictionary::load(self.db, self.path)?);
            if !numbers.are_in(&self.dictionary) {
                return Err(damaged(seq, UNLISTED));
            }
        }
        Ok(numbers)
    }
}

const UNLISTED: &str = "its kind, actor or branch is not in the lists";

/// The numbers in a row that stand for something.
struct Numbers {
    seq: u64,
    branch: usize,
    actor: usize,
    kind: usize,
}

impl Numbers {
    fn are_in(&self, dictionary: &Dictionary) -> bool {
        self.branch < dictionary.branches.len()
            && self.actor < dictionary.actors.len()
            && self.kind < dictionary.kinds.len()
    }
}

/// A damaged event.
pub(super) fn damaged(seq: u64, why: &str) -> Error {
    Error::Damaged { what: format!("event {seq}"), why: why.to_owned(), seq: Some(seq) }
}

/// The link stored with an event; the one before the first is the project's own.
pub(super) fn link_of(db: &Connection, path: &Path, project: ProjectId, seq: u64) -> Result<Link, Error> {
    if seq == 0 {
        return Ok(chain::genesis(project));
    }
    let mut statement = db
        .prepare_cached("SELECT chain FROM events WHERE seq = ?1")
        .map_err(database("read an event's checksum", path))?;
    match statement.query_row([seq as i64], |row| row.get::<_, Link>(0)) {
        Ok(link) => Ok(link),
        Err(rusqlite::Error::QueryReturnedNoRows) => Err(damaged(seq, "it is missing")),
        Err(error) if error.sqlite_error_code().is_none() => Err(damaged(seq, "it has no checksum")),
        Err(error) => Err(database("read an event's checksum", path)(error)),
    }
}

fn fields<'a>(
    row: &'a Row<'_>,
    numbers: &Numbers,
    dictionary: &'a Dictionary,
    unpacker: &'a mut Unpacker,
) -> Result<Fields<'a>, Error> {
    let seq = numbers.seq;
    let wrong = |what: &str| damaged(seq, &format!("its {what} cannot be read"));
    let body = match row.get_ref(9) {
        Ok(ValueRef::Text(text)) => text,
        Ok(ValueRef::Blob(packed)) => unpacker.unpack(packed).ok_or_else(|| wrong("body"))?,
        _ => return Err(wrong("body")),
    };
    Ok(Fields {
        seq,
        id: uuid(row, 1).flatten().ok_or_else(|| wrong("id"))?,
        branch: *dictionary.branches.get(numbers.branch).ok_or_else(|| wrong("branch"))?,
        at: integer(row, 3).ok_or_else(|| wrong("time"))?,
        actor: dictionary.actors.get(numbers.actor).ok_or_else(|| wrong("actor"))?,
        correlation: uuid(row, 5).ok_or_else(|| wrong("run"))?,
        causation: uuid(row, 6).ok_or_else(|| wrong("cause"))?,
        kind: dictionary.kinds.get(numbers.kind).ok_or_else(|| wrong("kind"))?,
        schema: integer(row, 8).and_then(|n| u16::try_from(n).ok()).ok_or_else(|| wrong("schema number"))?,
        body: std::str::from_utf8(body).map_err(|_| wrong("body"))?,
    })
}

fn check(row: &Row<'_>, fields: &Fields<'_>, link: &mut Link, scratch: &mut Vec<u8>) -> Result<(), Error> {
    let sealed = Sealed {
        seq: fields.seq,
        id: fields.id,
        branch: fields.branch.uuid(),
        at: fields.at,
        actor: fields.actor,
        correlation: fields.correlation,
        causation: fields.causation,
        kind: fields.kind,
        schema: fields.schema,
        body: fields.body.as_bytes(),
    };
    let expected = chain::next(link, &sealed, scratch);
    match row.get_ref(10) {
        Ok(ValueRef::Blob(stored)) if stored == expected => {
            *link = expected;
            Ok(())
        }
        _ => Err(damaged(fields.seq, "its checksum does not match")),
    }
}

fn envelope(fields: &Fields<'_>, project: ProjectId) -> Result<Envelope, Error> {
    let event = Event::decode(fields.kind, fields.schema, fields.body)
        .map_err(|source| Error::Decode { seq: fields.seq, source: Arc::new(source) })?;
    Ok(Envelope {
        id: EventId::from_uuid(fields.id),
        project,
        branch: fields.branch,
        seq: fields.seq,
        at: Timestamp::from_micros(fields.at),
        actor: fields.actor.clone(),
        correlation: fields.correlation.map(RunId::from_uuid),
        causation: fields.causation.map(EventId::from_uuid),
        schema: fields.schema,
        event,
    })
}

fn integer(row: &Row<'_>, column: usize) -> Option<i64> {
    match row.get_ref(column) {
        Ok(ValueRef::Integer(value)) => Some(value),
        _ => None,
    }
}

/// `Some(None)` for an absent id, `None` for what is no id.
fn uuid(row: &Row<'_>, column: usize) -> Option<Option<Uuid>> {
    match row.get_ref(column) {
        Ok(ValueRef::Null) => Some(None),
        Ok(ValueRef::Blob(bytes)) => Uuid::from_slice(bytes).ok().map(Some),
        _ => None,
    }
}
