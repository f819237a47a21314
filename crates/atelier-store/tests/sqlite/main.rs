//! Tests of the SQLite back-end: the promises of every back-end, and what only files can break.
#![allow(clippy::unwrap_used, reason = "helpers of tests: what fails ends the test")]

mod conformance;
mod faults;
mod folder;

use std::path::Path;

use atelier_store::conformance::{Samples, batch};
use atelier_store::{Log, SqliteStore, Store};
use futures::executor::block_on;

/// A store in a folder.
fn store(data: &Path) -> SqliteStore {
    SqliteStore::open(data).unwrap()
}

/// A closed project of so many events in a folder; what it is called by, and its file.
fn project(data: &Path, world: u128, events: usize) -> (Samples, std::path::PathBuf) {
    let store = store(data);
    let mut make = Samples::new(world);
    let log = store.create(make.project(), &format!("world {world}")).unwrap();
    fill(&*log, &mut make, events);
    log.close().unwrap();
    let path = log.path().unwrap().join("log.db");
    (make, path)
}

fn fill(log: &dyn Log, make: &mut Samples, events: usize) {
    for n in 0..events {
        let draft = make.said(&format!("the ledger of the valley remembers coin {n}"));
        block_on(log.append(log.last_seq(), batch(vec![draft]))).unwrap();
    }
}
