//! Gates, pauses, single steps, going back.

use crate::support::{
    DEADLINE, IDEA, content_server, critiques, list, log, only_run, open_gate, project, show, step, studio,
    text,
};
use atelier_testkit::{Atelier, Matcher, ModelServer};
use serde_json::Value;

const RUN: [&str; 6] = ["run", "story-bible", "--project", "Salt", "--idea", IDEA];

fn waiting(server: &ModelServer) -> (Atelier, String, String) {
    let atelier = studio(server);
    project(&atelier, "Salt");
    let run = atelier.json_code(RUN.into_iter().chain(["--gates", "always"]), 5);
    assert_eq!(run["status"], "waiting");
    let gate = text(open_gate(&run), "id");
    (atelier, text(&run, "id"), gate)
}

#[test]
fn a_run_with_gates_waits_for_each_yes() {
    let server = content_server();
    let (atelier, run, _) = waiting(&server);
    let mut gates = 0;
    loop {
        let shown = show(&atelier, &run);
        if shown["status"] == "done" {
            break;
        }
        let gate = text(open_gate(&shown), "id");
        let output = atelier.run(["runs", "gate", &gate, "approve", "--json"]);
        assert!(matches!(output.code, 0 | 5), "{output}");
        gates += 1;
        assert!(gates < 20, "it never ends");
    }
    assert!(gates >= 5, "{gates}");
    assert_eq!(server.count(), 4);
}

#[test]
fn c36_each_action_at_a_gate_has_its_own_effect() {
    let act = |words: &[&str]| -> (ModelServer, Value) {
        let server = content_server();
        let (atelier, run, gate) = waiting(&server);
        let output = atelier.run([&["runs", "gate", &gate][..], words].concat());
        assert!(matches!(output.code, 0 | 1 | 5), "{output}");
        let shown = show(&atelier, &run);
        (server, shown)
    };
    let plot = |run: &Value| step(run, "plot").clone();

    let (server, run) = act(&["skip"]);
    assert_eq!((plot(&run)["output"].clone(), server.count()), (Value::Null, 1));
    let (server, run) = act(&["reject"]);
    assert_eq!((run["status"].clone(), server.count()), ("failed".into(), 1));
    let (server, _) = act(&["retry"]);
    assert_eq!(server.count(), 2);
    let (server, run) = act(&["chat", "--text", "Why a lighthouse?"]);
    assert_eq!(server.count(), 2);
    assert!(server.calls()[1].text.contains("Why a lighthouse?"));
    assert_eq!(run["status"], "waiting");
    assert_eq!(open_gate(&run)["step"], "plot");

    let server = content_server();
    let (atelier, run, gate) = waiting(&server);
    atelier.run(["runs", "gate", &gate, "paste"]).expect_code(2);
    atelier.run(["runs", "gate", &gate, "dance"]).expect_code(2);
    let output = show(&atelier, &run)["gates"][0]["output"].to_string();
    let pasted = output.replacen("Amber", "Pasted", 1);
    atelier.run(["runs", "gate", &gate, "paste", "--text", &pasted]).expect_code(5);
    let shown = show(&atelier, &run);
    assert_eq!(step(&shown, "plot")["output"].to_string(), pasted);
    let calls_of_plot =
        list(&shown, "receipts").iter().filter(|receipt| receipt["agent"] == "plot-architect").count();
    assert_eq!(calls_of_plot, 1, "a paste calls no model");
    atelier.run(["runs", "gate", &gate, "approve"]).expect_code(4);
}

#[test]
fn a_paused_run_starts_nothing_until_it_is_resumed_or_stepped() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let held = server.hold(Matcher::Nth(1));
    let working = atelier.spawn(RUN);
    assert!(held.wait_held(1, DEADLINE));
    let run = only_run(&atelier, "Salt");
    atelier.json(["runs", "pause", &run]);
    held.release();
    let output = working.wait(DEADLINE);
    assert_eq!(output.code, 5, "{output}");
    assert!(output.stderr.contains("runs resume"), "{output}");
    let paused = show(&atelier, &run);
    assert_eq!((&paused["status"], &step(&paused, "plot")["status"]), (&"paused".into(), &"done".into()));
    assert_eq!(server.count(), 1);

    let stepped = atelier.json_code(["runs", "step", &run], 5);
    assert_eq!(stepped["status"], "paused");
    assert_eq!(server.count(), 2, "exactly one more");
    let done = atelier.json(["runs", "resume", &run]);
    assert_eq!(done["status"], "done");
    assert_eq!(server.count(), 4);
}

#[test]
fn ctrl_c_waits_for_the_answer_on_its_way_and_it_is_not_paid_for_twice() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let held = server.hold(critiques());
    let working = atelier.spawn(RUN);
    assert!(held.wait_held(1, DEADLINE));
    working.sigint();
    working.wait_stderr("paused (interrupted)", DEADLINE);
    held.release();
    let output = working.wait(DEADLINE);
    let run = only_run(&atelier, "Salt");
    assert_eq!(output.code, 5, "{output}");
    assert!(output.stderr.contains(&format!("atelier runs resume {run}")), "{output}");
    let paused = show(&atelier, &run);
    assert_eq!(paused["status"], "paused");
    assert_eq!(list(step(&paused, "critique"), "attempts")[0]["status"], "finished");
    assert_eq!(atelier.json(["runs", "resume", &run])["status"], "done");
    assert_eq!(server.count(), 4, "nothing is asked twice");
}

