//! One owner of the data folder, and as many terminals as one likes.

use crate::support::{
    DEADLINE, IDEA, atelier, content_server, critiques, log, only_run, open_gate, project, runs, show,
    studio, text, told_in_three_lines,
};
use atelier_testkit::{Matcher, eventually};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;

const RUN: [&str; 6] = ["run", "story-bible", "--project", "Salt", "--idea", IDEA];

#[test]
fn a_second_terminal_watches_speaks_pauses_and_decides() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let held = server.hold(Matcher::Nth(1));
    let working = atelier.spawn(RUN.into_iter().chain(["--gates", "always"]));
    assert!(held.wait_held(1, DEADLINE));
    let run = only_run(&atelier, "Salt");
    let watching = atelier.spawn(["log", "--project", "Salt", "--follow"]);
    watching.wait_stdout("run.started", DEADLINE);
    atelier.json(["say", "--project", "Salt", "More fog."]);
    watching.wait_stdout("message.sent", DEADLINE);
    assert_eq!(runs(&atelier, "Salt")[0]["live"], true);
    held.release();
    let output = working.wait(DEADLINE);
    assert_eq!(output.code, 5, "{output}");
    watching.wait_stdout("gate.opened", DEADLINE);

    let serving = atelier.spawn(["serve"]);
    serving.wait_stderr("serving", DEADLINE);
    let gate = text(open_gate(&show(&atelier, &run)), "id");
    let decided = atelier.json(["runs", "gate", &gate, "approve"]);
    assert_eq!(text(&decided, "id"), run);
    eventually(DEADLINE, "two more gates", || {
        let shown = show(&atelier, &run);
        let open = shown["gates"].as_array().unwrap().iter().filter(|gate| gate["status"] == "open").count();
        (open == 2).then_some(())
    });
    atelier.json(["runs", "cancel", &run]);
    watching.wait_stdout("run.finished", DEADLINE);
    watching.sigint();
    let watched = watching.wait(DEADLINE);
    assert_eq!(watched.code, 0, "{watched}");
    let seen: Vec<serde_json::Value> =
        watched.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(seen, log(&atelier, "Salt"), "every event once, in order, across two owners");
    serving.sigint();
    assert_eq!(serving.wait(DEADLINE).code, 0);
}

#[test]
fn work_is_left_to_who_serves_and_refused_where_nobody_does() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let detached: Vec<&str> = RUN.into_iter().chain(["--detach"]).collect();
    let refused = atelier.run(&detached).expect_code(4);
    told_in_three_lines(&refused);
    assert_eq!(server.count(), 0);

    let serving = atelier.spawn(["serve"]);
    serving.wait_stderr("serving", DEADLINE);
    let started = atelier.json(&detached);
    let run = text(&started, "id");
    eventually(DEADLINE, "the run is done", || (show(&atelier, &run)["status"] == "done").then_some(()));
    // A run in the foreground is carried by whoever serves, too.
    let second = atelier.json(RUN);
    assert_eq!(second["status"], "done");
    serving.sigterm();
    assert_eq!(serving.wait(DEADLINE).code, 0);
    assert!(!atelier.data_dir().join("socket").exists());
}

