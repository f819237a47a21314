//! Damage, torn tails, newer formats, full disks: the project alone suffers, and says why.

use std::path::Path;
use std::process::Command;

use atelier_store::conformance::{batch, everything};
use atelier_store::{Error, Health, Query, Store, Verify};
use futures::executor::block_on;

use crate::{fill, project, store};

/// Changes one letter of the body of an event, in the file itself.
fn damage(file: &Path, text: &str) {
    let mut bytes = std::fs::read(file).unwrap();
    let at = bytes.windows(text.len()).position(|part| part == text.as_bytes()).unwrap();
    bytes[at] ^= 1;
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn a_flipped_byte_is_named_and_only_its_project_becomes_read_only() {
    let folder = tempfile::tempdir().unwrap();
    let (mut one, file) = project(folder.path(), 1, 9);
    let (mut two, _) = project(folder.path(), 2, 1);
    damage(&file, "coin 6");
    let store = store(folder.path());
    let log = store.open(one.project()).unwrap();
    let Health::ReadOnly { reason, fix } = log.health() else { panic!("the damage was not noticed") };
    assert!(reason.contains("event 7"), "{reason}");
    assert!(!fix.is_empty());
    let refused = block_on(log.append(9, batch(vec![one.said("no")]))).unwrap_err();
    assert!(matches!(refused, Error::ReadOnly { .. }) && refused.hint().is_some());

    let report = log.verify().unwrap();
    assert_eq!((report.events, report.first_bad), (6, Some(7)));
    let mut read = 0;
    let broken = log.for_each(0, None, Verify::Chain, &mut |_| {
        read += 1;
        std::ops::ControlFlow::Continue(())
    });
    assert!(matches!(broken, Err(Error::Damaged { seq: Some(7), .. })));
    assert_eq!(read, 6);
    assert_eq!(log.read(Query { upto: Some(6), ..Query::default() }).unwrap().len(), 6);

    let other = store.open(two.project()).unwrap();
    block_on(other.append(1, batch(vec![two.said("as if nothing had happened")]))).unwrap();
    assert_eq!(other.health(), Health::Ok);
}

#[test]
fn an_event_whose_kind_was_damaged_is_damaged_and_not_of_a_newer_version() {
    let folder = tempfile::tempdir().unwrap();
    let (make, file) = project(folder.path(), 1, 9);
    damage(&file, "message.sent");
    let store = store(folder.path());
    let log = store.open(make.project()).unwrap();
    let read = log.for_each(0, None, Verify::No, &mut |_| std::ops::ControlFlow::Continue(()));
    assert!(matches!(read, Err(Error::Damaged { seq: Some(_), .. })), "{read:?}");
    let asked = log.read(Query::default());
    assert!(matches!(asked, Err(Error::Damaged { seq: Some(_), .. })), "{asked:?}");
    let Health::ReadOnly { reason, .. } = log.health() else { panic!("the damage was not noticed") };
    assert!(reason.contains("damaged"), "{reason}");
}

#[test]
fn damage_in_an_old_event_of_a_long_log_is_found_beside_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let (mut make, file) = project(folder.path(), 1, 3);
    {
        let store = store(folder.path());
        let log = store.open(make.project()).unwrap();
        let many = (0..6000).map(|n| make.said(&n.to_string())).collect();
        block_on(log.append(3, batch(many))).unwrap();
    }
    damage(&file, "coin 1");
    let store = store(folder.path());
    let log = store.open(make.project()).unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while log.health() == Health::Ok {
        assert!(std::time::Instant::now() < deadline, "the damage was not noticed");
        std::thread::yield_now();
    }
    let Health::ReadOnly { reason, .. } = log.health() else { panic!() };
    assert!(reason.contains("event 2"), "{reason}");
}