#[test]
fn a_second_ctrl_c_cuts_the_answer_says_how_to_go_on_and_loses_nothing() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let held = server.hold(critiques());
    let working = atelier.spawn(RUN);
    assert!(held.wait_held(1, DEADLINE));
    working.sigint();
    working.wait_stderr("paused (interrupted)", DEADLINE);
    working.sigint();
    let output = working.wait(DEADLINE);
    let run = only_run(&atelier, "Salt");
    assert_eq!(output.code, 5, "{output}");
    assert!(output.stderr.contains(&format!("atelier runs resume {run}")), "{output}");
    assert!(
        server.wait_until(DEADLINE, |seen| seen.iter().any(|seen| seen.abandoned)),
        "the call in flight is cut"
    );
    drop(held);
    assert_eq!(show(&atelier, &run)["status"], "paused");
    assert_eq!(atelier.json(["runs", "resume", &run])["status"], "done");
    assert_eq!(server.count(), 5);
}

#[test]
fn another_model_that_is_down_leaves_the_gate_open_with_the_reason() {
    let server = content_server();
    let (atelier, run, gate) = waiting(&server);
    let down = content_server();
    let spec = down.spec();
    drop(down);
    let tried = atelier.json_code(["runs", "gate", &gate, "change-model", "--model", &spec], 5);
    assert_eq!(tried["status"], "waiting", "{tried:#}");
    let open = open_gate(&tried);
    assert_eq!((&open["id"], &open["error"]["code"]), (&gate.as_str().into(), &"no_model_reachable".into()));
    assert!(text(&open["error"], "hint").len() > 8, "{open:#}");
    let human = atelier.run(["runs", "show", &run]).expect_code(0);
    assert!(human.stdout.contains("came to nothing"), "{human}");
    assert_eq!(server.count(), 1, "what waits there is the first answer");
    // The server that works, and the answer that was there, are both still to be had.
    atelier.run(["runs", "gate", &gate, "approve"]).expect_code(5);
    assert_eq!(step(&show(&atelier, &run), "plot")["status"], "done");
}

#[test]
fn a_cancelled_run_is_cancelled_and_keeps_what_was_finished() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let held = server.hold(critiques());
    let working = atelier.spawn(RUN);
    assert!(held.wait_held(1, DEADLINE));
    let run = only_run(&atelier, "Salt");
    atelier.json(["runs", "cancel", &run]);
    assert_eq!(working.wait(DEADLINE).code, 1);
    let shown = show(&atelier, &run);
    assert_eq!((&shown["status"], &step(&shown, "plot")["status"]), (&"cancelled".into(), &"done".into()));
    assert!(!atelier.json(["bucket", "list", "--project", "Salt"]).as_array().unwrap().is_empty());
    atelier.run(["runs", "resume", &run]).expect_code(4);
}

#[test]
fn a_rewound_run_opens_the_step_again_and_keeps_the_old_line() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let run = text(&crate::support::bible(&atelier, "Salt"), "id");
    let events = log(&atelier, "Salt");
    let failed = atelier.run(["runs", "rewind", &run, "nonsense"]);
    assert!(matches!(failed.code, 3 | 4), "{failed}");
    assert_eq!(log(&atelier, "Salt"), events);
    let told = atelier.run(["runs", "rewind", &run, "world", "--json"]).expect_code(0);
    let rewound = told.json();
    assert_ne!(rewound["status"], "done");
    let kept = text(&rewound["kept"], "name");
    assert!(told.stderr.contains(&format!("is kept on the branch {kept}")), "{told}");
    assert!(told.stderr.contains(&format!("atelier runs resume {run}")), "{told}");
    let named = |branch: &Value| branch["name"] == kept.as_str();
    let branches = atelier.json(["project", "show", "Salt"])["branches"].clone();
    assert!(branches.as_array().unwrap().iter().any(named), "{branches:#}");
    let done = atelier.json(["runs", "resume", &run]);
    assert_eq!(done["status"], "done");
    // World and critique again; plot and characters are kept.
    assert_eq!(server.count(), 6);
    let branches = atelier.json(["project", "show", "Salt"])["branches"].as_array().unwrap().len();
    assert_eq!(branches, 2);
}

#[test]
fn ctrl_c_in_the_first_moment_of_a_run_pauses_it() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let held = server.hold(Matcher::Always);
    let mut run: Option<String> = None;
    for round in 0..20 {
        let working = match &run {
            None => atelier.spawn(RUN),
            Some(run) => atelier.spawn(["runs", "resume", run]),
        };
        assert!(held.wait_held(1, DEADLINE), "round {round}");
        working.sigint();
        // The answer never comes: waiting for it would only take time.
        working.wait_stderr("pausing", DEADLINE);
        working.sigint();
        let output = working.wait(DEADLINE);
        assert_eq!(output.code, 5, "round {round}\n{output}");
        assert!(output.stderr.contains("go on with: atelier runs resume"), "round {round}\n{output}");
        run = Some(only_run(&atelier, "Salt"));
    }
    assert_eq!(show(&atelier, &run.expect("a run"))["status"], "paused");
}
