//! `kill -9` at any moment: nothing acknowledged is lost, nothing finished is asked for again.

use crate::support::{
    DEADLINE, IDEA, bible, content_server, critiques, list, log, only_run, open_gate, project, runs, show,
    state, step, studio, text,
};
use atelier_testkit::{Matcher, Normaliser, eventually};
use serde_json::Value;

const RUN: [&str; 6] = ["run", "story-bible", "--project", "Salt", "--idea", IDEA];

#[test]
fn c03_a_kill_at_any_step_leaves_the_last_acknowledged_change() {
    for call in 1..=4 {
        let server = content_server();
        let atelier = studio(&server);
        project(&atelier, "Salt");
        let held = server.hold(Matcher::Nth(call));
        let working = atelier.spawn(RUN);
        assert!(held.wait_held(1, DEADLINE), "call {call}");
        atelier.json(["say", "--project", "Salt", "More fog."]);
        // With calls 2 and 3 in parallel the other one may still add to the log.
        let before = eventually(DEADLINE, "a log that stays", || {
            let first = log(&atelier, "Salt");
            let waits = if call == 2 || call == 3 { 3 } else { call };
            (server.count() >= waits
                && server.wait_finished(waits - 1, DEADLINE)
                && first == log(&atelier, "Salt"))
            .then_some(first)
        });
        working.kill9();
        let after = log(&atelier, "Salt");
        assert!(after.starts_with(&before), "call {call}: an acknowledged event is gone");
        let verdict = atelier.json(["verify", "--project", "Salt"]);
        assert_eq!(verdict["ok"], true, "call {call}: {verdict:#}");
        assert_eq!(state(&atelier, "Salt"), state(&atelier, "Salt"));
    }
}

#[test]
fn c04_a_finished_call_is_never_made_again() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let held = server.hold(critiques());
    let working = atelier.spawn(RUN);
    assert!(held.wait_held(1, DEADLINE));
    working.kill9();
    drop(held);
    assert!(server.wait_until(DEADLINE, |seen| seen.iter().all(|seen| seen.finished || seen.abandoned)));

    let run = only_run(&atelier, "Salt");
    let line = &runs(&atelier, "Salt")[0];
    assert_eq!((&line["status"], &line["live"]), (&"running".into(), &false.into()), "{line}");
    let before = show(&atelier, &run);
    for name in ["plot", "world", "characters"] {
        assert_eq!(step(&before, name)["status"], "done", "{name}");
    }
    assert_eq!(server.count(), 4);

    let after = atelier.json(["runs", "resume", &run]);
    assert_eq!(after["status"], "done");
    // The call that was cut is made again, and no other.
    assert_eq!(server.count(), 5);
    let calls = server.calls();
    assert_eq!(calls.iter().filter(|seen| seen.schema().is_some_and(is_critique)).count(), 2);
    for name in ["plot", "world", "characters"] {
        assert_eq!(list(step(&after, name), "attempts").len(), 1, "{name}");
    }
    assert_eq!(after["usage"]["calls"].as_u64(), Some(5));
    every_request_has_its_receipt(&server, &after);
}

#[test]
fn c37_a_request_that_a_kill_cut_has_its_receipt_like_every_other() {
    for call in 1..=4 {
        let server = content_server();
        let atelier = studio(&server);
        project(&atelier, "Salt");
        let held = server.hold(Matcher::Nth(call));
        let working = atelier.spawn(RUN);
        assert!(held.wait_held(1, DEADLINE), "call {call}");
        working.kill9();
        // Killed once more while the same call is made again.
        let run = only_run(&atelier, "Salt");
        let again = server.hold(Matcher::of(|_| true));
        let working = atelier.spawn(["runs", "resume", &run]);
        assert!(again.wait_held(1, DEADLINE), "call {call}");
        working.kill9();
        drop((held, again));
        assert!(server.wait_until(DEADLINE, |seen| seen.iter().all(|seen| seen.finished || seen.abandoned)));
        let done = atelier.json(["runs", "resume", &run]);
        assert_eq!(done["status"], "done", "call {call}");
        every_request_has_its_receipt(&server, &done);
        let cut = list(&done, "receipts").iter().filter(|receipt| !receipt["error"].is_null());
        for receipt in cut.clone() {
            assert_eq!(receipt["error"]["code"], "interrupted", "{receipt:#}");
            assert!(text(receipt, "template").contains('@'), "{receipt:#}");
        }
        assert!(cut.count() >= 2, "call {call}");
    }
}

