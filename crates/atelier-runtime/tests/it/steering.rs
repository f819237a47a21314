//! Pause, resume, step, cancel, rewind.

use atelier_runtime::Request;

use crate::bed::{Bed, DEADLINE, asks_for, n_of};

fn pause(run: &str, cut: bool) -> Request {
    Request::RunPause { run: run.into(), cut, reason: "asked".into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_pause_the_running_call_ends_and_no_step_begins_until_resume() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let held = bed.server.hold(asks_for("acts"));
    let run = bed.bible(&project).await;
    assert!(held.wait_held(1, DEADLINE));
    bed.ask(pause(&run, false)).await;
    held.release();
    assert_eq!(bed.wait(&run).await["status"], "paused");
    assert_eq!(bed.server.count(), 1);
    let resumed = bed.ask(Request::RunResume { run: run.clone() }).await;
    assert_ne!(resumed["status"], "paused");
    assert_eq!(bed.wait(&run).await["status"], "done");
    assert_eq!(bed.server.count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_cuts_ends_the_call_and_the_next_drive_makes_it_again() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let held = bed.server.hold(asks_for("acts"));
    let run = bed.bible(&project).await;
    assert!(held.wait_held(1, DEADLINE));
    bed.ask(pause(&run, true)).await;
    assert_eq!(bed.wait(&run).await["status"], "paused");
    assert!(bed.server.wait_until(DEADLINE, |seen| seen.iter().any(|s| s.abandoned)));
    held.release();
    bed.ask(Request::RunResume { run: run.clone() }).await;
    assert_eq!(bed.wait(&run).await["status"], "done");
    assert_eq!(bed.server.count(), 5);
    assert_eq!(n_of(&bed.events(&project).await, "attempt.interrupted"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn step_runs_one_step_and_cancel_keeps_what_is_done() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let held = bed.server.hold(asks_for("acts"));
    let run = bed.bible(&project).await;
    assert!(held.wait_held(1, DEADLINE));
    bed.ask(pause(&run, false)).await;
    held.release();
    bed.wait(&run).await;
    bed.ask(Request::RunStep { run: run.clone() }).await;
    assert_eq!(bed.wait(&run).await["status"], "paused");
    assert_eq!(bed.server.count(), 2);
    let cancelled = bed.ask(Request::RunCancel { run: run.clone() }).await;
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(bed.wait(&run).await["status"], "cancelled");
    let shown = bed.ask(Request::ProjectShow { project: project.clone() }).await;
    assert!(shown["artifacts"].as_array().unwrap().contains(&"bible/outline".into()), "{shown:#}");
    assert_eq!(bed.ask(Request::RunsList { project: Some(project) }).await[0]["status"], "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rewound_run_does_its_step_again_and_the_old_tail_is_a_branch() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let run = bed.bible(&project).await;
    assert_eq!(bed.wait(&run).await["status"], "done");
    bed.ask(Request::RunRewind { run: run.clone(), step: "critique".into() }).await;
    let shown = bed.ask(Request::ProjectShow { project: project.clone() }).await;
    assert_eq!(shown["branches"].as_array().unwrap().len(), 2, "{shown:#}");
    bed.ask(Request::RunResume { run: run.clone() }).await;
    assert_eq!(bed.wait(&run).await["status"], "done");
    assert_eq!(bed.server.count(), 5, "only the critique is made again");
    let unknown = Request::RunRewind { run, step: "epilogue".into() };
    assert_eq!(bed.refused(unknown).await.exit, atelier_runtime::Exit::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_can_be_had_after_any_event_and_of_any_branch() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let run = bed.world(&project, "a coast").await;
    bed.wait(&run).await;
    let last = bed.events(&project).await.len() as u64;
    let at = |at: u64, branch: Option<&str>| Request::State {
        project: project.clone(),
        branch: branch.map(Into::into),
        at: Some(at),
    };
    assert_eq!(bed.ask(at(last, None)).await.as_str().unwrap(), bed.state(&project).await);
    let early = bed.ask(at(1, None)).await;
    assert!(early.as_str().unwrap().contains("\"seq\":1"));
    assert!(!bed.ask(at(1, Some("main"))).await.as_str().unwrap().contains("bible/world"));
    assert!(bed.ask(at(last, Some("main"))).await.as_str().unwrap().contains("bible/world"));
    assert_eq!(bed.refused(at(last + 1, None)).await.exit, atelier_runtime::Exit::NotFound);
    assert_eq!(bed.refused(at(last, Some("elsewhere"))).await.exit, atelier_runtime::Exit::NotFound);
}
