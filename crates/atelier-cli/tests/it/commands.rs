//! What programs rely on: exit codes, one JSON value, three lines of failure, quiet pipes.

use crate::support::{
    atelier, bible, content_server, log, project, state, studio, text, told_in_three_lines,
};
use serde_json::Value;
use std::os::unix::ffi::OsStrExt;

#[test]
fn a_project_is_created_listed_renamed_and_deleted() {
    let atelier = atelier();
    let created = atelier.json(["project", "create", "Salt"]);
    let folder = text(&created, "path");
    assert!(std::path::Path::new(&folder).is_dir(), "{folder}");
    assert_eq!(atelier.json(["project", "path", "Salt"])["path"], created["path"]);

    let again = atelier.json_code(["project", "create", "Salt"], 4);
    assert!(text(&again["error"], "message").contains("Salt"), "{again}");

    let id = text(&created, "id");
    atelier.json(["project", "rename", "Salt", "Pepper"]);
    let list = atelier.json(["project", "list"]);
    assert_eq!(
        (&list[0]["id"], &list[0]["name"], &list[0]["status"]),
        (&created["id"], &"Pepper".into(), &"active".into())
    );
    assert_eq!(atelier.json(["project", "show", &id])["name"], "Pepper");

    let refused = atelier.run(["project", "delete", "Pepper"]).expect_code(4);
    told_in_three_lines(&refused);
    atelier.json(["project", "delete", "Pepper", "--purge", "--yes"]);
    assert!(!std::path::Path::new(&folder).exists());
    atelier.run(["project", "show", "Pepper"]).expect_code(3);
}

#[test]
fn a_deleted_project_lies_in_the_trash_and_its_name_is_free() {
    let atelier = atelier();
    let id = project(&atelier, "Salt");
    atelier.run(["project", "delete", "Salt", "--yes"]).expect_code(0);
    let trash: Vec<_> = std::fs::read_dir(atelier.data_dir().join("trash")).unwrap().flatten().collect();
    assert!(trash.iter().any(|entry| entry.file_name().to_string_lossy().contains(&id)), "{trash:?}");
    assert_ne!(project(&atelier, "Salt"), id);
}

#[test]
fn words_that_are_not_understood_are_exit_2_in_three_lines() {
    let atelier = atelier();
    for words in [
        &["prject", "list"][..],
        &["project"],
        &["run"],
        &["run", "story-bible"],
        &["project", "list", "--nonsense"],
    ] {
        let output = atelier.run(words).expect_code(2);
        assert!(output.stdout.is_empty(), "{output}");
    }
    let output = atelier.run(["prject", "list"]);
    told_in_three_lines(&output);
    assert!(output.stderr.contains("project"), "no suggestion\n{output}");
    let error = atelier.run(["prject", "list", "--json"]).expect_code(2).json();
    assert!(error["error"]["code"].is_string() && error["error"]["hint"].is_string(), "{error}");
}

#[test]
fn parts_without_a_feature_yet_are_exit_2_and_say_so() {
    let atelier = atelier();
    let later =
        ["graph", "fact", "task", "branch", "ask", "undo", "redo", "import", "export", "replay", "smoke"];
    for word in later {
        let output = atelier.run([word, "list", "--project", "x"]).expect_code(2);
        told_in_three_lines(&output);
        assert!(output.stderr.contains("not part of this version"), "{output}");
    }
    for words in [["bucket", "add", "x"], ["bucket", "edit", "x"]] {
        assert!(atelier.run(words).expect_code(2).stderr.contains("not part of this version"), "{words:?}");
    }
}

#[test]
fn arguments_that_are_not_utf8_are_refused_in_words() {
    let atelier = atelier();
    project(&atelier, "Salt");
    let bad = std::ffi::OsStr::from_bytes(b"caf\xe9");
    let words: Vec<&std::ffi::OsStr> = ["run", "story-bible", "--project", "Salt", "--idea"]
        .map(std::ffi::OsStr::new)
        .into_iter()
        .chain([bad])
        .collect();
    let output = atelier.run(&words).expect_code(2);
    told_in_three_lines(&output);
    assert!(output.stderr.contains("not UTF-8"), "{output}");
}