/// Whatever the server was sent has a receipt of its own with just these messages. One more may be there for a call that a
/// kill cut between the log and the wire: whether that was sent nobody can know, and its receipt says so.
#[track_caller]
fn every_request_has_its_receipt(server: &atelier_testkit::ModelServer, run: &Value) {
    let mut told: Vec<&Value> = list(run, "receipts").iter().collect();
    // The same prompt may have been cut before it was sent, and then sent: what has an answer was sent for certain.
    told.sort_by_key(|receipt| !receipt["error"].is_null());
    for seen in server.calls() {
        let sent = seen.messages();
        let is_it = |receipt: &&Value| {
            let messages = list(receipt, "messages").iter().map(|m| (text(m, "role"), text(m, "content")));
            messages.eq(sent.iter().cloned())
        };
        let found = told.iter().position(is_it);
        told.remove(found.unwrap_or_else(|| panic!("no receipt for what was sent:\n{sent:#?}")));
    }
    let cut = |receipt: &&Value| receipt["error"]["code"] == "interrupted";
    assert!(told.iter().all(cut), "a receipt for what was never sent: {told:#?}");
}

fn is_critique(schema: &Value) -> bool {
    schema["properties"]["verdict"].is_object()
}

#[test]
fn c04_a_run_that_waited_at_a_gate_still_waits_there_after_a_kill() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    atelier.run(RUN.into_iter().chain(["--gates", "always"])).expect_code(5);
    let run = only_run(&atelier, "Salt");
    let gate = text(open_gate(&show(&atelier, &run)), "id");
    let serving = atelier.spawn(["serve"]);
    serving.wait_stderr("serving", DEADLINE);
    serving.kill9();
    let shown = show(&atelier, &run);
    assert_eq!(shown["status"], "waiting");
    assert_eq!(text(open_gate(&shown), "id"), gate);
    assert_eq!(server.count(), 1);
}

#[test]
fn a_killed_and_resumed_run_leaves_what_an_undisturbed_one_leaves() {
    let server = content_server();
    let quiet = studio(&server);
    project(&quiet, "Salt");
    bible(&quiet, "Salt");

    let killed = studio(&server);
    project(&killed, "Salt");
    server.reset();
    let held = server.hold(Matcher::Nth(2));
    let working = killed.spawn(RUN);
    assert!(held.wait_held(1, DEADLINE));
    working.kill9();
    drop(held);
    killed.json(["runs", "resume", &only_run(&killed, "Salt")]);
    let buckets = |atelier: &atelier_testkit::Atelier| {
        let list = atelier.json(["bucket", "list", "--project", "Salt"]);
        let mut lines: Vec<String> = list
            .as_array()
            .unwrap()
            .iter()
            .map(|bucket| format!("{} {} {}", bucket["type"], bucket["title"], bucket["fields"]))
            .collect();
        lines.sort();
        lines.into_iter().map(|line| Normaliser::new().apply(Value::from(line))).collect::<Vec<_>>()
    };
    assert_eq!(buckets(&killed), buckets(&quiet));
}

#[test]
fn serve_carries_on_what_was_running_and_safe_does_not() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let held = server.hold(Matcher::Nth(1));
    let working = atelier.spawn(RUN);
    assert!(held.wait_held(1, DEADLINE));
    working.kill9();
    drop(held);

    let safe = atelier.spawn(["serve", "--safe"]);
    safe.wait_stderr("serving", DEADLINE);
    assert_eq!(runs(&atelier, "Salt")[0]["live"], false);
    safe.sigterm();
    assert_eq!(safe.wait(DEADLINE).code, 0);
    assert_eq!(server.count(), 1);

    let serving = atelier.spawn(["serve"]);
    serving.wait_stderr("serving", DEADLINE);
    eventually(DEADLINE, "the run is done", || (runs(&atelier, "Salt")[0]["status"] == "done").then_some(()));
    serving.sigint();
    assert_eq!(serving.wait(DEADLINE).code, 0);
    assert_eq!(server.count(), 5);
}
