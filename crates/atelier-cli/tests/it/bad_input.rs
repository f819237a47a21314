//! What must be refused, with a clear word and nothing changed.

use crate::support::{
    DEADLINE, IDEA, atelier, content, content_server, list, log, only_run, project, show, state, step,
    studio, text, told_in_three_lines,
};
use atelier_testkit::{Atelier, DeadPort, Fault, Matcher, ModelServer, Reply, Script};
use serde_json::Value;

/// Runs something that must be refused: code, three lines, and neither an event nor a call more than before.
#[track_caller]
fn refused(atelier: &Atelier, server: &ModelServer, words: &[&str], code: i32) -> String {
    let (events, calls) = (log(atelier, "Salt"), server.count());
    let output = atelier.run(words).expect_code(code);
    told_in_three_lines(&output);
    assert_eq!(log(atelier, "Salt"), events, "{words:?} changed something");
    assert_eq!(server.count(), calls, "{words:?} called a model");
    output.stderr
}

#[test]
fn unknown_names_are_refused_before_anything_happens() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let run = |more: &[&'static str]| [&["run"][..], more].concat();
    let idea = ["--idea", IDEA];
    refused(&atelier, &server, &[&run(&["story-bibel", "--project", "Salt"])[..], &idea].concat(), 3);
    refused(&atelier, &server, &["agent", "nobody", "--project", "Salt", "--input", "x=y"], 3);
    refused(&atelier, &server, &[&run(&["story-bible", "--project", "Pepper"])[..], &idea].concat(), 3);
    let model = run(&["story-bible", "--project", "Salt", "--model", "nonsense"]);
    refused(&atelier, &server, &[&model[..], &idea].concat(), 2);
    let input = run(&["story-bible", "--project", "Salt", "--input", "colour=red"]);
    let told = refused(&atelier, &server, &[&input[..], &idea].concat(), 2);
    assert!(told.contains("colour"), "{told}");
    refused(&atelier, &server, &["runs", "show", "run_00000000000000000000000000000000"], 3);
    refused(&atelier, &server, &["runs", "show", "nonsense"], 3);
    refused(&atelier, &server, &["runs", "gate", "gate_00000000000000000000000000000000", "approve"], 3);
    refused(&atelier, &server, &["bucket", "show", "Nobody", "--project", "Salt"], 3);
    refused(&atelier, &server, &["say", "--project", "Salt", "--to", "nobody", "hello"], 3);
}

#[test]
fn c55_no_name_leads_out_of_the_data_folder() {
    let atelier = atelier();
    let long = "x".repeat(300);
    for bad in ["..", ".", "../salt", "a/b", "a\\b", "", "  ", "a\nb", long.as_str()] {
        let output = atelier.run(["project", "create", bad]).expect_code(2);
        told_in_three_lines(&output);
    }
    assert_eq!(atelier.json(["project", "list"]), Value::Array(Vec::new()));
    for legal in ["🐙 octopus", "a\u{200f}b", "Ærø", "two words", "…"] {
        let created = atelier.json(["project", "create", legal]);
        assert_eq!(created["name"], legal);
        let folder = std::path::PathBuf::from(text(&created, "path"));
        assert!(folder.starts_with(atelier.data_dir()), "{}", folder.display());
        assert_eq!(atelier.json(["project", "show", legal])["id"], created["id"]);
    }
    for outside in ["../../etc", "/etc", "projects/.."] {
        atelier.run(["project", "path", outside]).expect_code(3);
        atelier.run(["project", "delete", outside, "--purge", "--yes"]).expect_code(3);
    }
}

#[test]
fn c55_a_link_in_a_project_is_not_written_through() {
    let server = content_server();
    let atelier = studio(&server);
    let folder = text(&atelier.json(["project", "create", "Salt"]), "path");
    let outside = atelier.work_dir().join("outside");
    std::fs::create_dir_all(&outside).unwrap();
    for name in ["outputs", "buckets"] {
        let place = std::path::Path::new(&folder).join(name);
        if place.exists() {
            std::fs::remove_dir_all(&place).unwrap();
        }
        std::os::unix::fs::symlink(&outside, &place).unwrap();
    }
    atelier.run(["run", "story-bible", "--project", "Salt", "--idea", IDEA]);
    let written: Vec<_> =
        std::fs::read_dir(&outside).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(written.is_empty(), "written outside: {written:?}");
}