#[test]
fn an_event_that_was_removed_or_moved_in_from_another_project_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    for (world, sql, seq) in [
        (1, "DELETE FROM events WHERE seq = 5", 5),
        (2, "DELETE FROM events WHERE seq = 1", 1),
        (3, "UPDATE events SET seq = 40 WHERE seq = 9", 9),
        (4, "UPDATE actors SET id = 'somebody else'", 1),
        (
            5,
            "UPDATE meta SET value = value || '' WHERE key = 'name'; UPDATE events SET at = at + 1 WHERE seq = 3",
            3,
        ),
    ] {
        let (make, file) = project(folder.path(), world, 9);
        raw(&file).execute_batch(sql).unwrap();
        let store = store(folder.path());
        let log = store.open(make.project()).unwrap();
        assert!(matches!(log.health(), Health::ReadOnly { .. }), "{sql}");
        assert_eq!(log.verify().unwrap().first_bad, Some(seq), "{sql}");
    }
}

#[test]
fn a_long_text_that_changed_is_not_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let (mut make, file) = project(folder.path(), 1, 1);
    let mut blobs = atelier_domain::text::Blobs::default();
    {
        let store = store(folder.path());
        let log = store.open(make.project()).unwrap();
        let drafts = vec![make.long(&mut blobs)];
        block_on(log.append(1, atelier_store::Batch { drafts, blobs: blobs.clone() })).unwrap();
    }
    raw(&file).execute_batch("UPDATE blobs SET bytes = substr(bytes, 2)").unwrap();
    let store = store(folder.path());
    let log = store.open(make.project()).unwrap();
    let hash = *blobs.0.keys().next().unwrap();
    assert!(matches!(log.blob(&hash), Err(Error::Damaged { .. })));
    assert_eq!(log.verify().unwrap().problems.len(), 1);
}

#[test]
fn a_torn_tail_ends_in_a_prefix_and_never_in_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let store_ = store(&data);
    let mut make = atelier_store::conformance::Samples::new(1);
    let log = store_.create(make.project(), "one").unwrap();
    fill(&*log, &mut make, 12);
    let home = log.path().unwrap();
    // Both at once, before an idle moment moves anything from one to the other.
    let [main, wal] = ["log.db", "log.db-wal"].map(|name| std::fs::read(home.join(name)).unwrap());
    const FRAME: usize = 24 + 4096;
    let written = wal.len() - wal.iter().rev().take_while(|byte| **byte == 0).count();
    let mut lengths = std::collections::BTreeSet::new();
    let frames = (0..=written / FRAME + 1).map(|n| 32 + n * FRAME);
    let cuts = frames.flat_map(|border| [border, border + 25, border + FRAME / 2]);
    for cut in [0, 31].into_iter().chain(cuts).filter(|cut| *cut <= wal.len()) {
        let copy = folder.path().join(format!("cut-{cut}"));
        let there = copy.join("projects").join(home.file_name().unwrap());
        std::fs::create_dir_all(&there).unwrap();
        std::fs::write(there.join("log.db"), &main).unwrap();
        std::fs::write(there.join("log.db-wal"), &wal[..cut]).unwrap();
        let store = store(&copy);
        let log = store.open(make.project()).unwrap();
        assert_eq!(log.health(), Health::Ok, "cut at {cut}");
        let kept = everything(&*log).len();
        fill(&*log, &mut make, 1);
        assert_eq!(everything(&*log).len(), kept + 1, "cut at {cut}");
        lengths.insert(kept);
    }
    assert_eq!(lengths, (0..=12).collect());
}

#[test]
fn a_newer_format_is_refused_in_words_and_a_foreign_database_too() {
    let folder = tempfile::tempdir().unwrap();
    let (one, file) = project(folder.path(), 1, 2);
    raw(&file).execute_batch("PRAGMA user_version = 2").unwrap();
    let store = store(folder.path());
    let Err(refused) = store.open(one.project()) else { panic!("a newer format was opened") };
    assert!(matches!(refused, Error::NewerFormat { found: 2, supported: 1, .. }), "{refused}");
    assert!(refused.hint().unwrap().contains("update"));

    raw(&file).execute_batch("PRAGMA user_version = 1; PRAGMA application_id = 7").unwrap();
    assert!(matches!(store.open(one.project()), Err(Error::Damaged { .. })));
}

