//! Measures the store: `measure FOLDER [EVENTS]`. Figures are read by people; `atelier bench` prints the official ones.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for developers: what fails ends it")]

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use atelier_domain::BranchId;
use atelier_store::conformance::{Samples, batch};
use atelier_store::{Log, Query, SqliteStore, Store, Verify};
use futures::executor::block_on;

const TEXT: &str = "Mara Venn owes the river seven silver, and the ledger of the valley remembers each coin. Mara Venn owes the river.";

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap();
    let events: usize = args.next().map_or(100_000, |n| n.parse().unwrap());
    let store = SqliteStore::open(Path::new(&folder)).unwrap();
    one_writer(&store);
    many_writers(&store);
    many_projects(&store);
    long(&store, events);
}

fn one_writer(store: &SqliteStore) {
    let mut make = Samples::new(1);
    let log = store.create(make.project(), "one").unwrap();
    let mut times: Vec<Duration> = (0..4000).map(|n| timed(|| put(&*log, &mut make, n))).collect();
    times.sort();
    println!(
        "1 writer: p50 {:?}, p99 {:?}, {:.0}/s",
        times[2000],
        times[3960],
        4000.0 / times.iter().sum::<Duration>().as_secs_f64()
    );
}

fn many_writers(store: &SqliteStore) {
    let project = Samples::new(2).project();
    let log = store.create(project, "sixteen").unwrap();
    let next = std::sync::Mutex::new(0);
    let took = timed(|| {
        std::thread::scope(|scope| {
            for writer in 0..16 {
                let (log, next) = (&log, &next);
                scope.spawn(move || {
                    let mut make = Samples::new(1000 + writer);
                    for _ in 0..1000 {
                        let draft = make.of_run(1, TEXT);
                        let queued = {
                            let mut next = next.lock().unwrap();
                            *next += 1;
                            log.append(*next - 1, batch(vec![draft]))
                        };
                        block_on(queued).unwrap();
                    }
                });
            }
        });
    });
    println!("16 writers, one project: {:.0}/s", 16_000.0 / took.as_secs_f64());
}

fn many_projects(store: &SqliteStore) {
    let before = resident();
    let logs: Vec<Arc<dyn Log>> =
        (0..64).map(|n| store.create(Samples::new(100 + n).project(), &format!("p{n}")).unwrap()).collect();
    println!("create: 64 projects held, +{} KiB", resident() - before);
    let took = timed(|| {
        std::thread::scope(|scope| {
            for (n, log) in logs.iter().enumerate() {
                scope.spawn(move || {
                    let mut make = Samples::new(100 + n as u128);
                    for seq in 0..200u64 {
                        block_on(
                            log.append(seq * 10, batch((0..10).map(|_| make.of_run(1, TEXT)).collect())),
                        )
                        .unwrap();
                    }
                });
            }
        });
    });
    println!("64 projects, batches of ten: {:.0}/s", 128_000.0 / took.as_secs_f64());
    let took = timed(|| {
        std::thread::scope(|scope| {
            for (n, log) in logs.iter().enumerate() {
                scope.spawn(move || {
                    let mut make = Samples::new(10_000 + n as u128);
                    for seq in 2000..2200 {
                        block_on(log.append(seq, batch(vec![make.of_run(1, TEXT)]))).unwrap();
                    }
                });
            }
        });
    });
    println!("64 projects, single events: {:.0}/s", 12_800.0 / took.as_secs_f64());
    logs.iter()
        .for_each(|log| assert_eq!(log.read(Query { limit: Some(5), ..Query::default() }).unwrap().len(), 5));
    println!("64 projects written and read: +{} KiB", resident() - before);
    std::thread::sleep(Duration::from_secs(3));
    println!("64 projects at rest: +{} KiB", resident() - before);
}

fn long(store: &SqliteStore, events: usize) {
    let mut make = Samples::new(3);
    let log = store.create(make.project(), "long").unwrap();
    for at in (0..events).step_by(1000) {
        block_on(log.append(at as u64, batch((0..1000).map(|_| make.of_run(1, TEXT)).collect()))).unwrap();
    }
    log.checkpoint().unwrap();
    println!("{events} events: {:.0} bytes each", log.stats().unwrap().bytes_log as f64 / events as f64);
    for verify in [Verify::No, Verify::Chain] {
        let took = timed(|| {
            let last = log.for_each(0, None, verify, &mut |_| ControlFlow::Continue(())).unwrap();
            assert_eq!(last, events as u64);
        });
        println!("replay {verify:?}: {:.0}/s", events as f64 / took.as_secs_f64());
    }
    let mut times: Vec<Duration> = (0..200)
        .map(|n| {
            let last = log.last_seq();
            let (fork, _) = make.fork(&format!("b{n}"), BranchId::MAIN, last / 2);
            timed(|| {
                block_on(log.append(last, batch(vec![fork]))).unwrap();
            })
        })
        .collect();
    times.sort();
    println!("fork: p50 {:?}", times[100]);
    log.snapshot_put(events as u64 - 10, 1, TEXT.repeat(3000).as_bytes()).unwrap();
    drop(log);
    let took = timed(|| {
        let log = store.open(make.project()).unwrap();
        let (seq, _) = log.snapshot_latest(u64::MAX, 1).unwrap().unwrap();
        log.for_each(seq, None, Verify::Chain, &mut |_| ControlFlow::Continue(())).unwrap();
    });
    println!("open with snapshot: {took:?}");
}

fn put(log: &dyn Log, make: &mut Samples, seq: u64) {
    block_on(log.append(seq, batch(vec![make.of_run(1, TEXT)]))).unwrap();
}

fn timed(f: impl FnOnce()) -> Duration {
    let start = Instant::now();
    f();
    start.elapsed()
}

fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