#[test]
fn an_idea_that_is_none_is_refused() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    for idea in ["", "   ", "\n", "\u{200b}\u{200d}", "\u{202e} \u{2069}"] {
        refused(&atelier, &server, &["run", "story-bible", "--project", "Salt", "--idea", idea], 2);
    }
    let run = ["run", "story-bible", "--project", "Salt", "--idea", "-"];
    let megabyte = "a".repeat(1 << 20);
    for bytes in [&b""[..], b"caf\xe9", megabyte.as_bytes()] {
        let output = atelier.run_with_stdin(run, bytes).expect_code(2);
        told_in_three_lines(&output);
    }
    assert_eq!(server.count(), 0);
    assert!(log(&atelier, "Salt").iter().all(|event| !text(event, "kind").starts_with("run.")));
}

#[test]
fn an_idea_may_come_from_stdin() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let run = ["run", "story-bible", "--project", "Salt", "--idea", "-"];
    atelier.run_with_stdin(run, IDEA.as_bytes()).expect_code(0);
    assert!(server.calls()[0].text.contains(IDEA));
}

#[test]
fn a_broken_crew_file_is_shown_by_place_and_nothing_starts() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let crews = atelier.data_dir().join("crews/story/workflows");
    std::fs::create_dir_all(&crews).unwrap();
    std::fs::write(
        crews.join("story-bible.yaml"),
        "title: Mine\nsteps:\n  - id: plot\n    kind: agent\n    agnt: nobody\n",
    )
    .unwrap();
    let told = refused(&atelier, &server, &["run", "story-bible", "--project", "Salt", "--idea", IDEA], 4);
    assert!(told.contains("crews/story/workflows/story-bible.yaml:3"), "{told}");
    let check = atelier.json_code(["crews", "check"], 1);
    assert!(check.to_string().contains("agnt"), "{check}");
}

#[test]
fn c56_a_wrong_setting_stops_the_start_with_one_clear_message() {
    let atelier = atelier();
    std::fs::create_dir_all(atelier.data_dir()).unwrap();
    for (settings, named) in [
        ("\"models.defualt\" = \"embedded:x\"\n", "models.defualt"),
        ("\"models.default\" = \"nonsense\"\n", "models.default"),
        ("[limits]\nwhole_ms = \"soon\"\n", "limits.whole_ms"),
        ("this is no toml", "config.toml"),
    ] {
        std::fs::write(atelier.data_dir().join("config.toml"), settings).unwrap();
        let output = atelier.run(["project", "list"]).expect_code(2);
        told_in_three_lines(&output);
        assert!(output.stderr.contains(named), "{output}");
        assert_eq!(output.stderr.lines().count(), 3, "{output}");
    }
    std::fs::remove_file(atelier.data_dir().join("config.toml")).unwrap();
    let output = atelier.clone().env("ATELIER_MODEL", "nonsense").run(["project", "list"]).expect_code(2);
    assert!(output.stderr.contains("ATELIER_MODEL"), "{output}");
    let before = atelier.json(["config", "get", "models.default"]);
    atelier.run(["config", "set", "models.default", "nonsense"]).expect_code(2);
    atelier.run(["config", "set", "models.nonsense", "embedded:x"]).expect_code(2);
    assert_eq!(atelier.json(["config", "get", "models.default"]), before);
}

