//! Reading a log: queries along branch lines, replay, long texts.

use std::fmt::Write;
use std::ops::ControlFlow;
use std::sync::Arc;

use atelier_domain::text::Blobs;
use atelier_domain::{Envelope, Hash};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::body::Unpacker;
use super::dictionary::{Dictionary, RARE};
use super::fault::database;
use super::row::{COLUMNS, Rows, damaged, link_of};
use super::shared::Shared;
use crate::{Error, Query, Reach, Verify, line};

/// Hands over events in order; see [`crate::Log::for_each`].
pub(super) fn for_each(
    shared: &Shared,
    after: u64,
    upto: Option<u64>,
    verify: Verify,
    f: &mut dyn FnMut(Envelope) -> ControlFlow<()>,
) -> Result<u64, Error> {
    shared.read(|db| {
        let failed = database("read the log", &shared.path);
        let _seen = snapshot(db).map_err(&failed)?;
        let mut link = match verify {
            Verify::Chain => Some(link_of(db, &shared.path, shared.project, after)?),
            Verify::No => None,
        };
        let sql = format!("SELECT {COLUMNS} FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq");
        let mut statement = db.prepare_cached(&sql).map_err(&failed)?;
        let mut found =
            statement.query(params![number(after), number(upto.unwrap_or(u64::MAX))]).map_err(&failed)?;
        let mut rows = Rows::new(db, &shared.path, shared.project, shared.dictionary());
        let mut last = after;
        while let Some(row) = found.next().map_err(&failed)? {
            let envelope = match &mut link {
                Some(link) => rows.checked(row, link)?,
                None => understood(shared, db, &mut rows, row)?,
            };
            if envelope.seq != last + 1 {
                return Err(damaged(last + 1, "it is missing"));
            }
            last = envelope.seq;
            if f(envelope).is_break() {
                break;
            }
        }
        Ok(last)
    })
}

/// The events a query asks for.
pub(super) fn read(shared: &Shared, query: Query<'_>) -> Result<Vec<Envelope>, Error> {
    shared.read(|db| {
        let failed = database("read the log", &shared.path);
        let _seen = snapshot(db).map_err(&failed)?;
        let dictionary = shared.dictionary();
        let Some(sql) = sql(&query, &dictionary)? else { return Ok(Vec::new()) };
        let mut statement = db.prepare(&sql).map_err(&failed)?;
        let run = query.correlation.map(|run| run.uuid().into_bytes());
        let limit = query.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let mut found = statement
            .query(params![number(query.after), number(query.upto.unwrap_or(u64::MAX)), limit, run])
            .map_err(&failed)?;
        let mut rows = Rows::new(db, &shared.path, shared.project, dictionary.clone());
        let mut events = Vec::new();
        while let Some(row) = found.next().map_err(&failed)? {
            events.push(understood(shared, db, &mut rows, row)?);
        }
        Ok(events)
    })
}

/// An event whose checksum is not asked for, unless it makes no sense: then it is damaged where the checksum says so,
/// and only otherwise something that a newer version wrote.
fn understood(
    shared: &Shared,
    db: &Connection,
    rows: &mut Rows<'_>,
    row: &Row<'_>,
) -> Result<Envelope, Error> {
    let senseless = match rows.envelope(row) {
        Err(error @ Error::Decode { .. }) => error,
        read => return read,
    };
    let Error::Decode { seq, .. } = &senseless else { return Err(senseless) };
    let mut link = link_of(db, &shared.path, shared.project, seq.saturating_sub(1))?;
    match rows.checked(row, &mut link) {
        Err(damage @ Error::Damaged { .. }) => Err(damage),
        _ => Err(senseless),
    }
}

/// A long text, checked against its address.
pub(super) fn blob(shared: &Shared, hash: &Hash) -> Result<Option<Arc<str>>, Error> {
    shared.read(|db| stored(shared, db, hash, &mut Unpacker::default()))
}

/// Many long texts.
pub(super) fn blobs(shared: &Shared, hashes: &[Hash]) -> Result<Blobs, Error> {
    shared.read(|db| {
        let mut unpacker = Unpacker::default();
        let mut found = Blobs::default();
        for hash in hashes {
            if let Some(text) = stored(shared, db, hash, &mut unpacker)? {
                found.0.insert(*hash, text);
            }
        }
        Ok(found)
    })
}

