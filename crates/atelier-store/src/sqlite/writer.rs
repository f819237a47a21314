//! Writing a log: what is queued for one project goes into one transaction.
//!
//! **Invariant**: nothing is answered before the commit, and a group that could not be committed leaves no trace.
//! **Invariant**: a batch that is refused (conflict, unknown branch) does not disturb the others of its group.

use std::borrow::Cow;
use std::sync::Arc;

use atelier_domain::event::{BranchEvent, SCHEMA};
use atelier_domain::text::Blobs;
use atelier_domain::{BranchId, Draft, Envelope, Event, Hash};
use futures::channel::oneshot;
use rusqlite::{Connection, params};

use super::body::Packer;
use super::chain::{self, Link, Sealed};
use super::dictionary::Dictionary;
use super::fault::database;
use super::open;
use super::room::Room;
use super::row::link_of;
use super::shared::{Shared, last_seq};
use crate::{Batch, Error, Fork};

/// After about so many pages the log is brought to its final place. Less would cost an extra sync more often, more
/// would make opening after a crash slow.
const PAGES_BEFORE_CHECKPOINT: usize = 1000;

/// What waits to be appended.
pub(super) struct Append {
    pub(super) expected_seq: u64,
    pub(super) batch: Batch,
    pub(super) answer: oneshot::Sender<Result<Vec<Envelope>, Error>>,
}

/// What a writing thread keeps from project to project.
pub(super) struct Tools {
    packer: Arc<Packer>,
    scratch: Vec<u8>,
}

impl Tools {
    pub(super) fn new(packer: Arc<Packer>) -> Self {
        Self { packer, scratch: Vec::new() }
    }
}

/// The writing side of a log.
pub(super) struct Writer {
    db: Connection,
    shared: Arc<Shared>,
    head: Head,
    /// Pages written since the last checkpoint, roughly.
    pages: usize,
    room: Room,
}

/// Where the log ends.
#[derive(Clone)]
struct Head {
    seq: u64,
    link: Link,
    dictionary: Arc<Dictionary>,
}

/// A batch that is ready to be written.
struct Staged {
    rows: Vec<StagedRow>,
    blobs: Blobs,
    before: Arc<Dictionary>,
    drafts: Vec<Draft>,
}

struct StagedRow {
    branch: usize,
    actor: usize,
    kind: usize,
    body: String,
    link: Link,
}

impl Writer {
    /// Opens the writing side. The caller made sure that nobody else has it.
    pub(super) fn open(shared: Arc<Shared>) -> Result<Self, Error> {
        let db = open::writer(&shared.path)?;
        let seq = last_seq(&db, &shared.path)?;
        let link = link_of(&db, &shared.path, shared.project, seq)?;
        let dictionary = Arc::new(Dictionary::load(&db, &shared.path)?);
        shared.publish(dictionary.clone());
        shared.advance(seq);
        let room = Room::new(&shared.path);
        Ok(Self { db, shared, head: Head { seq, link, dictionary }, pages: 0, room })
    }

    /// Writes what belongs together and answers everybody.
    pub(super) fn append(&mut self, group: Vec<Append>, tools: &mut Tools) {
        let before = self.head.clone();
        let mut answers = Vec::with_capacity(group.len());
        let written = self.write(group, &mut answers, tools);
        let done = written.and_then(|()| self.commit());
        match done {
            Ok(()) => {
                self.shared.advance(self.head.seq);
                for (answer, result) in answers {
                    // Whoever asked may have gone; the events are stored all the same.
                    let _ = answer.send(result);
                }
            }
            Err(error) => {
                self.undo(before);
                self.refuse(answers, error);
            }
        }
    }

    /// What can be done after the answers: moves what was written to its final place, if it is time.
    pub(super) fn tidy(&mut self) {
        if let Err(error) = self.room.reserve() {
            // Only speed is lost; whether the disk is full is for the next append to say.
            tracing::debug!(%error, "no room was reserved for the write-ahead log");
        }
        if self.pages >= PAGES_BEFORE_CHECKPOINT {
            self.checkpoint_now();
        }
    }

    /// Nobody wrote for a while: moves what was written to its final place and lets go of memory.
    pub(super) fn rest(&mut self) {
        if self.pages > 0 {
            self.checkpoint_now();
        }
        if let Err(error) = self.db.execute_batch("PRAGMA shrink_memory") {
            self.shared.noticed(database("rest", &self.shared.path)(error));
        }
    }

    /// Moves everything to its final place and gives the room back.
    pub(super) fn checkpoint(&mut self) -> Result<(), Error> {
        self.shared.rest();
        self.pages = 0;
        self.room.lost();
        self.db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(database("checkpoint", &self.shared.path))
    }

    fn checkpoint_now(&mut self) {
        self.pages = 0;
        let done = self.db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        if let Err(error) = done {
            // What was acknowledged is in the write-ahead log; only going on would be wrong.
            self.shared.noticed(database("checkpoint", &self.shared.path)(error));
        }
    }

