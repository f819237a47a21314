//! One project's log in one SQLite file.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use atelier_domain::text::Blobs;
use atelier_domain::{Envelope, Hash};
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::BoxFuture;
use rusqlite::Connection;

use super::fault::{database, io};
use super::lane::{Lane, Pool, Request};
use super::shared::Shared;
use super::writer::Append;
use super::{check, read, snapshot};
use crate::{Batch, Error, Fork, Health, Log, Query, Stats, Verify, VerifyReport};

/// An open log.
pub(super) struct SqliteLog {
    shared: Arc<Shared>,
    lane: Arc<Lane>,
    pool: Arc<Pool>,
}

impl SqliteLog {
    pub(super) fn new(lane: Arc<Lane>, pool: Arc<Pool>) -> Self {
        Self { shared: lane.shared.clone(), lane, pool }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    fn ask(&self, request: impl FnOnce(SyncSender<Result<(), Error>>) -> Request) -> Result<(), Error> {
        let (done, answer) = sync_channel(1);
        self.pool.submit(&self.lane, request(done))?;
        answer.recv().map_err(|_| Error::Closed)?
    }
}

impl Log for SqliteLog {
    fn append(&self, expected_seq: u64, batch: Batch) -> BoxFuture<'static, Result<Vec<Envelope>, Error>> {
        let (answer, answered) = oneshot::channel();
        let queued = self.shared.writable().and_then(|()| {
            self.pool.submit(&self.lane, Request::Append(Append { expected_seq, batch, answer }))
        });
        match queued {
            Ok(()) => async { answered.await.map_err(|_| Error::Closed)? }.boxed(),
            Err(error) => futures::future::ready(Err(error)).boxed(),
        }
    }

    fn last_seq(&self) -> u64 {
        self.shared.last_seq()
    }

    fn health(&self) -> Health {
        self.shared.health()
    }

    fn read(&self, query: Query<'_>) -> Result<Vec<Envelope>, Error> {
        read::read(&self.shared, query)
    }

    fn for_each(
        &self,
        after: u64,
        upto: Option<u64>,
        verify: Verify,
        f: &mut dyn FnMut(Envelope) -> ControlFlow<()>,
    ) -> Result<u64, Error> {
        read::for_each(&self.shared, after, upto, verify, f)
    }

    fn blob(&self, hash: &Hash) -> Result<Option<Arc<str>>, Error> {
        read::blob(&self.shared, hash)
    }

    fn blobs(&self, hashes: &[Hash]) -> Result<Blobs, Error> {
        read::blobs(&self.shared, hashes)
    }

    fn forks(&self) -> Result<Vec<Fork>, Error> {
        let dictionary = self.shared.dictionary();
        let stored = |fork: &&Fork| fork.seq <= self.shared.last_seq();
        Ok(dictionary.forks.iter().filter(stored).cloned().collect())
    }

    fn snapshot_put(&self, seq: u64, fold_version: u32, bytes: &[u8]) -> Result<(), Error> {
        snapshot::put(&self.shared, seq, fold_version, bytes)
    }

    fn snapshot_latest(&self, at_or_before: u64, fold_version: u32) -> Result<Option<(u64, Vec<u8>)>, Error> {
        snapshot::latest(&self.shared, at_or_before, fold_version)
    }

    fn snapshots_drop(&self) -> Result<(), Error> {
        snapshot::drop_all(&self.shared)
    }

    fn verify(&self) -> Result<VerifyReport, Error> {
        check::everything(&self.shared)
    }

    fn stats(&self) -> Result<Stats, Error> {
        let (blobs, bytes_blobs) = self.shared.read(|db| {
            let sums = |db: &Connection| {
                db.query_row("SELECT count(*), coalesce(sum(length(bytes)), 0) FROM blobs", [], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
                })
            };
            sums(db).map_err(database("count the long texts", &self.shared.path))
        })?;
        let mut bytes_log = 0;
        for name in ["log.db", "log.db-wal"] {
            let path = self.shared.folder.join(name);
            match std::fs::metadata(&path) {
                Ok(about) => bytes_log += about.len(),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(io("look at", &path)(error)),
            }
        }
        Ok(Stats {
            events: self.shared.last_seq(),
            bytes_log,
            blobs: blobs.unsigned_abs(),
            bytes_blobs: bytes_blobs.unsigned_abs(),
            bytes_snapshots: snapshot::bytes(&self.shared.folder)?,
        })
    }

    fn checkpoint(&self) -> Result<(), Error> {
        match self.shared.is_closed() {
            true => Err(Error::Closed),
            false => self.ask(Request::Checkpoint),
        }
    }

    fn close(&self) -> Result<(), Error> {
        match self.shared.is_closed() {
            true => Ok(()),
            false => self.ask(Request::Close),
        }
    }

    fn path(&self) -> Option<PathBuf> {
        Some(self.shared.folder.clone())
    }
}

impl Drop for SqliteLog {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::warn!(project = %self.shared.project, %error, "the project was not closed cleanly; nothing is lost");
        }
    }
}
