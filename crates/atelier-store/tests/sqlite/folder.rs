//! The data folder: who owns it, its rights, and the list that is made from it.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use atelier_domain::Draft;
use atelier_domain::Timestamp;
use atelier_domain::event::ProjectEvent;
use atelier_domain::event::project::ProjectRenamed;
use atelier_store::conformance::{Samples, batch, everything};
use atelier_store::{Error, Status, Store};
use futures::executor::block_on;

use crate::{fill, project, store};

#[test]
fn one_store_owns_a_folder_and_the_other_may_only_read() {
    let folder = tempfile::tempdir().unwrap();
    let (mut make, _) = project(folder.path(), 1, 3);
    let [owner, guest] = [store(folder.path()), store(folder.path())];
    let lock = owner.lock().unwrap();
    let pid = std::process::id();
    assert!(matches!(guest.lock(), Err(Error::Locked { pid: Some(found) }) if found == pid));
    assert!(matches!(guest.create(Samples::new(2).project(), "two"), Err(Error::Locked { .. })));
    let theirs = guest.open(make.project()).unwrap();
    assert_eq!(everything(&*theirs).len(), 3);
    let refused = block_on(theirs.append(3, batch(vec![make.said("no")])));
    assert!(matches!(refused, Err(Error::Locked { .. })), "{refused:?}");

    // The owner goes on, with words the guest has not seen, and the guest can read them.
    let ours = owner.open(make.project()).unwrap();
    block_on(ours.append(3, batch(vec![make.of_run(1, "an agent speaks")]))).unwrap();
    assert_eq!(everything(&*theirs).len(), 4);

    drop((ours, lock, owner));
    drop(guest.lock().unwrap());
    block_on(theirs.append(4, batch(vec![make.said("now")]))).unwrap();
    assert_eq!(everything(&*theirs).len(), 5);
}

#[test]
fn only_the_owner_of_the_account_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let store = store(&data);
    let mut make = Samples::new(1);
    let log = store.create(make.project(), "one").unwrap();
    fill(&*log, &mut make, 2);
    log.snapshot_put(2, 1, b"state").unwrap();
    let mut seen = 0;
    check_rights(&data, &mut seen);
    assert!(seen >= 10, "only {seen} files and folders seen");
}

fn check_rights(path: &Path, seen: &mut usize) {
    *seen += 1;
    let about = std::fs::metadata(path).unwrap();
    let expected = if about.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(about.permissions().mode() & 0o777, expected, "{}", path.display());
    if about.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| check_rights(&entry.unwrap().path(), seen));
    }
}

#[test]
fn a_lost_or_broken_list_is_made_again_from_the_folders() {
    let folder = tempfile::tempdir().unwrap();
    let now = Timestamp::from_micros(1_700_000_000_000_000);
    let (mut one, _) = project(folder.path(), 1, 3);
    let (two, _) = project(folder.path(), 2, 2);
    let before = {
        let store = store(folder.path());
        let log = store.open(one.project()).unwrap();
        let renamed = ProjectEvent::Renamed(ProjectRenamed { name: "The Reef".into() }).into();
        let last = block_on(log.append(3, batch(vec![Draft { event: renamed, ..one.said("") }]))).unwrap();
        store.rename(one.project(), "The Reef").unwrap();
        store.note(one.project(), 4, last[0].at);
        store.trash(two.project(), now).unwrap();
        store.projects().unwrap()
    };
    assert_eq!(before[0].name, "The Reef");
    let list = folder.path().join("registry.db");
    for damage in ["delete", "garbage", "truncate"] {
        match damage {
            "delete" => std::fs::remove_file(&list).unwrap(),
            "garbage" => {
                std::fs::write(&list, "not a database, but long enough to be read as one".repeat(9)).unwrap();
            }
            _ => std::fs::File::options().write(true).open(&list).unwrap().set_len(5000).unwrap(),
        }
        let store = store(folder.path());
        let mut after = store.projects().unwrap();
        // When a project in the trash last changed is known from its events only.
        after[1].updated_at = before[1].updated_at;
        after[1].last_seq = before[1].last_seq;
        assert_eq!(after, before, "after {damage}");
        assert_eq!(after[1].status, Status::Trashed { at: now });
        store.restore(two.project()).unwrap();
        assert_eq!(everything(&*store.open(two.project()).unwrap()).len(), 2);
        store.trash(two.project(), now).unwrap();
    }
}

#[test]
fn a_broken_folder_is_listed_and_disturbs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (one, file) = project(folder.path(), 1, 3);
    let (two, _) = project(folder.path(), 2, 3);
    std::fs::write(&file, "nonsense".repeat(1000)).unwrap();
    std::fs::write(folder.path().join("projects/a note of mine.txt"), "hello").unwrap();
    std::fs::remove_file(folder.path().join("registry.db")).unwrap();
    let store = store(folder.path());
    let rows = store.projects().unwrap();
    assert_eq!(rows.len(), 2);
    let broken = rows.iter().find(|row| row.id == one.project()).unwrap();
    assert!(broken.damaged.is_some());
    assert!(matches!(store.open(one.project()), Err(Error::Damaged { .. })));
    assert_eq!(everything(&*store.open(two.project()).unwrap()).len(), 3);
}

#[test]
fn a_project_that_is_a_link_to_elsewhere_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let (one, file) = project(folder.path(), 1, 3);
    let home = file.parent().unwrap();
    std::fs::rename(home, elsewhere.path().join("stolen")).unwrap();
    symlink(elsewhere.path().join("stolen"), home).unwrap();
    let store = store(folder.path());
    assert!(matches!(store.open(one.project()), Err(Error::Damaged { .. })));
    store.purge(one.project()).unwrap();
    assert!(elsewhere.path().join("stolen/log.db").exists(), "what a link points to is not ours to remove");
    assert!(std::fs::symlink_metadata(home).is_err());
}

#[test]
fn a_purge_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (one, _) = project(folder.path(), 77, 3);
    let store = store(folder.path());
    store.purge(one.project()).unwrap();
    drop(store);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(8).any(|part| part == b"world 77");
            assert!(!found, "{} still knows the name", path.display());
        }
    }
    assert_eq!(std::fs::read_dir(folder.path().join("projects")).unwrap().count(), 0);
}