#[test]
fn there_is_one_who_serves() {
    let atelier = atelier();
    let serving = atelier.spawn(["serve"]);
    serving.wait_stderr("serving", DEADLINE);
    let second = atelier.run(["serve"]).expect_code(4);
    told_in_three_lines(&second);
    assert!(second.stderr.contains(&serving.id().to_string()), "who owns it is named\n{second}");
    let mode = std::fs::metadata(atelier.data_dir().join("socket")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    serving.kill9();
    // The socket of a dead owner is no obstacle.
    atelier.run(["project", "list"]).expect_code(0);
    let third = atelier.spawn(["serve"]);
    third.wait_stderr("serving", DEADLINE);
    atelier.run(["project", "create", "Salt"]).expect_code(0);
}

#[test]
fn a_run_stays_until_the_runs_of_other_terminals_are_done() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    project(&atelier, "Pepper");
    let held = server.hold(Matcher::text("The other idea."));
    let first = server.hold(critiques());
    let working = atelier.spawn(RUN);
    assert!(first.wait_held(1, DEADLINE));
    let other = atelier.spawn(["run", "story-bible", "--project", "Pepper", "--idea", "The other idea."]);
    assert!(held.wait_held(1, DEADLINE));
    first.release();
    working.wait_stderr("another terminal", DEADLINE);
    assert!(working.is_running());
    held.release();
    assert_eq!(other.wait(DEADLINE).code, 0);
    assert_eq!(working.wait(DEADLINE).code, 0);
}

#[test]
fn many_short_commands_at_once_all_get_their_turn() {
    let atelier = atelier();
    project(&atelier, "Salt");
    let talking: Vec<_> =
        (0..12).map(|n| atelier.spawn(["say", "--project", "Salt", &format!("word {n}")])).collect();
    for child in talking {
        let output = child.wait(DEADLINE);
        assert_eq!(output.code, 0, "{output}");
    }
    assert_eq!(atelier.json(["messages", "list", "--project", "Salt"]).as_array().unwrap().len(), 12);
}

#[test]
fn a_data_folder_with_a_long_path_has_a_socket_too() {
    let atelier = atelier();
    let deep = atelier.work_dir().join("d".repeat(90)).join("e".repeat(90));
    std::fs::create_dir_all(&deep).unwrap();
    let atelier = atelier.env("ATELIER_DATA", &deep);
    let serving = atelier.spawn(["serve"]);
    serving.wait_stderr("serving", DEADLINE);
    atelier.run(["project", "create", "Salt"]).expect_code(0);
    assert_eq!(atelier.json(["project", "list"])[0]["name"], "Salt");
    assert!(deep.join("socket").exists());
}

#[test]
fn the_socket_survives_nonsense() {
    let atelier = atelier();
    let serving = atelier.spawn(["serve"]);
    serving.wait_stderr("serving", DEADLINE);
    let connect = || std::os::unix::net::UnixStream::connect(atelier.data_dir().join("socket")).unwrap();
    for nonsense in
        [&b"\n"[..], b"{}\n", b"{\"ask\":{\"request\":\"nonsense\"}}\n", b"\xff\xfe\n", b"half a line"]
    {
        let mut stream = connect();
        stream.write_all(nonsense).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        assert!(said.starts_with("{\"hello\""), "{said}");
    }
    let mut endless = connect();
    let chunk = vec![b'x'; 1 << 20];
    let mut sent = 0;
    while sent < 64 && endless.write_all(&chunk).is_ok() {
        sent += 1;
    }
    assert!(sent < 64, "a line without end is cut off");
    atelier.run(["project", "list"]).expect_code(0);
}

#[test]
fn serve_answers_over_http_on_this_machine_only() {
    let atelier = atelier();
    atelier.run(["serve", "--listen", "192.0.2.1:0"]).expect_code(2);
    let serving = atelier.spawn(["serve", "--listen", "127.0.0.1:0"]);
    let said = serving.wait_stderr("listening on http://", DEADLINE);
    let address = said.rsplit("http://").next().unwrap().trim().to_owned();
    let ask = |path: &str, host: &str| {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        said
    };
    let health = ask("/health", &address);
    assert!(health.starts_with("HTTP/1.1 200") && health.contains("\"ok\":true"), "{health}");
    let page = ask("/", &address);
    assert!(page.contains("Atelier") && page.to_lowercase().contains("content-security-policy"), "{page}");
    assert!(ask("/", "evil.example").starts_with("HTTP/1.1 421"));
    serving.sigint();
    assert_eq!(serving.wait(DEADLINE).code, 0);
}