    fn write(
        &mut self,
        group: Vec<Append>,
        answers: &mut Vec<Answer>,
        tools: &mut Tools,
    ) -> Result<(), Error> {
        let mut failed = Ok(());
        for Append { expected_seq, batch, answer } in group {
            if failed.is_err() {
                answers.push((answer, Ok(Vec::new())));
                continue;
            }
            let result = match self.stage(expected_seq, batch, tools) {
                Ok(staged) => match self.insert(staged, tools) {
                    Ok(envelopes) => Ok(envelopes),
                    Err(error) => {
                        failed = Err(error);
                        Ok(Vec::new())
                    }
                },
                Err(refused) => Err(refused),
            };
            answers.push((answer, result));
        }
        failed
    }

    /// Everything that can be wrong with a batch itself is found here, before anything of it is written.
    fn stage(&mut self, expected_seq: u64, batch: Batch, tools: &mut Tools) -> Result<Staged, Error> {
        if expected_seq != self.head.seq {
            return Err(Error::Conflict { expected: expected_seq, actual: self.head.seq });
        }
        if let Some((hash, _)) = batch.blobs.0.iter().find(|(hash, text)| Hash::of(text.as_bytes()) != **hash)
        {
            return Err(Error::BadBlob(*hash));
        }
        let before = self.head.clone();
        let mut rows = Vec::with_capacity(batch.drafts.len());
        for draft in &batch.drafts {
            match self.head.place(draft, &mut tools.scratch) {
                Ok(row) => rows.push(row),
                Err(error) => {
                    self.head = before;
                    return Err(error);
                }
            }
        }
        Ok(Staged { rows, blobs: batch.blobs, before: before.dictionary, drafts: batch.drafts })
    }

    fn insert(&mut self, staged: Staged, tools: &mut Tools) -> Result<Vec<Envelope>, Error> {
        let failed = database("append", &self.shared.path);
        if self.db.is_autocommit() {
            self.db
                .prepare_cached("BEGIN IMMEDIATE")
                .and_then(|mut begin| begin.execute([]))
                .map_err(&failed)?;
        }
        self.pages += insert_blobs(&self.db, &staged.blobs, &tools.packer).map_err(&failed)?;
        insert_words(&self.db, &staged.before, &self.head.dictionary).map_err(&failed)?;
        let first = self.head.seq - staged.rows.len() as u64 + 1;
        self.pages += insert_rows(&self.db, first, &staged, &tools.packer).map_err(&failed)?;
        let project = self.shared.project;
        Ok((first..).zip(staged.drafts).map(|(seq, draft)| Envelope::place(draft, project, seq)).collect())
    }

    fn commit(&mut self) -> Result<(), Error> {
        if self.db.is_autocommit() {
            return Ok(());
        }
        self.shared.publish(self.head.dictionary.clone());
        self.db
            .prepare_cached("COMMIT")
            .and_then(|mut commit| commit.execute([]))
            .map_err(database("append", &self.shared.path))?;
        Ok(())
    }

    fn undo(&mut self, before: Head) {
        if !self.db.is_autocommit()
            && let Err(error) = self.db.execute_batch("ROLLBACK")
        {
            self.shared.noticed(database("undo an append", &self.shared.path)(error));
        }
        self.shared.publish(before.dictionary.clone());
        self.head = before;
    }

    /// The group could not be written: nobody of it gets anything else to hear.
    fn refuse(&self, answers: Vec<Answer>, error: Error) {
        let error = self.shared.noticed(error);
        for (answer, result) in answers {
            let error = match (result, self.shared.writable()) {
                // Refused for a reason of its own that does not depend on the others.
                (Err(own), _) if !matches!(own, Error::Conflict { .. }) => own,
                (_, Err(read_only)) => read_only,
                (_, Ok(())) => error.clone(),
            };
            let _ = answer.send(Err(error));
        }
    }
}

type Answer = (oneshot::Sender<Result<Vec<Envelope>, Error>>, Result<Vec<Envelope>, Error>);

impl Head {
    /// Gives a draft its place behind all before it.
    fn place(&mut self, draft: &Draft, scratch: &mut Vec<u8>) -> Result<StagedRow, Error> {
        let seq = self.seq + 1;
        let kind = draft.event.kind();
        if let Event::Branch(BranchEvent::Forked(forked)) = &draft.event {
            let fork = Fork {
                branch: forked.branch,
                name: forked.name.clone(),
                parent: forked.parent,
                at_seq: forked.at_seq,
                seq,
            };
            self.fork(fork)?;
        }
        let encode = |source| Error::Encode { kind, source: Arc::new(source) };
        let body = draft.event.body().map_err(encode)?;
        let branch = self.dictionary.branch(draft.branch).ok_or(Error::UnknownBranch(draft.branch))?;
        let actor = match self.dictionary.actor(&draft.actor) {
            Some(n) => n,
            None => add(&mut Arc::make_mut(&mut self.dictionary).actors, draft.actor.clone()),
        };
        let kind_n = match self.dictionary.kind(kind) {
            Some(n) => n,
            None => add(&mut Arc::make_mut(&mut self.dictionary).kinds, Cow::Borrowed(kind)),
        };
        let sealed = Sealed {
            seq,
            id: draft.id.uuid(),
            branch: draft.branch.uuid(),
            at: draft.at.micros(),
            actor: &draft.actor,
            correlation: draft.correlation.map(|run| run.uuid()),
            causation: draft.causation.map(|event| event.uuid()),
            kind,
            schema: SCHEMA,
            body: body.as_bytes(),
        };
        self.link = chain::next(&self.link, &sealed, scratch);
        self.seq = seq;
        Ok(StagedRow { branch, actor, kind: kind_n, body, link: self.link })
    }

