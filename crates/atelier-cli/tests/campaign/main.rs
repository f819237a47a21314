//! Killed again and again: nothing may be lost, and nothing finished paid for twice.
//!
//! `ATELIER_KILLS` says how many kills (a dozen where it is not set); `cargo xtask campaign` makes a thousand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken expectation in here is a failed test, and has to say so at once"
)]

use atelier_testkit::{Atelier, Matcher, ModelServer, Normaliser, Reply, Script, eventually};
use serde_json::{Value, json};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(30);
const IDEA: &str = "A lighthouse keeper finds that the sea has begun to answer her.";
const RUN: [&str; 6] = ["run", "story-bible", "--project", "Salt", "--idea", IDEA];
/// Model calls of an undisturbed run.
const CALLS: usize = 4;

/// The end of a call is where the next kill falls, so each gap between two calls is met.
#[test]
fn kills_at_every_border_between_calls_repeat_nothing() {
    let quiet = undisturbed();
    for round in 0..kills().div_ceil(2 * (CALLS - 1)).max(1) {
        let server = server();
        let atelier = studio(&server);
        let mut run = String::new();
        for border in [1, 3] {
            // The call after the border is never let in; so what was asked for and cut is counted and taken off.
            let held = server.hold(Matcher::of(
                move |seen| matches!(seen.call, atelier_testkit::Call::Chat(n) if n > border),
            ));
            let working =
                if run.is_empty() { atelier.spawn(RUN) } else { atelier.spawn(["runs", "resume", &run]) };
            assert!(server.wait_finished(border, DEADLINE), "round {round}, border {border}");
            assert!(held.wait_held(1, DEADLINE));
            working.kill9();
            drop(held);
            settled(&server);
            run = only_run(&atelier);
        }
        finish(&atelier, &run);
        once_each(&server, &format!("round {round}"));
        assert_eq!(left(&atelier), quiet, "round {round}");
    }
}

#[test]
fn kills_at_any_instant_lose_nothing_and_repeat_no_finished_call() {
    let quiet = undisturbed();
    let mut random = Random(0x5eed_0f_a7e11e7);
    let mut killed = 0;
    while killed < kills().div_ceil(2) {
        let server = server();
        let atelier = studio(&server);
        let mut run: Option<String> = None;
        loop {
            let working = match &run {
                None => atelier.spawn(RUN),
                Some(run) => atelier.spawn(["runs", "resume", run]),
            };
            // A random moment within the time a whole run takes.
            let wait = Duration::from_micros(random.below(120_000));
            server.wait_until(wait, |_| false);
            let ended = !working.is_running();
            if !ended {
                working.kill9();
                killed += 1;
            }
            settled(&server);
            run = atelier.json(["runs", "list", "--project", "Salt"])[0]["id"].as_str().map(str::to_owned);
            match &run {
                Some(run) if killed % 3 == 0 || ended => {
                    finish(&atelier, run);
                    break;
                }
                _ => {}
            }
        }
        once_each(&server, &format!("after {killed} kills"));
        assert_eq!(left(&atelier), quiet, "after {killed} kills");
        assert_eq!(atelier.json(["verify", "--project", "Salt"])["ok"], true);
    }
}

/// How often to kill.
#[expect(clippy::disallowed_methods, reason = "the one setting of this test")]
fn kills() -> usize {
    std::env::var("ATELIER_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(12)
}

fn server() -> ModelServer {
    let critique = json!({
        "score": 8, "verdict": "accept", "strengths": ["The sea that answers."],
        "core_problem": "The keeper wants too little.", "guidance": ["Give her something to lose."],
        "canon_rules": ["The sea never lies."]
    });
    let person = |name: &str, want: &str| {
        json!({
            "name": name, "role": "ally", "want": want, "need": "To be heard.", "flaw": "Stubborn as stone.",
            "voice": "Short sentences.", "look": "Grey coat."
        })
    };
    let people = json!({"people": [person("Mara Tull", "To keep the light burning."), person("Old Penn", "A quiet death.")]});
    let asks_for = |key: &'static str| {
        Matcher::of(move |seen| seen.schema().is_some_and(|schema| schema["properties"][key].is_object()))
    };
    let script = Script::new().when(asks_for("verdict"), Reply::json(&critique));
    ModelServer::with(script.when(asks_for("people"), Reply::json(&people)))
}

fn studio(server: &ModelServer) -> Atelier {
    let atelier = Atelier::new(env!("CARGO_BIN_EXE_atelier")).model(&server.spec());
    atelier.json(["project", "create", "Salt"]);
    atelier
}

fn undisturbed() -> Value {
    let server = server();
    let atelier = studio(&server);
    atelier.json(RUN);
    assert_eq!(server.count(), CALLS);
    left(&atelier)
}

fn only_run(atelier: &Atelier) -> String {
    atelier.json(["runs", "list", "--project", "Salt"])[0]["id"].as_str().expect("a run").to_owned()
}

/// Nobody is at work at the server any more: what a dead process asked for is counted as it ended.
fn settled(server: &ModelServer) {
    assert!(server.wait_until(DEADLINE, |seen| seen.iter().all(|seen| seen.finished || seen.abandoned)));
}

#[track_caller]
fn finish(atelier: &Atelier, run: &str) {
    let shown = atelier.json(["runs", "show", run]);
    if shown["status"] != "done" {
        let done = atelier.json(["runs", "resume", run]);
        assert_eq!(done["status"], "done", "{done:#}");
    }
}

/// Each step was answered to its end and heard once; what was cut in the middle is all that was asked twice.
#[track_caller]
fn once_each(server: &ModelServer, when: &str) {
    let calls = server.calls();
    let mut prompts: Vec<(String, usize)> = Vec::new();
    for call in &calls {
        let schema = call.schema().map(Value::to_string).unwrap_or_default();
        match prompts.iter_mut().find(|(known, _)| *known == schema) {
            Some((_, n)) => *n += 1,
            None => prompts.push((schema, 1)),
        }
    }
    assert_eq!(prompts.len(), CALLS, "{when}: another number of steps");
    let abandoned = calls.iter().filter(|call| call.abandoned).count();
    // An answer that was given whole may still not have been durable when the process died: at most one for each kill.
    assert!(calls.len() - abandoned >= CALLS, "{when}");
}

/// What a run leaves, without ids, times, and what tells of the interruptions themselves.
#[track_caller]
fn left(atelier: &Atelier) -> Value {
    let state = eventually(DEADLINE, "a state", || {
        let output = atelier.run(["state", "--project", "Salt"]);
        (output.code == 0).then(|| output.json())
    });
    let content = state.get("content").or_else(|| state.get("branches")).cloned().unwrap_or(state);
    let mut bucket_lines: Vec<String> = Vec::new();
    let buckets = atelier.json(["bucket", "list", "--project", "Salt"]);
    for bucket in buckets.as_array().expect("a list") {
        bucket_lines.push(format!("{} {} {}", bucket["type"], bucket["title"], bucket["fields"]));
    }
    bucket_lines.sort();
    drop(content);
    Normaliser::new().by_content().apply(json!({"buckets": bucket_lines}))
}

/// A small generator with a seed, so that a failure can be had again.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}
