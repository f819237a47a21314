//! What every back-end must do. A back-end's tests call [`all`] with a way to make an empty store.
//!
//! Owns: the promises of the traits, as tests. Does not own: what only one back-end can break (files, locks, torn
//! writes). Each function is one promise and may be called alone.
#![allow(clippy::unwrap_used, reason = "a suite of tests: a failed promise ends the test that asked for it")]

mod lines;
mod samples;

use std::ops::ControlFlow;
use std::sync::Arc;

use atelier_domain::text::Blobs;
use atelier_domain::{BranchId, Envelope, Hash, Timestamp};
use futures::executor::block_on;

pub use lines::{Op, agrees_with_model};
pub use samples::Samples;

use crate::{Batch, Error, Health, Log, Query, Status, Store, Verify};

/// A way to make an empty store.
pub type Fresh<'a> = &'a dyn Fn() -> Box<dyn Store>;

/// Every promise.
pub fn all(fresh: Fresh<'_>) {
    what_is_appended_is_read_back(fresh);
    a_wrong_expectation_is_a_conflict_and_changes_nothing(fresh);
    a_refused_batch_leaves_nothing_behind(fresh);
    sixteen_writers_leave_no_gap(fresh);
    queued_appends_keep_their_order(fresh);
    queries_restrict_and_order(fresh);
    lines_follow_nested_forks(fresh);
    a_fork_must_make_sense(fresh);
    texts_are_kept_once_and_whole(fresh);
    snapshots_come_back_unless_they_do_not_fit(fresh);
    a_closed_log_opens_equal(fresh);
    the_list_of_projects_is_kept(fresh);
    projects_do_not_see_each_other(fresh);
    a_whole_log_is_found_whole(fresh);
}