/// The text of a stored row, if it is the one that belongs to the hash.
pub(super) fn text_of(hash: &Hash, size: i64, bytes: &[u8], unpacker: &mut Unpacker) -> Option<Arc<str>> {
    let packed = usize::try_from(size) != Ok(bytes.len());
    let text = if packed { unpacker.unpack(bytes)? } else { bytes };
    (Hash::of(text) == *hash).then(|| std::str::from_utf8(text).ok().map(Arc::from)).flatten()
}

fn stored(
    shared: &Shared,
    db: &Connection,
    hash: &Hash,
    unpacker: &mut Unpacker,
) -> Result<Option<Arc<str>>, Error> {
    let failed = database("read a long text", &shared.path);
    let mut statement =
        db.prepare_cached("SELECT size, bytes FROM blobs WHERE hash = ?1").map_err(&failed)?;
    let found = statement
        .query_row([hash.bytes()], |row| Ok(text_of(hash, row.get(0)?, row.get_ref(1)?.as_blob()?, unpacker)))
        .optional()
        .map_err(&failed)?;
    match found {
        Some(None) => Err(Error::Damaged {
            what: format!("the text {hash}"),
            why: "it does not match its checksum".into(),
            seq: None,
        }),
        Some(text) => Ok(text),
        None => Ok(None),
    }
}

/// One state of the file for all that is read. Begun before the lists are looked at, so that they hold all that is
/// seen; SQLite begins with the first read, not with the transaction.
fn snapshot(db: &Connection) -> rusqlite::Result<Transaction<'_>> {
    let tx = db.unchecked_transaction()?;
    tx.prepare_cached("SELECT count(*) FROM meta")?.query_row([], |row| row.get::<_, i64>(0))?;
    Ok(tx)
}

/// The statement for a query; `None` when nothing can match.
fn sql(query: &Query<'_>, dictionary: &Dictionary) -> Result<Option<String>, Error> {
    let mut sql = format!("SELECT {COLUMNS} FROM events WHERE seq > ?1 AND seq <= ?2");
    // A parameter that is not used has no type; this one is always there.
    sql.push_str(if query.correlation.is_some() { " AND correlation = ?4" } else { " AND ?4 IS NULL" });
    if let Some(branch) = query.branch {
        let n = dictionary.branch(branch).ok_or(Error::UnknownBranch(branch))?;
        written(&mut sql, format_args!(" AND branch = {n}"));
    }
    if let Some(branch) = query.line {
        along(&mut sql, &line(branch, &dictionary.forks).ok_or(Error::UnknownBranch(branch))?, dictionary);
    }
    if !query.kinds.is_empty() {
        let numbers: Vec<usize> = query.kinds.iter().filter_map(|kind| dictionary.kind(kind)).collect();
        let Some(highest) = numbers.iter().max() else { return Ok(None) };
        // The index of rare kinds is only used where the statement says that it suffices.
        let rare = if *highest < RARE.len() { " AND kind < 8" } else { "" };
        let list: Vec<String> = numbers.iter().map(usize::to_string).collect();
        written(&mut sql, format_args!(" AND kind IN ({}){rare}", list.join(", ")));
    }
    sql.push_str(if query.newest_first { " ORDER BY seq DESC LIMIT ?3" } else { " ORDER BY seq LIMIT ?3" });
    Ok(Some(sql))
}

fn along(sql: &mut String, line: &[Reach], dictionary: &Dictionary) {
    if line.len() == 1 && dictionary.forks.is_empty() {
        return;
    }
    for (i, reach) in line.iter().enumerate() {
        let n = dictionary.branch(reach.branch).map_or(-1, |n| n as i64);
        let before = if i == 0 { " AND (" } else { " OR " };
        written(sql, format_args!("{before}(branch = {n} AND seq <= {})", number(reach.upto)));
    }
    sql.push(')');
}

fn written(sql: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = sql.write_fmt(text);
}

/// As SQLite counts.
fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
