//! Checking what is stored: a little on every open, all of it on demand and, for long logs, beside the work.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, Weak};

use atelier_domain::event::BranchEvent;
use atelier_domain::{Envelope, Event, Hash};
use rusqlite::{Connection, params};

use super::body::Unpacker;
use super::fault::{database, locked};
use super::read::text_of;
use super::row::{COLUMNS, Rows, damaged, link_of};
use super::shared::Shared;
use super::snapshot;
use crate::{Error, Problem, VerifyReport};

/// So many of the newest events are checked before a project can be used; a log that is no longer is checked whole.
const ON_OPEN: u64 = 4096;

/// So many events are checked at a time beside the work.
const AT_ONCE: u64 = 8192;

/// Checks the newest events; answers up to where older ones remain to be checked.
pub(super) fn on_open(shared: &Shared) -> Result<u64, Error> {
    let last = shared.last_seq();
    let from = last.saturating_sub(ON_OPEN);
    let checked = links(shared, from, last);
    // A damaged kind reads like one that nobody knows: what the checksums say is the reason that stays.
    shared.fail_where_foreign();
    checked?;
    Ok(from)
}

/// Checks long logs, one after the other, on a thread of its own that sleeps when there is nothing to check.
#[derive(Default)]
pub(super) struct Checker {
    queue: Mutex<Option<Sender<Long>>>,
}

impl Checker {
    /// Has the events up to `upto` checked. What is found makes the project read-only.
    pub(super) fn later(&self, shared: &Arc<Shared>, upto: u64) {
        let mut queue = locked(&self.queue);
        let sender = queue.get_or_insert_with(|| {
            let (sender, receiver) = channel();
            let thread =
                std::thread::Builder::new().name("store-check".into()).spawn(move || check_all(&receiver));
            if let Err(error) = thread {
                tracing::warn!(%error, "older events are not checked until somebody asks");
            }
            sender
        });
        if sender.send((Arc::downgrade(shared), upto)).is_err() {
            tracing::warn!(project = %shared.project, "older events are not checked until somebody asks");
        }
    }
}

/// A log whose events up to a number are still to be checked.
type Long = (Weak<Shared>, u64);

/// Checks everything; see [`crate::Log::verify`].
pub(super) fn everything(shared: &Shared) -> Result<VerifyReport, Error> {
    let mut report = VerifyReport::default();
    let named = shared.read(|db| {
        structure(shared, db, &mut report)?;
        let named = events(shared, db, &mut report)?;
        texts(shared, db, &named, &mut report)?;
        Ok(())
    });
    if let Err(error) = named {
        let where_ = shared.path.display().to_string();
        report.problems.push(Problem { what: error.to_string(), where_, fix: restore() });
    }
    for (seq, path) in snapshot::unusable(shared)? {
        report.problems.push(Problem {
            what: format!("the snapshot at event {seq} cannot be used"),
            where_: path.display().to_string(),
            fix: "it is derived: `--rebuild` removes it, and it comes back".into(),
        });
    }
    Ok(report)
}

fn check_all(queue: &Receiver<Long>) {
    while let Ok((shared, upto)) = queue.recv() {
        let mut from = 0;
        while from < upto {
            let Some(shared) = shared.upgrade() else { break };
            let end = upto.min(from + AT_ONCE);
            if let Err(error) = links(&shared, from, end) {
                tracing::error!(project = %shared.project, %error, "an older event cannot be trusted");
                break;
            }
            from = end;
        }
    }
}

/// Checks that the events after `from` up to `upto` are there and fit behind each other.
fn links(shared: &Shared, from: u64, upto: u64) -> Result<(), Error> {
    shared.read(|db| {
        let failed = database("check the log", &shared.path);
        let mut link = link_of(db, &shared.path, shared.project, from)?;
        let sql = format!("SELECT {COLUMNS} FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq");
        let mut statement = db.prepare_cached(&sql).map_err(&failed)?;
        let mut found = statement.query(params![from as i64, upto as i64]).map_err(&failed)?;
        let mut rows = Rows::new(db, &shared.path, shared.project, shared.dictionary());
        let mut last = from;
        while let Some(row) = found.next().map_err(&failed)? {
            let seq = rows.link(row, &mut link)?;
            in_order(seq, &mut last)?;
        }
        if last != upto { Err(damaged(last + 1, "it is missing")) } else { Ok(()) }
    })
}

fn in_order(seq: u64, last: &mut u64) -> Result<(), Error> {
    if seq != *last + 1 {
        return Err(damaged(*last + 1, "it is missing"));
    }
    *last = seq;
    Ok(())
}

