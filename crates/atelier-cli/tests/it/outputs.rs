//! Files a person can read, made from the log and made again from it.

use crate::support::{bible, content_server, project, state, studio, text};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every file below a folder with its content.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                open.push(entry.path());
            } else {
                found.insert(entry.path(), String::from_utf8(std::fs::read(entry.path()).unwrap()).unwrap());
            }
        }
    }
    found
}

#[test]
fn c09_the_bible_and_the_buckets_are_files_that_are_readable_without_the_program() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    bible(&atelier, "Salt");
    let folder = PathBuf::from(text(&atelier.json(["project", "path", "Salt"]), "path"));
    let bible = files(&folder.join("outputs/bible"));
    let of = |ending: &str| {
        bible.iter().filter(|(path, _)| path.to_string_lossy().ends_with(ending)).collect::<Vec<_>>()
    };
    assert!(!of(".md").is_empty() && !of(".json").is_empty(), "{:?}", bible.keys());
    for (path, content) in of(".json") {
        assert!(serde_json::from_str::<Value>(content).is_ok(), "{}", path.display());
    }
    for (path, content) in of(".md") {
        assert!(content.contains('#') && !content.contains("{\""), "{}:\n{content}", path.display());
    }
    let buckets = files(&folder.join("buckets"));
    let listed = atelier.json(["bucket", "list", "--project", "Salt"]);
    assert!(!buckets.is_empty());
    for bucket in listed.as_array().unwrap() {
        let title = text(bucket, "title");
        assert!(buckets.values().any(|content| content.contains(&title)), "no file has `{title}`");
    }
    assert!(
        buckets.iter().all(
            |(path, content)| path.extension().is_some_and(|e| e == "md") && content.starts_with("---\n")
        )
    );
}

#[test]
fn c22_the_state_is_rebuilt_from_the_log_alone() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    bible(&atelier, "Salt");
    let folder = PathBuf::from(text(&atelier.json(["project", "path", "Salt"]), "path"));
    let (before, texts, buckets) =
        (state(&atelier, "Salt"), files(&folder.join("outputs")), files(&folder.join("buckets")));
    assert_eq!(atelier.json(["verify", "--project", "Salt"])["ok"], true);

    std::fs::remove_dir_all(folder.join("outputs")).unwrap();
    std::fs::remove_dir_all(folder.join("buckets")).unwrap();
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
        let file = atelier.data_dir().join(name);
        if file.exists() {
            std::fs::remove_file(file).unwrap();
        }
    }
    // What is missing is simply written again.
    let mended = atelier.json(["verify", "--project", "Salt", "--rebuild"]);
    assert_eq!(mended["ok"], true, "{mended:#}");
    assert_eq!(files(&folder.join("outputs")), texts);

    // What was changed is told, and mended when asked.
    let (file, content) =
        texts.iter().find(|(path, _)| path.extension().is_some_and(|e| e == "json")).unwrap();
    std::fs::write(file, "{}").unwrap();
    let verdict = atelier.json_code(["verify", "--project", "Salt"], 1);
    let problem = &verdict["problems"][0];
    assert!(["what", "where", "fix"].iter().all(|key| problem[key].is_string()), "{verdict:#}");
    atelier.json(["verify", "--project", "Salt", "--rebuild"]);
    assert_eq!(&std::fs::read_to_string(file).unwrap(), content);
    atelier.json(["verify", "--project", "Salt"]);
    assert_eq!(state(&atelier, "Salt"), before);
    let now = files(&folder.join("outputs"));
    assert!(texts.iter().all(|(path, content)| now.get(path) == Some(content)));
    assert_eq!(files(&folder.join("buckets")), buckets);
    assert_eq!(atelier.json(["project", "list"])[0]["name"], "Salt");
}

#[test]
fn a_damaged_log_is_found_and_its_project_alone_is_read_only() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    project(&atelier, "Pepper");
    bible(&atelier, "Salt");
    let folder = PathBuf::from(text(&atelier.json(["project", "path", "Salt"]), "path"));
    let file = folder.join("log.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let at = bytes
        .windows(12)
        .position(|w| w == b"run.finished")
        .or_else(|| bytes.windows(10).position(|w| w == b"story-bibl"));
    let at = at.expect("something of the run in the file");
    bytes[at] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let output = atelier.run(["verify", "--project", "Salt", "--json"]);
    assert_eq!(output.code, 1, "{output}");
    atelier.run(["say", "--project", "Pepper", "hello"]).expect_code(0);
    let refused = atelier.run(["say", "--project", "Salt", "hello"]);
    assert!(refused.code == 4 && refused.stderr.contains("read-only"), "{refused}");
    atelier.json(["project", "list"]);
}
