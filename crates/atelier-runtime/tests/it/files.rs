//! Files that are made from the log.

use std::fs;

use atelier_runtime::{Notice, Recovery, Request, Update};
use serde_json::Value;

use crate::bed::{Bed, DEADLINE, until};

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
async fn a_link_out_of_the_folder_is_never_followed_and_stops_no_other_file() {
    let (bed, project) = with_world().await;
    let (home, elsewhere) = (bed.path(&project), tempfile::tempdir().unwrap());
    fs::remove_dir_all(home.join("outputs")).unwrap();
    fs::remove_dir_all(home.join("buckets")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), home.join("outputs")).unwrap();
    let report = verify(&bed, &project, true).await;
    let told = report["problems"].as_array().unwrap();
    assert!(!told.is_empty(), "{report:#}");
    for problem in told {
        assert!(problem["what"].as_str().unwrap().contains("link"), "{problem:#}");
        assert!(problem["where"].as_str().unwrap().starts_with("outputs/"), "{problem:#}");
    }
    assert_eq!(
        fs::read_dir(elsewhere.path()).unwrap().count(),
        0,
        "nothing is made outside, no folder either"
    );
    assert!(home.join("buckets/location").read_dir().unwrap().count() > 0, "the others are written");
    fs::remove_file(home.join("outputs")).unwrap();
    assert_eq!(verify(&bed, &project, true).await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_or_a_folder_in_the_place_of_a_file_is_set_aside_and_told() {
    let (bed, project) = with_world().await;
    let (home, elsewhere) = (bed.path(&project), tempfile::tempdir().unwrap());
    let outputs = home.join("outputs/bible");
    let mine = elsewhere.path().join("mine.md");
    fs::write(&mine, "my own words").unwrap();
    fs::remove_file(outputs.join("world.md")).unwrap();
    std::os::unix::fs::symlink(&mine, outputs.join("world.md")).unwrap();
    fs::remove_file(outputs.join("world.json")).unwrap();
    fs::create_dir(outputs.join("world.json")).unwrap();
    let report = verify(&bed, &project, true).await;
    assert_eq!(report["ok"], true, "{report:#}");
    let copies = ["outputs/bible/world.edited-1.json", "outputs/bible/world.edited-1.md"];
    assert_eq!(report["set_aside"], serde_json::json!(copies));
    assert!(outputs.join("world.json").is_file() && outputs.join("world.md").is_file());
    assert!(fs::symlink_metadata(outputs.join("world.md")).unwrap().is_file());
    assert_eq!(fs::read_to_string(&mine).unwrap(), "my own words");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_on_is_told_that_an_edited_file_was_set_aside() {
    let (bed, project) = with_world().await;
    let file = bed.path(&project).join("outputs/bible/world.md");
    fs::write(&file, "my own words").unwrap();
    let mut updates = bed.studio.follow(&project, None).await.unwrap();
    let run = bed.world(&project, "another coast").await;
    assert_eq!(bed.wait(&run).await["status"], "done");
    let told = async {
        while let Some(update) = updates.recv().await {
            if let Update::Notice(Notice::SetAside { path, copy }) = update {
                return (path, copy);
            }
        }
        panic!("nobody was told");
    };
    let (path, copy) = tokio::time::timeout(DEADLINE, told).await.unwrap();
    assert_eq!((path.as_str(), copy.as_str()), ("outputs/bible/world.md", "outputs/bible/world.edited-1.md"));
    assert_eq!(fs::read_to_string(bed.path(&project).join(copy)).unwrap(), "my own words");
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
