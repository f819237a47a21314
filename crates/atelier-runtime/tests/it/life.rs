//! Ends: sleep, shutdown, tasks.

use atelier_runtime::{Open, Recovery, Request, Studio};
use serde_json::json;
use std::time::Duration;

use crate::bed::{Bed, DEADLINE, load, n_of, text, until};

fn of_project(studio: &Studio, project: &str) -> usize {
    studio
        .tasks()
        .list()
        .iter()
        .filter(|task| task.project.is_some_and(|id| id.to_string() == project))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_cuts_calls_leaves_their_receipts_and_ends_every_task() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let run = bed.world(&project, "a coast").await;
    bed.wait(&run).await;
    let held = bed.server.hold_after(1, "an island");
    let cut = bed.world(&project, "an island").await;
    assert!(held.wait_held(1, DEADLINE));
    assert!(of_project(&bed.studio, &project) >= 3, "actor, mirror and effect are listed");
    bed.studio.shutdown().await;
    assert_eq!(bed.studio.tasks().list().len(), 0);
    assert!(bed.path(&project).join("outputs/bible/world.json").exists());
    let refused = bed.refused(Request::ProjectShow { project: project.clone() }).await;
    assert_eq!(refused.code, "closing");

    let bed = bed.crash(Recovery::Nothing).await;
    let shown = bed.show(&cut).await;
    assert_eq!(shown["status"], "running");
    assert_eq!(shown["live"], false);
    assert_eq!(shown["receipts"].as_array().unwrap().len(), 1, "{shown:#}");
    assert_eq!(shown["receipts"][0]["error"]["code"], "cancelled");
    assert!(shown["usage"]["input_tokens"].as_u64().unwrap() > 0, "a cut call is charged its estimate");
    assert_eq!(n_of(&bed.events(&project).await, "attempt.interrupted"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_nobody_needs_sleeps_and_wakes_at_the_next_request() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let run = bed.world(&project, "a coast").await;
    bed.wait(&run).await;
    bed.studio.shutdown().await;
    let Bed { folder, server, studio } = bed;
    drop(studio);
    let open = Open {
        data: folder.path().into(),
        config: load(folder.path()).unwrap(),
        recovery: Recovery::Nothing,
    };
    let studio = Studio::open_with_idle(open, Duration::from_millis(5)).await.unwrap();
    let bed = Bed { folder, server, studio };
    let before = bed.state(&project).await;
    until("it sleeps", async || of_project(&bed.studio, &project) == 0).await;
    let snapshots = bed.path(&project).join("snapshots");
    until("a snapshot is kept", async || snapshots.read_dir().is_ok_and(|mut kept| kept.next().is_some()))
        .await;
    assert_eq!(bed.state(&project).await, before);

    let watched = bed.studio.follow(&project, None).await.unwrap();
    let held = bed.server.hold("an island");
    let run = bed.world(&project, "an island").await;
    assert!(held.wait_held(1, DEADLINE));
    // Others come and go in the meantime, and sleep; this one is at work and watched.
    let other = bed.project("Q").await;
    until("the other sleeps", async || of_project(&bed.studio, &other) == 0).await;
    assert!(of_project(&bed.studio, &project) >= 3);
    held.release();
    assert_eq!(bed.wait(&run).await["status"], "done");
    drop(watched);
    until("it sleeps again", async || of_project(&bed.studio, &project) == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_race_with_sleep_are_all_served() {
    let folder = tempfile::tempdir().unwrap();
    let open = Open {
        data: folder.path().into(),
        config: load(folder.path()).unwrap(),
        recovery: Recovery::Nothing,
    };
    let studio = Studio::open_with_idle(open, Duration::ZERO).await.unwrap();
    let created = studio.handle(Request::ProjectCreate { name: "P".into() }).await.unwrap();
    let project = text(&created, "id");
    for n in 0..60 {
        let said = Request::Say {
            project: project.clone(),
            to: None,
            run: None,
            step: None,
            priority: serde_json::from_value(json!("normal")).unwrap(),
            text: format!("{n}"),
        };
        let (one, two) = tokio::join!(
            studio.handle(said),
            studio.handle(Request::ProjectShow { project: project.clone() })
        );
        one.unwrap();
        two.unwrap();
    }
    let shown = studio.handle(Request::ProjectShow { project }).await.unwrap();
    assert_eq!(shown["messages"], 60);
    assert_eq!(shown["last_seq"], 61);
}