#[test]
fn an_event_of_a_kind_that_is_not_known_makes_the_project_read_only() {
    let folder = tempfile::tempdir().unwrap();
    let (one, file) = project(folder.path(), 1, 2);
    raw(&file).execute_batch("INSERT INTO kinds VALUES(8, 'dream.dreamt')").unwrap();
    let store = store(folder.path());
    let log = store.open(one.project()).unwrap();
    let Health::ReadOnly { reason, fix } = log.health() else { panic!("it was not noticed") };
    assert!(reason.contains("dream.dreamt") && fix.contains("update"));
    assert_eq!(everything(&*log).len(), 2);
}

#[test]
fn snapshots_of_another_history_or_with_a_flipped_byte_are_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let (one, file) = project(folder.path(), 1, 5);
    let (two, other) = project(folder.path(), 2, 5);
    let store = store(folder.path());
    let log = store.open(one.project()).unwrap();
    log.snapshot_put(4, 1, b"four").unwrap();
    log.snapshot_put(5, 1, b"five").unwrap();
    let snapshots = file.parent().unwrap().join("snapshots");
    let five = snapshots.join("5-1.snap");
    let mut bytes = std::fs::read(&five).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&five, bytes).unwrap();
    assert_eq!(log.verify().unwrap().problems.len(), 1);
    assert_eq!(log.snapshot_latest(5, 1).unwrap(), Some((4, b"four".to_vec())));
    assert!(!five.exists());

    let theirs = other.parent().unwrap().join("snapshots");
    std::fs::create_dir(&theirs).unwrap();
    std::fs::copy(snapshots.join("4-1.snap"), theirs.join("4-1.snap")).unwrap();
    assert_eq!(store.open(two.project()).unwrap().snapshot_latest(5, 1).unwrap(), None);
}

/// A small disk of its own, where this process may have one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(folder.path()).output();
        mount.is_ok_and(|done| done.status.success()).then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_stops_writing_and_loses_nothing() {
    let Some(disk) = SmallDisk::new() else {
        eprintln!("skipped: a small disk needs the right to mount one");
        return;
    };
    let (mut make, _) = project(disk.0.path(), 1, 1);
    let store = store(disk.0.path());
    let log = store.open(make.project()).unwrap();
    let mut n = 1;
    let refused = loop {
        let text = format!("{n} {}", "no compression makes this shorter".repeat(1 + n as usize % 7));
        match block_on(log.append(n, batch(vec![make.said(&text)]))) {
            Ok(_) => n += 1,
            Err(error) => break error,
        }
        assert!(n < 100_000, "the disk never filled");
    };
    assert!(matches!(&refused, Error::ReadOnly { reason, .. } if reason.contains("full")), "{refused}");
    assert_eq!(everything(&*log).len() as u64, n, "what was acknowledged can be read on the full disk");

    let again = store.open(make.project()).unwrap();
    assert_eq!(everything(&*again).len() as u64, n);
    drop(again);
    // Room again: the same folder with more space under it.
    let larger = Command::new("mount").args(["-o", "remount,size=16m"]).arg(disk.0.path()).status().unwrap();
    assert!(larger.success());
    let again = store.open(make.project()).unwrap();
    assert_eq!(again.health(), Health::Ok);
    block_on(again.append(n, batch(vec![make.said("and on")]))).unwrap();
    assert_eq!(everything(&*again).len() as u64, n + 1);
}

#[expect(clippy::disallowed_methods, reason = "a test that damages the file behind the store's back")]
fn raw(file: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(file).unwrap()
}