/// Everything in a log, checked on the way.
pub fn everything(log: &dyn Log) -> Vec<Envelope> {
    let mut all = Vec::new();
    let last = log
        .for_each(0, None, Verify::Chain, &mut |envelope| {
            all.push(envelope);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(last, all.len() as u64);
    all
}

/// Events come back as they were given, numbered from one.
pub fn what_is_appended_is_read_back(fresh: Fresh<'_>) {
    let store = fresh();
    let mut make = Samples::new(1);
    let log = store.create(make.project(), "one").unwrap();
    assert_eq!((log.last_seq(), log.health()), (0, Health::Ok));
    assert_eq!(everything(&*log), []);

    let drafts =
        vec![make.created("one"), make.bucket("Mara"), make.said("brighter"), make.of_run(7, "in a run")];
    let first = block_on(log.append(0, batch(drafts.clone()))).unwrap();
    let second = block_on(log.append(4, batch(vec![make.said("again")]))).unwrap();
    assert_eq!(first.iter().map(|envelope| envelope.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
    for (envelope, draft) in first.iter().zip(drafts) {
        let placed = Envelope::place(draft, make.project(), envelope.seq);
        assert_eq!(*envelope, placed);
    }
    assert_eq!(everything(&*log), [first, second].concat());
    assert_eq!(log.last_seq(), 5);
}

/// Who expects another last event than there is gets told, and nothing of the batch is kept.
pub fn a_wrong_expectation_is_a_conflict_and_changes_nothing(fresh: Fresh<'_>) {
    let store = fresh();
    let mut make = Samples::new(2);
    let log = store.create(make.project(), "one").unwrap();
    block_on(log.append(0, batch(vec![make.created("one")]))).unwrap();
    for expected in [0, 2, u64::MAX] {
        let refused = block_on(log.append(expected, batch(vec![make.said("no")])));
        assert!(matches!(refused, Err(Error::Conflict { actual: 1, .. })), "{refused:?}");
        assert!(refused.unwrap_err().is_retryable());
    }
    assert_eq!(everything(&*log).len(), 1);
}

/// A batch with one bad event leaves none of its events, texts or branches.
pub fn a_refused_batch_leaves_nothing_behind(fresh: Fresh<'_>) {
    let store = fresh();
    let mut make = Samples::new(3);
    let log = store.create(make.project(), "one").unwrap();
    let mut blobs = Blobs::default();
    let long = make.long(&mut blobs);
    let hash = *blobs.0.keys().next().unwrap();
    let (fork, branch) = make.fork("side", BranchId::MAIN, 0);
    let stray = make.on(make.branch(99));
    let refused = block_on(log.append(0, Batch { drafts: vec![long, fork, stray], blobs }));
    assert!(matches!(refused, Err(Error::UnknownBranch(_))), "{refused:?}");

    let forged = Blobs([(Hash::of(b"something"), Arc::from("something else"))].into());
    let refused =
        block_on(log.append(0, Batch { drafts: vec![make.said("with a forged text")], blobs: forged }));
    assert!(matches!(refused, Err(Error::BadBlob(_))), "{refused:?}");

    assert_eq!(log.last_seq(), 0);
    assert_eq!(log.blob(&hash).unwrap(), None);
    assert_eq!(log.forks().unwrap(), []);
    let unknown = log.read(Query { line: Some(branch), ..Query::default() });
    assert!(matches!(unknown, Err(Error::UnknownBranch(_))));
    block_on(log.append(0, batch(vec![make.created("one")]))).unwrap();
    assert_eq!(everything(&*log).len(), 1);
}

/// Writers at once, each trying again after a conflict: no number twice, none missing, none lost.
pub fn sixteen_writers_leave_no_gap(fresh: Fresh<'_>) {
    let store = fresh();
    let make = Samples::new(4);
    let log = store.create(make.project(), "one").unwrap();
    std::thread::scope(|scope| {
        for writer in 0..16 {
            let log = &log;
            scope.spawn(move || {
                let mut make = Samples::new(100 + writer);
                for n in 0..20 {
                    let draft = make.said(&format!("{writer}:{n}"));
                    while let Err(error) = block_on(log.append(log.last_seq(), batch(vec![draft.clone()]))) {
                        assert!(error.is_retryable(), "{error}");
                    }
                }
            });
        }
    });
    let all = everything(&*log);
    assert_eq!(all.len(), 320);
    let ids: std::collections::HashSet<_> = all.iter().map(|envelope| envelope.id).collect();
    assert_eq!(ids.len(), 320);
}

/// Appends that are queued without waiting are stored in the order of the calls.
pub fn queued_appends_keep_their_order(fresh: Fresh<'_>) {
    let store = fresh();
    let mut make = Samples::new(5);
    let log = store.create(make.project(), "one").unwrap();
    let drafts: Vec<_> = (0..100).map(|n| make.said(&n.to_string())).collect();
    let waiting: Vec<_> =
        (0..).zip(&drafts).map(|(n, draft)| log.append(n, batch(vec![draft.clone()]))).collect();
    let answered = block_on(futures::future::try_join_all(waiting)).unwrap();
    let ids: Vec<_> = answered.concat().iter().map(|envelope| envelope.id).collect();
    assert_eq!(ids, drafts.iter().map(|draft| draft.id).collect::<Vec<_>>());
    assert_eq!(everything(&*log).len(), 100);
}

/// Every restriction of a query, alone and together.
pub fn queries_restrict_and_order(fresh: Fresh<'_>) {
    let store = fresh();
    let mut make = Samples::new(6);
    let log = store.create(make.project(), "one").unwrap();
    let drafts = vec![
        make.created("one"),
        make.of_run(1, "a"),
        make.of_run(2, "b"),
        make.bucket("Mara"),
        make.of_run(1, "c"),
    ];
    block_on(log.append(0, batch(drafts))).unwrap();
    let run = Some(make.run(1));
    let seqs = |query: Query<'_>| -> Vec<u64> {
        log.read(query).unwrap().iter().map(|envelope| envelope.seq).collect()
    };
    let all = Query::default();
    assert_eq!(seqs(all), [1, 2, 3, 4, 5]);
    assert_eq!(seqs(Query { after: 2, upto: Some(4), ..all }), [3, 4]);
    assert_eq!(seqs(Query { limit: Some(2), ..all }), [1, 2]);
    assert_eq!(seqs(Query { limit: Some(2), newest_first: true, ..all }), [5, 4]);
    assert_eq!(seqs(Query { correlation: run, ..all }), [2, 5]);
    assert_eq!(seqs(Query { correlation: run, after: 2, ..all }), [5]);
    assert_eq!(seqs(Query { kinds: &["bucket.created"], ..all }), [4]);
    assert_eq!(
        seqs(Query { kinds: &["project.created", "bucket.created"], newest_first: true, ..all }),
        [4, 1]
    );
    assert_eq!(seqs(Query { kinds: &["project.created", "message.sent"], limit: Some(3), ..all }), [1, 2, 3]);
    assert_eq!(seqs(Query { kinds: &["gate.opened"], ..all }), [] as [u64; 0]);
    assert_eq!(seqs(Query { branch: Some(BranchId::MAIN), limit: Some(1), ..all }), [1]);

    let mut some = Vec::new();
    let last = log.for_each(1, Some(4), Verify::No, &mut |envelope| {
        some.push(envelope.seq);
        if envelope.seq == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((some, last.unwrap()), (vec![2, 3], 3));
}

/// A branch sees its parents' events up to the forks, then its own.
pub fn lines_follow_nested_forks(fresh: Fresh<'_>) {
    let main = || Op::Append { branch: 0 };
    let ops = [
        main(),
        main(),
        Op::Fork { parent: 0, back: 1 },
        Op::Append { branch: 1 },
        main(),
        Op::Append { branch: 1 },
        Op::Fork { parent: 1, back: 2 },
        Op::Append { branch: 2 },
        Op::Append { branch: 1 },
        Op::Fork { parent: 2, back: 6 },
        main(),
        Op::Append { branch: 3 },
    ];
    agrees_with_model(&*fresh(), &ops);
}

/// A fork of nothing, of the future, or of a branch that is there already is refused.
pub fn a_fork_must_make_sense(fresh: Fresh<'_>) {
    let store = fresh();
    let mut make = Samples::new(7);
    let log = store.create(make.project(), "one").unwrap();
    let (fork, side) = make.fork("side", BranchId::MAIN, 1);
    block_on(log.append(0, batch(vec![make.created("one"), fork.clone(), make.on(side)]))).unwrap();
    let (future, _) = make.fork("future", BranchId::MAIN, 4);
    let (orphan, _) = make.fork("orphan", make.branch(99), 1);
    for bad in [fork, future, orphan] {
        let refused = block_on(log.append(3, batch(vec![bad])));
        assert!(matches!(refused, Err(Error::BadFork { .. } | Error::UnknownBranch(_))), "{refused:?}");
    }
    let forks = log.forks().unwrap();
    assert_eq!(forks.len(), 1);
    assert_eq!(
        (forks[0].branch, forks[0].name.as_str(), forks[0].at_seq, forks[0].seq),
        (side, "side", 1, 2)
    );
}

/// Long texts are stored once however often they are named, and come back to the byte.
pub fn texts_are_kept_once_and_whole(fresh: Fresh<'_>) {
    let store = fresh();
    let mut make = Samples::new(8);
    let log = store.create(make.project(), "one").unwrap();
    let mut blobs = Blobs::default();
    let texts = [
        "the river remembers ".repeat(200),
        "ü🐙\u{200f}".repeat(500),
        samples::noise(5_000),
        "x".repeat(3 << 20),
        samples::noise(1 << 20),
    ];
    for text in &texts {
        blobs.0.insert(Hash::of(text.as_bytes()), Arc::from(text.as_str()));
    }
    block_on(log.append(0, Batch { drafts: vec![make.created("one")], blobs: blobs.clone() })).unwrap();
    let before = log.stats().unwrap();
    block_on(log.append(1, Batch { drafts: vec![make.said("once more")], blobs: blobs.clone() })).unwrap();
    let after = log.stats().unwrap();
    assert_eq!((before.blobs, before.bytes_blobs), (after.blobs, after.bytes_blobs));
    assert_eq!(after.blobs, texts.len() as u64);

    let absent = Hash::of(b"absent");
    let asked: Vec<Hash> = blobs.0.keys().copied().chain([absent]).collect();
    assert_eq!(log.blobs(&asked).unwrap(), blobs);
    assert_eq!(log.blob(&absent).unwrap(), None);
    assert_eq!(log.blob(&asked[0]).unwrap().as_ref(), blobs.0.get(&asked[0]));

    let huge = make.said(&"a long line in place, not a blob. ".repeat(40_000));
    block_on(log.append(2, batch(vec![huge.clone()]))).unwrap();
    assert_eq!(everything(&*log)[2].event, huge.event);
}

/// Snapshots are found by number and fold version; old ones remain, spread out.
pub fn snapshots_come_back_unless_they_do_not_fit(fresh: Fresh<'_>) {
    let store = fresh();
    let mut make = Samples::new(9);
    let log = store.create(make.project(), "one").unwrap();
    let drafts = (0..10).map(|n| make.said(&n.to_string())).collect();
    block_on(log.append(0, batch(drafts))).unwrap();
    assert_eq!(log.snapshot_latest(10, 1).unwrap(), None);
    log.snapshot_put(3, 1, b"three").unwrap();
    log.snapshot_put(7, 1, b"seven").unwrap();
    assert_eq!(log.snapshot_latest(10, 1).unwrap(), Some((7, b"seven".to_vec())));
    assert_eq!(log.snapshot_latest(6, 1).unwrap(), Some((3, b"three".to_vec())));
    assert_eq!(log.snapshot_latest(2, 1).unwrap(), None);
    log.snapshot_put(7, 1, b"seven again").unwrap();
    assert_eq!(log.snapshot_latest(u64::MAX, 1).unwrap(), Some((7, b"seven again".to_vec())));
    assert!(log.snapshot_put(11, 1, b"the future").is_err());
    assert_eq!(log.snapshot_latest(10, 2).unwrap(), None, "another fold version is of no use");
    log.snapshot_put(8, 2, b"eight").unwrap();
    log.snapshots_drop().unwrap();
    assert_eq!(log.snapshot_latest(10, 2).unwrap(), None);
}

/// Closing and opening again changes nothing that can be seen.
pub fn a_closed_log_opens_equal(fresh: Fresh<'_>) {
    let store = fresh();
    let mut make = Samples::new(10);
    let log = store.create(make.project(), "one").unwrap();
    let mut blobs = Blobs::default();
    let (fork, side) = make.fork("side", BranchId::MAIN, 1);
    let drafts = vec![make.created("one"), make.long(&mut blobs), fork, make.on(side), make.of_run(3, "x")];
    block_on(log.append(0, Batch { drafts, blobs: blobs.clone() })).unwrap();
    let seen = |log: &dyn Log| (everything(log), log.forks().unwrap(), log.last_seq(), log.health());
    let before = seen(&*log);
    log.checkpoint().unwrap();
    assert_eq!(seen(&*log), before);
    log.close().unwrap();
    assert!(matches!(block_on(log.append(5, batch(vec![make.said("late")]))), Err(Error::Closed)));
    assert!(matches!(log.read(Query::default()), Err(Error::Closed)));

    let again = store.open(make.project()).unwrap();
    assert_eq!(seen(&*again), before);
    assert_eq!(again.blobs(&blobs.0.keys().copied().collect::<Vec<_>>()).unwrap(), blobs);
    block_on(again.append(5, batch(vec![make.said("and on")]))).unwrap();
    assert_eq!(everything(&*again).len(), 6);
}

/// Names are unique among active projects; trash and purge do what they say.
pub fn the_list_of_projects_is_kept(fresh: Fresh<'_>) {
    let store = fresh();
    let [one, two] = [Samples::new(11).project(), Samples::new(12).project()];
    let now = Timestamp::from_micros(1_700_000_000_000_000);
    store.create(one, "The River").unwrap();
    assert!(matches!(store.create(two, " river "), Err(Error::NameTaken { .. })));
    assert!(matches!(store.create(one, "Another"), Err(Error::IdTaken { .. })));
    store.create(two, "🐙").unwrap();
    assert!(matches!(store.rename(two, "the river"), Err(Error::NameTaken { .. })));
    store.rename(one, "THE RIVER").unwrap();
    assert_eq!(store.find("the river").unwrap().unwrap().id, one);
    assert_eq!(store.find(&two.to_string()).unwrap().unwrap().name, "🐙");
    assert_eq!(store.find("nobody").unwrap(), None);
    store.note(two, 42, now);
    let row = store.find("🐙").unwrap().unwrap();
    assert_eq!((row.last_seq, row.updated_at, row.status), (42, now, Status::Active));

    store.trash(one, now).unwrap();
    assert_eq!(store.find("the river").unwrap(), None);
    assert!(matches!(store.open(one), Err(Error::Trashed { .. })));
    store.rename(two, "The River").unwrap();
    assert!(matches!(store.restore(one), Err(Error::NameTaken { .. })));
    store.rename(two, "🐙").unwrap();
    store.restore(one).unwrap();
    store.open(one).unwrap();
    store.trash(one, now).unwrap();
    let listed: Vec<_> = store.projects().unwrap().iter().map(|row| (row.id, row.status)).collect();
    assert_eq!(listed, [(two, Status::Active), (one, Status::Trashed { at: now })]);
    store.purge(one).unwrap();
    assert!(matches!(store.open(one), Err(Error::NotFound { .. })));
    assert!(matches!(store.purge(one), Err(Error::NotFound { .. })));
    assert_eq!(store.projects().unwrap().len(), 1);
}

/// What one project holds is not there in another.
pub fn projects_do_not_see_each_other(fresh: Fresh<'_>) {
    let store = fresh();
    let [mut one, mut two] = [Samples::new(13), Samples::new(14)];
    let [a, b] = [store.create(one.project(), "a").unwrap(), store.create(two.project(), "b").unwrap()];
    let mut blobs = Blobs::default();
    let drafts = vec![one.created("a"), one.long(&mut blobs)];
    let hash = *blobs.0.keys().next().unwrap();
    block_on(a.append(0, Batch { drafts, blobs })).unwrap();
    block_on(b.append(0, batch(vec![two.created("b")]))).unwrap();
    assert_eq!(b.blob(&hash).unwrap(), None);
    assert_eq!(everything(&*b).len(), 1);
    assert!(everything(&*a).iter().all(|envelope| envelope.project == one.project()));
    let same = store.open(one.project()).unwrap();
    block_on(same.append(2, batch(vec![one.said("through the other handle")]))).unwrap();
    assert_eq!(a.last_seq(), 3, "two opens of one project are one log");
}

/// A full check of a good log finds nothing.
pub fn a_whole_log_is_found_whole(fresh: Fresh<'_>) {
    let store = fresh();
    let mut make = Samples::new(15);
    let log = store.create(make.project(), "one").unwrap();
    let mut blobs = Blobs::default();
    let (fork, side) = make.fork("side", BranchId::MAIN, 1);
    let drafts = vec![make.created("one"), make.long(&mut blobs), fork, make.on(side)];
    block_on(log.append(0, Batch { drafts, blobs })).unwrap();
    log.snapshot_put(4, 1, b"state").unwrap();
    let report = log.verify().unwrap();
    assert_eq!((report.events, report.first_bad, report.problems), (4, None, vec![]));

    // A text that is named but not there is a problem, and no reason to stop reading.
    let named = make.long(&mut Blobs::default());
    block_on(log.append(4, batch(vec![named]))).unwrap();
    let report = log.verify().unwrap();
    assert_eq!((report.events, report.problems.len()), (5, 1), "{report:?}");
}

/// Events without long texts.
pub fn batch(drafts: Vec<atelier_domain::Draft>) -> Batch {
    Batch { drafts, blobs: Blobs::default() }
}