#[test]
fn a_data_folder_that_cannot_be_used_is_told() {
    let atelier = atelier();
    let file = atelier.work_dir().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    for folder in [file.as_path(), std::path::Path::new("/proc/nothing/here")] {
        let folder = folder.to_str().unwrap();
        let output = atelier.run(["--data", folder, "project", "create", "Salt"]);
        assert!(matches!(output.code, 1 | 2 | 4), "{output}");
        told_in_three_lines(&output);
        assert!(output.stderr.contains(folder), "{output}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a folder");
}

#[test]
fn a_server_that_is_down_is_exit_6_and_leaves_no_text() {
    let down = DeadPort::new();
    let atelier = atelier().model(&format!("openai:scripted@{}", down.base_url()));
    project(&atelier, "Salt");
    let output = atelier.run(["run", "story-bible", "--project", "Salt", "--idea", IDEA]).expect_code(6);
    assert!(output.stderr.contains("runs resume"), "{output}");
    nothing_was_saved(&atelier);
    let run = show(&atelier, &only_run(&atelier, "Salt"));
    assert_eq!(run["status"], "failed");
    assert!(list(&run, "receipts").iter().all(|receipt| receipt["error"].is_object()), "{run:#}");
}

#[test]
fn a_server_that_misbehaves_fails_the_step_and_leaves_no_text() {
    for (name, fault) in [
        ("hang", Fault::Hang),
        ("hang in the middle", Fault::HangAfter(2)),
        ("cut", Fault::CutAfter(2)),
        ("garbage", Fault::Garbage),
        ("error in a 200", Fault::error_in_200(1, "the card is on fire")),
        ("status", Fault::status(500)),
        ("nothing", Fault::EmptyAnswer),
    ] {
        let server = ModelServer::with(Script::new().otherwise(Reply::auto().failing(fault)));
        let atelier = studio(&server);
        project(&atelier, "Salt");
        for (limit, ms) in [
            ("limits.first_token_ms", "200"),
            ("limits.between_tokens_ms", "200"),
            ("limits.whole_ms", "2000"),
        ] {
            atelier.run(["config", "set", limit, ms]).expect_code(0);
        }
        let output =
            atelier.run(["run", "story-bible", "--project", "Salt", "--idea", IDEA, "--json"]).expect_code(1);
        let run = output.json();
        assert_eq!(run["status"], "failed", "{name}: {run:#}");
        assert_eq!(step(&run, "plot")["status"], "failed", "{name}");
        assert!(run["error"]["message"].is_string(), "{name}: {run:#}");
        nothing_was_saved(&atelier);
        assert!(server.count() >= 1);
    }
}

#[test]
fn a_truncated_model_file_is_told_and_nothing_is_saved() {
    let atelier = atelier();
    project(&atelier, "Salt");
    let file = atelier.work_dir().join("model.gguf");
    std::fs::write(&file, b"GGUF\x03\0\0\0\x10\0\0\0\0\0\0\0").unwrap();
    let model = format!("embedded:{}", file.display());
    let output = atelier.run(["run", "story-bible", "--project", "Salt", "--idea", IDEA, "--model", &model]);
    assert!(matches!(output.code, 1 | 2), "{output}");
    assert!(output.stderr.contains("model.gguf"), "{output}");
    nothing_was_saved(&atelier);
    let install = atelier.run(["models", "install", file.to_str().unwrap()]).expect_code(1);
    told_in_three_lines(&install);
}

#[test]
fn a_model_that_stays_silent_can_be_left() {
    let server = ModelServer::with(content());
    let held = server.hold(Matcher::Always);
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let before = state(&atelier, "Salt");
    let run = atelier.spawn(["run", "story-bible", "--project", "Salt", "--idea", IDEA]);
    assert!(held.wait_held(1, DEADLINE));
    run.sigint();
    run.wait_stderr("Ctrl-C again", DEADLINE);
    run.sigint();
    let output = run.wait(DEADLINE);
    assert_eq!(output.code, 5, "{output}");
    assert_ne!(state(&atelier, "Salt"), before, "the run is there");
    nothing_was_saved(&atelier);
}

#[track_caller]
fn nothing_was_saved(atelier: &Atelier) {
    assert_eq!(atelier.json(["bucket", "list", "--project", "Salt"]), Value::Array(Vec::new()));
    let folder = text(&atelier.json(["project", "path", "Salt"]), "path");
    assert!(!std::path::Path::new(&folder).join("outputs/bible/outline.md").exists());
}
