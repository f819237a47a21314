//! Killed again and again: nothing may be lost, and nothing finished paid for twice.
//!
//! `ATELIER_KILLS` says how many kills (a dozen where it is not set); `cargo xtask campaign` makes a thousand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken expectation in here is a failed test, and has to say so at once"
)]

use atelier_testkit::{Atelier, Child, Matcher, ModelServer, Normaliser, Reply, Script, Seen};
use serde_json::{Value, json};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(30);
const IDEA: &str = "A lighthouse keeper finds that the sea has begun to answer her.";
const RUN: [&str; 6] = ["run", "story-bible", "--project", "Salt", "--idea", IDEA];
/// Model calls of an undisturbed run.
const CALLS: usize = 4;

/// What is held back at each border: all that follows the outline, then the verdict alone.
const AFTER: [&[&str]; 2] = [&["people", "places", "verdict"], &["verdict"]];

/// At each border between calls all that comes after it is held back, and the process is killed there: what is finished
/// is never asked for again.
#[test]
fn kills_at_every_border_between_calls_repeat_nothing() {
    let quiet = undisturbed();
    for round in 0..kills().div_ceil(2 * AFTER.len()) {
        let server = server();
        let atelier = studio(&server);
        let mut run: Option<String> = None;
        for after in AFTER {
            let held = server.hold(Matcher::of(move |seen| after.iter().any(|key| asks_for(seen, key))));
            let working = begin(&atelier, run.as_deref());
            assert!(held.wait_held(after.len().min(2), DEADLINE), "round {round}, before {after:?}");
            working.kill9();
            drop(held);
            settled(&server);
            run = Some(only_run(&atelier));
        }
        let run = run.expect("a run");
        finish(&atelier, &run);
        let calls = server.calls();
        let cut = calls.iter().filter(|call| call.abandoned).count();
        assert_eq!(calls.len() - cut, CALLS, "round {round}: exactly as many finished calls as steps");
        finished_once(&atelier, &run);
        assert_eq!(left(&atelier, &server), quiet, "round {round}");
    }
}

#[test]
fn kills_at_any_instant_lose_nothing_and_repeat_no_finished_call() {
    let quiet = undisturbed();
    let mut random = Random(0x5eed_0fa7_e11e);
    let mut killed = 0;
    while killed < kills().div_ceil(2) {
        let server = server();
        let atelier = studio(&server);
        let mut run: Option<String> = None;
        let mut here = 0;
        loop {
            let working = begin(&atelier, run.as_deref());
            // A random moment within the time a whole run takes.
            let wait = Duration::from_micros(random.below(120_000));
            server.wait_until(wait, |_| false);
            let ended = !working.is_running();
            if !ended {
                working.kill9();
                killed += 1;
                here += 1;
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
        finished_once(&atelier, run.as_deref().expect("a run"));
        // An answer that was given whole may not have been durable when the process died: at most two for each kill.
        let calls = server.calls();
        let cut = calls.iter().filter(|call| call.abandoned).count();
        let whole = calls.len() - cut;
        assert!((CALLS..=CALLS + 2 * here).contains(&whole), "{whole} whole answers after {here} kills");
        assert_eq!(left(&atelier, &server), quiet, "after {killed} kills");
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
    // The world's prompt tells of people who are there already, or not yet: so its answer must not depend on it.
    let crew = Atelier::new(env!("CARGO_BIN_EXE_atelier")).json(["crews", "show", "worldbuilder"]);
    let world = atelier_testkit::instance_of(&crew["output"], "an island");
    let script = Script::new()
        .when(Matcher::of(|seen| asks_for(seen, "verdict")), Reply::json(&critique))
        .when(Matcher::of(|seen| asks_for(seen, "places")), Reply::json(&world));
    ModelServer::with(script.when(Matcher::of(|seen| asks_for(seen, "people")), Reply::json(&people)))
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
    left(&atelier, &server)
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

/// Each step has one finished attempt; all others were cut.
#[track_caller]
fn finished_once(atelier: &Atelier, run: &str) {
    let shown = atelier.json(["runs", "show", run]);
    let steps = shown["steps"].as_array().expect("steps");
    let attempts = |status: &str| {
        let all = steps.iter().flat_map(|step| step["attempts"].as_array().expect("attempts"));
        all.filter(|attempt| attempt["status"] == status).count()
    };
    assert_eq!(attempts("finished"), CALLS, "{shown:#}");
    assert_eq!(attempts("requested") + attempts("failed"), 0, "{shown:#}");
}

/// The state, without ids and times, and without what only counts how often somebody had to begin again.
#[track_caller]
fn left(atelier: &Atelier, server: &ModelServer) -> Value {
    let state = atelier.run(["state", "--project", "Salt"]).expect_code(0).json();
    let normaliser = Normaliser::new().replacing(&server.base_url(), "URL");
    let counts = ["seq", "usage", "created_seq", "updated_seq"];
    nameless(counts.into_iter().fold(normaliser, Normaliser::without).apply(state))
}

/// Parallel steps make their ids in any order: each becomes its kind, and what is named by ids a sorted list.
fn nameless(value: Value) -> Value {
    match value {
        Value::Object(map) if map.keys().any(|key| kind(key).is_some()) => {
            let mut items: Vec<Value> = map.into_values().map(nameless).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, nameless(value))).collect(),
        Value::Array(items) => items.into_iter().map(nameless).collect(),
        Value::String(text) => Value::from(kind(&text).map(str::to_owned).unwrap_or(text)),
        other => other,
    }
}

/// The kind of an id that was made a kind and a number.
fn kind(text: &str) -> Option<&str> {
    let (kind, number) = text.split_once('_')?;
    (kind.len() == 3 && number.parse::<u32>().is_ok()).then_some(kind)
}

fn begin(atelier: &Atelier, run: Option<&str>) -> Child {
    match run {
        None => atelier.spawn(RUN),
        Some(run) => atelier.spawn(["runs", "resume", run]),
    }
}

fn asks_for(seen: &Seen, key: &str) -> bool {
    seen.schema().is_some_and(|schema| schema["properties"][key].is_object())
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
