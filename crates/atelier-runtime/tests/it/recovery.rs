//! What a restart does, and does not.

use atelier_runtime::{Recovery, Request};

use crate::bed::{Bed, DEADLINE, asks_for, n_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_makes_unfinished_calls_once_more_and_finished_ones_never() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let (world, people) = (bed.server.hold(asks_for("places")), bed.server.hold(asks_for("people")));
    let run = bed.bible(&project).await;
    assert!(world.wait_held(1, DEADLINE) && people.wait_held(1, DEADLINE));
    assert_eq!(bed.server.count(), 3);
    let before = bed.events(&project).await.len();

    let bed = bed.crash(Recovery::Nothing).await;
    assert_eq!(bed.show(&run).await["status"], "running");
    assert_eq!(bed.ask(Request::RunsList { project: None }).await[0]["live"], false);
    assert_eq!(bed.events(&project).await.len(), before, "who only reads appends nothing");
    assert_eq!(bed.server.count(), 3, "and calls nothing");

    drop((world, people));
    let bed = bed.again(Recovery::Everything).await;
    assert_eq!(bed.wait(&run).await["status"], "done");
    assert_eq!(bed.server.count(), 6, "plot once, world and people twice, critique once");
    let events = bed.events(&project).await;
    assert_eq!(n_of(&events, "attempt.finished"), 4);
    assert_eq!(n_of(&events, "attempt.interrupted"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_runs_of_many_projects_are_recovered_together_each_once() {
    let bed = Bed::new().await;
    let held = bed.server.hold("an island");
    let mut runs = Vec::new();
    let mut projects = Vec::new();
    for name in ["P", "Q", "R"] {
        let project = bed.project(name).await;
        for _ in 0..5 {
            runs.push(bed.world(&project, "an island").await);
        }
        projects.push(project);
    }
    assert!(held.wait_held(15, DEADLINE));
    let bed = bed.crash(Recovery::Everything).await;
    assert!(bed.server.wait_until(DEADLINE, |seen| seen.len() == 30), "each call is made once more");
    drop(held);
    for run in &runs {
        assert_eq!(bed.wait(run).await["status"], "done");
    }
    assert_eq!(bed.server.count(), 30);
    for project in &projects {
        let events = bed.events(project).await;
        assert_eq!((n_of(&events, "attempt.interrupted"), n_of(&events, "attempt.finished")), (5, 5));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_cannot_be_read_stops_neither_a_start_nor_the_others() {
    let bed = Bed::new().await;
    let (broken, fine) = (bed.project("Vandalised Title").await, bed.project("Fine").await);
    let held = bed.server.hold("an island");
    for project in [&broken, &fine] {
        bed.world(project, "an island").await;
    }
    assert!(held.wait_held(2, DEADLINE));
    bed.studio.shutdown().await;
    let file = bed.path(&broken).join("log.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let title = b"\"name\":\"Vandalised";
    let places: Vec<usize> =
        (0..bytes.len() - title.len()).filter(|&i| bytes[i..].starts_with(title)).collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place + 8] = b'W';
    }
    std::fs::write(&file, bytes).unwrap();
    drop(held);
    let bed = bed.crash(Recovery::Everything).await;
    let runs = bed.ask(Request::RunsList { project: Some(fine.clone()) }).await;
    let run = runs[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(bed.wait(&run).await["status"], "done");
    assert!(!bed.ask(Request::RunsList { project: None }).await.as_array().unwrap().is_empty());

    let shown = bed.ask(Request::ProjectShow { project: broken.clone() }).await;
    assert_eq!(shown["health"]["status"], "read_only", "{shown:#}");
    let report = bed.ask(Request::Verify { project: broken.clone(), rebuild: false }).await;
    assert_eq!(report["ok"], false);
    let rename = Request::ProjectRename { project: broken.clone(), name: "Other".into() };
    assert_eq!(bed.refused(rename).await.exit, atelier_runtime::Exit::Refused);
    let listed = bed.ask(Request::ProjectShow { project: broken.clone() }).await;
    assert_eq!(listed["name"], "Vandalised Title", "the list keeps the name that the log has");
    assert_eq!(bed.world(&fine, "a hill").await.len(), run.len());
}
