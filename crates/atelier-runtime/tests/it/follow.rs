//! Watching.

use atelier_runtime::{Request, Update};
use tokio::sync::mpsc::Receiver;

use crate::bed::{Bed, DEADLINE};

async fn take(updates: &mut Receiver<Update>, n: usize) -> Vec<u64> {
    let mut seqs = Vec::new();
    let taken = async {
        while seqs.len() < n {
            match updates.recv().await {
                Some(Update::Event(event)) => seqs.push(event.seq),
                Some(_) => {}
                None => return,
            }
        }
    };
    tokio::time::timeout(DEADLINE, taken).await.expect("events come in time");
    seqs
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_gets_each_event_once_from_wherever_it_begins() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    for n in 0..9 {
        bed.say(&project, "normal", &format!("{n}")).await;
    }
    for since in 0..=10u64 {
        let mut updates = bed.studio.follow(&project, Some(since)).await.unwrap();
        let last = bed.events(&project).await.len() as u64;
        bed.say(&project, "normal", "one more").await;
        assert_eq!(
            take(&mut updates, (last + 1 - since) as usize).await,
            (since + 1..=last + 1).collect::<Vec<_>>()
        );
    }
    let mut coming = bed.studio.follow(&project, None).await.unwrap();
    let last = bed.events(&project).await.len() as u64;
    bed.say(&project, "normal", "the next").await;
    assert_eq!(take(&mut coming, 1).await, [last + 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_that_reads_late_catches_up() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let mut updates = bed.studio.follow(&project, Some(0)).await.unwrap();
    // More than a watcher may leave unread and more than is kept for it.
    let all = 6_000;
    for _ in 0..all / 250 {
        let said = (0..250).map(|_| bed.say(&project, "normal", "on and on"));
        futures::future::join_all(said).await;
    }
    assert_eq!(take(&mut updates, all + 1).await, (1..=all as u64 + 1).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_is_let_go_when_its_project_is_deleted() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let mut updates = bed.studio.follow(&project, Some(0)).await.unwrap();
    bed.ask(Request::ProjectDelete { project, purge: true }).await;
    assert_eq!(take(&mut updates, 2).await, [1]);
}
