//! Projects: names, deleting, isolation.

use atelier_runtime::{Exit, Request};

use crate::bed::{Bed, DEADLINE, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_project_opened_by_many_at_once_has_one_actor() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let bed = bed.again(atelier_runtime::Recovery::Nothing).await;
    let shows = (0..20).map(|_| bed.ask(Request::ProjectShow { project: project.clone() }));
    futures::future::join_all(shows).await;
    let actors = bed.studio.tasks().list().into_iter().filter(|task| task.name == "project actor").count();
    assert_eq!(actors, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_kept_apart_and_a_renamed_project_is_found_by_its_new_name() {
    let bed = Bed::new().await;
    let (one, _) = (bed.project("One").await, bed.project("Two").await);
    let rename = |name: &str| Request::ProjectRename { project: one.clone(), name: name.into() };
    assert_eq!(bed.refused(rename("Two")).await.exit, Exit::Refused);
    assert_eq!(bed.refused(rename("../x")).await.exit, Exit::Usage);
    assert_eq!(bed.refused(Request::ProjectCreate { name: "Two".into() }).await.exit, Exit::Refused);
    for id in [one.clone(), one.replace('1', "2"), "\u{200f}".into()] {
        assert_eq!(bed.refused(rename(&id)).await.exit, Exit::Usage, "{id} is no name");
        assert_eq!(bed.refused(Request::ProjectCreate { name: id }).await.exit, Exit::Usage);
    }
    bed.ask(rename("Three")).await;
    let bed = bed.again(atelier_runtime::Recovery::Nothing).await;
    assert_eq!(text(&bed.ask(Request::ProjectShow { project: "Three".into() }).await, "id"), one);
    assert_eq!(bed.refused(Request::ProjectShow { project: "One".into() }).await.exit, Exit::NotFound);
    assert!(bed.state(&one).await.contains("\"name\":\"Three\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_not_deleted_while_a_crew_is_at_work_in_it_and_is_once_that_is_paused() {
    let bed = Bed::new().await;
    let (gone, stays) = (bed.project("Gone").await, bed.project("Stays").await);
    let held = bed.server.hold("an island");
    let run = bed.world(&gone, "an island").await;
    let other = bed.world(&stays, "a hill").await;
    assert!(held.wait_held(1, DEADLINE));
    let delete = || Request::ProjectDelete { project: gone.clone(), purge: true };
    let refused = bed.refused(delete()).await;
    assert_eq!((refused.exit, refused.code.as_str()), (Exit::Refused, "project_at_work"));
    assert!(refused.hint.contains(&format!("atelier runs pause {run}")), "{refused:?}");
    assert_eq!(bed.show(&run).await["status"], "running", "nothing has happened to it");
    bed.ask(Request::RunPause { run, cut: true, reason: "asked".into() }).await;
    bed.ask(delete()).await;
    assert!(!bed.path(&gone).exists());
    let busy = bed
        .studio
        .tasks()
        .list()
        .into_iter()
        .any(|task| task.project.is_some_and(|id| id.to_string() == gone));
    assert!(!busy, "nothing of it is left at work");
    assert_eq!(bed.refused(Request::ProjectShow { project: gone }).await.exit, Exit::NotFound);
    assert_eq!(bed.wait(&other).await["status"], "done");
}
