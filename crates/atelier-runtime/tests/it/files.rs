//! Files that are made from the log.

use std::fs;

use atelier_runtime::{Recovery, Request};
use serde_json::Value;

use crate::bed::{Bed, until};

async fn with_world() -> (Bed, String) {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let run = bed.world(&project, "a coast").await;
    assert_eq!(bed.wait(&run).await["status"], "done");
    until("the files are written", async || verify(&bed, &project, false).await["ok"] == true).await;
    (bed, project)
}

async fn verify(bed: &Bed, project: &str, rebuild: bool) -> Value {
    bed.ask(Request::Verify { project: project.into(), rebuild }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_written_again_and_what_was_edited_is_kept_beside_it() {
    let (bed, project) = with_world().await;
    let outputs = bed.path(&project).join("outputs/bible");
    let (json, markdown) = (outputs.join("world.json"), outputs.join("world.md"));
    let was = fs::read_to_string(&markdown).unwrap();
    fs::remove_file(&json).unwrap();
    fs::write(&markdown, "my own words").unwrap();
    let report = verify(&bed, &project, false).await;
    assert_eq!(report["problems"].as_array().unwrap().len(), 2, "{report:#}");
    assert!(!json.exists(), "a check changes nothing");
    assert_eq!(verify(&bed, &project, true).await["ok"], true);
    assert!(json.exists());
    assert_eq!(fs::read_to_string(&markdown).unwrap(), was);
    assert_eq!(fs::read_to_string(outputs.join("world.edited-1.md")).unwrap(), "my own words");
    assert_eq!(verify(&bed, &project, false).await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_when_a_project_is_opened_is_written_again() {
    let (bed, project) = with_world().await;
    bed.studio.shutdown().await;
    fs::remove_dir_all(bed.path(&project).join("buckets")).unwrap();
    let bed = bed.crash(Recovery::Nothing).await;
    until("the files are back", async || verify(&bed, &project, false).await["ok"] == true).await;
    assert!(bed.path(&project).join("buckets/location").read_dir().unwrap().count() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_out_of_the_folder_is_never_followed() {
    let (bed, project) = with_world().await;
    let (home, elsewhere) = (bed.path(&project), tempfile::tempdir().unwrap());
    fs::remove_dir_all(home.join("outputs")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), home.join("outputs")).unwrap();
    let failure = bed.refused(Request::Verify { project, rebuild: true }).await;
    assert!(failure.message.contains("link"), "{failure:?}");
    assert_eq!(
        fs::read_dir(elsewhere.path()).unwrap().count(),
        0,
        "nothing is made outside, no folder either"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_bible_makes_new_versions() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    for _ in 0..2 {
        let run = bed.bible(&project).await;
        assert_eq!(bed.wait(&run).await["status"], "done");
    }
    let list =
        Request::BucketList { project: project.clone(), branch: None, r#type: Some("character".into()) };
    let people = bed.ask(list).await;
    let titles: Vec<&str> = people.as_array().unwrap().iter().filter_map(|b| b["title"].as_str()).collect();
    assert_eq!(titles.len(), 2, "{titles:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_snapshot_is_found_and_mended() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let run = bed.world(&project, "a coast").await;
    bed.wait(&run).await;
    verify(&bed, &project, true).await;
    let folder = bed.path(&project).join("snapshots");
    let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    assert_eq!(verify(&bed, &project, false).await["ok"], false);
    assert_eq!(verify(&bed, &project, true).await["ok"], true);
    assert_eq!(verify(&bed, &project, false).await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_beside_the_work_finds_no_fault_in_it() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    for _ in 0..10 {
        let said = (0..40).map(|n| {
            let bed = &bed;
            let project = project.clone();
            async move { bed.say(&project, "low", &n.to_string()).await }
        });
        let (_, report) = tokio::join!(futures::future::join_all(said), verify(&bed, &project, false));
        assert_eq!(report["ok"], true, "{report:#}");
    }
}