#[test]
fn help_version_and_completions_are_data() {
    let atelier = atelier();
    assert!(atelier.run(["--version"]).expect_code(0).stdout.starts_with("atelier "));
    let help = atelier.run(["--help"]).expect_code(0);
    assert!(help.stdout.contains("project") && help.stderr.is_empty(), "{help}");
    assert!(atelier.run(["completions", "bash"]).expect_code(0).stdout.contains("atelier"));
    assert!(!atelier.data_dir().exists(), "nothing of this needs a data folder");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    bible(&atelier, "Salt");
    let binary = env!("CARGO_BIN_EXE_atelier");
    let data = atelier.data_dir();
    let script = format!(
        "{{ '{binary}' --data '{}' log --project Salt; echo $? >&2; }} | head -c 1 >&2",
        data.display()
    );
    let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("error") && stderr.trim_end().ends_with('0'), "{stderr}");
}

#[test]
fn reading_appends_nothing() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let run = text(&bible(&atelier, "Salt"), "id");
    let (events, calls) = (log(&atelier, "Salt"), server.count());
    let bucket = text(&atelier.json(["bucket", "list", "--project", "Salt"])[0], "id");
    for words in [
        &["project", "list"][..],
        &["project", "show", "Salt"],
        &["runs", "list", "--project", "Salt"],
        &["runs", "show", &run],
        &["state", "--project", "Salt"],
        &["state", "--project", "Salt", "--at", "3"],
        &["verify", "--project", "Salt"],
        &["bucket", "show", &bucket, "--project", "Salt"],
        &["messages", "list", "--project", "Salt"],
        &["crews", "list", "--project", "Salt"],
        &["crews", "check", "--project", "Salt"],
        &["config", "show", "--project", "Salt", "--origin"],
    ] {
        atelier.run(words).expect_code(0);
        atelier.run(words.iter().copied().chain(["--json"])).expect_code(0);
    }
    assert_eq!(log(&atelier, "Salt"), events);
    assert_eq!(server.count(), calls);
}

#[test]
fn the_log_counts_from_one_without_gaps_and_can_be_read_in_parts() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let run = text(&bible(&atelier, "Salt"), "id");
    let events = log(&atelier, "Salt");
    let seqs: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    for key in ["id", "project", "branch", "at", "actor", "kind", "schema", "body"] {
        assert!(events.iter().all(|event| !event[key].is_null()), "{key}");
    }
    let later = atelier.json_lines(["log", "--project", "Salt", "--since", "3"]);
    assert_eq!(later, events[3..]);
    let correlated = atelier.json_lines(["log", "--project", "Salt", "--correlation", &run]);
    assert!(!correlated.is_empty() && correlated.iter().all(|event| event["correlation"] == run.as_str()));
}

#[test]
fn the_state_is_canonical_and_can_be_seen_at_any_event() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    bible(&atelier, "Salt");
    let now = state(&atelier, "Salt");
    assert_eq!(now, state(&atelier, "Salt"));
    let last = log(&atelier, "Salt").len().to_string();
    assert_eq!(atelier.run(["state", "--project", "Salt", "--at", &last]).expect_code(0).stdout, now);
    let first = atelier.run(["state", "--project", "Salt", "--at", "1"]).expect_code(0).stdout;
    assert_ne!(first, now);
    let data = atelier.data_dir().display().to_string();
    assert!(!now.contains(&data), "a path of this machine is in the state");
    let sorted: Value = serde_json::from_str(&now).unwrap();
    assert_eq!(serde_json::to_string(&sorted).unwrap(), now.trim_end());
}