    fn fork(&mut self, fork: Fork) -> Result<(), Error> {
        let refuse = |why| Err(Error::BadFork { branch: fork.branch, why });
        let taken = |branch: BranchId| self.dictionary.branch(branch).is_some();
        if taken(fork.branch) {
            return refuse("it is already there");
        }
        if !taken(fork.parent) {
            return Err(Error::UnknownBranch(fork.parent));
        }
        if fork.at_seq >= fork.seq {
            return refuse("it would begin at an event that has not happened");
        }
        let dictionary = Arc::make_mut(&mut self.dictionary);
        dictionary.branches.push(fork.branch);
        dictionary.forks.push(fork);
        Ok(())
    }
}

fn add<T>(list: &mut Vec<T>, value: T) -> usize {
    list.push(value);
    list.len() - 1
}

/// Writes the words that the batch added to the lists.
fn insert_words(db: &Connection, before: &Dictionary, after: &Dictionary) -> rusqlite::Result<()> {
    for (n, kind) in after.kinds.iter().enumerate().skip(before.kinds.len()) {
        db.prepare_cached("INSERT INTO kinds VALUES(?1, ?2)")?.execute(params![n as i64, kind])?;
    }
    for (n, actor) in after.actors.iter().enumerate().skip(before.actors.len()) {
        let kind = chain::actor_code(actor.kind);
        db.prepare_cached("INSERT INTO actors VALUES(?1, ?2, ?3)")?
            .execute(params![n as i64, kind, actor.id])?;
    }
    for (i, fork) in after.forks.iter().enumerate().skip(before.forks.len()) {
        let parent = after.branch(fork.parent).map(|n| n as i64);
        let id = fork.branch.uuid().into_bytes();
        db.prepare_cached("INSERT INTO branches VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
            i as i64 + 1,
            id,
            fork.name,
            parent,
            fork.at_seq as i64,
            fork.seq as i64
        ])?;
    }
    Ok(())
}

/// Writes the events; answers how many pages that was, roughly.
fn insert_rows(db: &Connection, first: u64, staged: &Staged, packer: &Packer) -> rusqlite::Result<usize> {
    let mut insert =
        db.prepare_cached("INSERT INTO events VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?;
    let mut bytes = 0;
    for ((seq, row), draft) in (first as i64..).zip(&staged.rows).zip(&staged.drafts) {
        let packed = packer.pack(row.body.as_bytes());
        bytes += packed.as_ref().map_or(row.body.len(), Vec::len);
        insert.raw_bind_parameter(1, seq)?;
        insert.raw_bind_parameter(2, draft.id.uuid().into_bytes())?;
        insert.raw_bind_parameter(3, row.branch as i64)?;
        insert.raw_bind_parameter(4, draft.at.micros())?;
        insert.raw_bind_parameter(5, row.actor as i64)?;
        insert.raw_bind_parameter(6, draft.correlation.map(|run| run.uuid().into_bytes()))?;
        insert.raw_bind_parameter(7, draft.causation.map(|event| event.uuid().into_bytes()))?;
        insert.raw_bind_parameter(8, row.kind as i64)?;
        insert.raw_bind_parameter(9, SCHEMA)?;
        match &packed {
            Some(packed) => insert.raw_bind_parameter(10, packed)?,
            None => insert.raw_bind_parameter(10, &row.body)?,
        }
        insert.raw_bind_parameter(11, row.link)?;
        insert.raw_execute()?;
    }
    Ok(3 + bytes / 4096)
}

/// Writes the long texts that are not there yet; answers how many pages that was, roughly.
fn insert_blobs(db: &Connection, blobs: &Blobs, packer: &Packer) -> rusqlite::Result<usize> {
    let mut pages = 0;
    for (hash, text) in &blobs.0 {
        let mut known = db.prepare_cached("SELECT 1 FROM blobs WHERE hash = ?1")?;
        if known.exists([hash.bytes()])? {
            continue;
        }
        let packed = packer.pack(text.as_bytes());
        let bytes = packed.as_deref().unwrap_or(text.as_bytes());
        db.prepare_cached("INSERT INTO blobs(hash, size, bytes) VALUES(?1, ?2, ?3)")?.execute(params![
            hash.bytes(),
            text.len() as i64,
            bytes
        ])?;
        pages += 2 + bytes.len() / 4096;
    }
    Ok(pages)
}