fn structure(shared: &Shared, db: &Connection, report: &mut VerifyReport) -> Result<(), Error> {
    let failed = database("check the file", &shared.path);
    let mut statement = db.prepare("PRAGMA integrity_check(10)").map_err(&failed)?;
    let mut rows = statement.query([]).map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        let said: String = row.get(0).map_err(&failed)?;
        if said != "ok" {
            report.problems.push(Problem {
                what: format!("the file is damaged: {said}"),
                where_: shared.path.display().to_string(),
                fix: restore(),
            });
        }
    }
    Ok(())
}

/// Checks all events up to the first bad one; answers the long texts that they name.
fn events(shared: &Shared, db: &Connection, report: &mut VerifyReport) -> Result<HashSet<Hash>, Error> {
    let failed = database("check the log", &shared.path);
    let mut named = HashSet::new();
    let mut link = link_of(db, &shared.path, shared.project, 0)?;
    let sql = format!("SELECT {COLUMNS} FROM events ORDER BY seq");
    let mut statement = db.prepare(&sql).map_err(&failed)?;
    let mut found = statement.query([]).map_err(&failed)?;
    let dictionary = shared.dictionary();
    let mut rows = Rows::new(db, &shared.path, shared.project, dictionary.clone());
    let mut forks = Vec::new();
    while let Some(row) = found.next().map_err(&failed)? {
        let mut last = report.events;
        let checked = rows.checked(row, &mut link).and_then(|envelope| {
            in_order(envelope.seq, &mut last)?;
            Ok(envelope)
        });
        match checked {
            Ok(envelope) => {
                report.events = last;
                names(&envelope, &mut named);
                if let Event::Branch(BranchEvent::Forked(fork)) = envelope.event {
                    forks.push((fork.branch, fork.parent, fork.at_seq, envelope.seq));
                }
            }
            Err(error) => {
                let seq = report.events + 1;
                report.first_bad = Some(seq);
                let what =
                    std::error::Error::source(&error).map_or(String::new(), |source| format!(": {source}"));
                report.problems.push(Problem {
                    what: format!("{error}{what}; what comes after it cannot be trusted"),
                    where_: format!("event {seq}"),
                    fix: restore(),
                });
                return Ok(named);
            }
        }
    }
    let listed = dictionary.forks.iter().map(|fork| (fork.branch, fork.parent, fork.at_seq, fork.seq));
    if !listed.eq(forks) {
        report.problems.push(Problem {
            what: "the list of branches differs from the events that made them".into(),
            where_: shared.path.display().to_string(),
            fix: restore(),
        });
    }
    Ok(named)
}

/// The long texts that an event names. In a body `{"blob":"…` begins such a name and nothing else: within a text the
/// quotes would be escaped.
fn names(envelope: &Envelope, named: &mut HashSet<Hash>) {
    let Ok(body) = envelope.event.body() else { return };
    for part in body.split("{\"blob\":\"").skip(1) {
        if let Some(hash) = part.get(..64).and_then(|hash| hash.parse().ok()) {
            named.insert(hash);
        }
    }
}

fn texts(
    shared: &Shared,
    db: &Connection,
    named: &HashSet<Hash>,
    report: &mut VerifyReport,
) -> Result<(), Error> {
    let failed = database("check the long texts", &shared.path);
    let mut unpacker = Unpacker::default();
    let mut missing = named.clone();
    let mut statement = db.prepare("SELECT hash, size, bytes FROM blobs").map_err(&failed)?;
    let mut rows = statement.query([]).map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        let hash = row.get::<_, [u8; 32]>(0).map(Hash::from_bytes).map_err(&failed)?;
        let bytes = row.get_ref(2).map_err(&failed)?;
        let good = match (row.get(1), bytes.as_blob()) {
            (Ok(size), Ok(bytes)) => text_of(&hash, size, bytes, &mut unpacker).is_some(),
            _ => false,
        };
        missing.remove(&hash);
        if !good {
            report.problems.push(Problem {
                what: "a long text does not match its checksum".into(),
                where_: format!("text {hash}"),
                fix: restore(),
            });
        }
    }
    report.problems.extend(missing.into_iter().map(|hash| Problem {
        what: "a long text is missing".into(),
        where_: format!("text {hash}"),
        fix: restore(),
    }));
    Ok(())
}

fn restore() -> String {
    "put a copy of the project's folder in its place; what is readable can still be read and exported".into()
}
