//! What the parts of the campaign share: how often to kill, a crew whose answers depend on nothing but the question,
//! and what has to be equal at the end.

use atelier_testkit::{Atelier, Matcher, ModelServer, Normaliser, Reply, Script, Seen};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// The steps that call a model, each with what only its answer has.
pub(crate) const STEPS: [(&str, &str); 4] =
    [("plot", "logline"), ("world", "places"), ("characters", "people"), ("critique", "verdict")];

/// How often to kill, all parts together.
#[expect(clippy::disallowed_methods, reason = "the one setting of the campaign")]
pub(crate) fn kills() -> usize {
    std::env::var("ATELIER_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(48)
}

/// One project for about fifty kills.
pub(crate) fn projects() -> usize {
    kills().div_ceil(50)
}

pub(crate) fn server() -> ModelServer {
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
    // The prompts tell of what is there already, or not yet: so no answer may depend on them.
    let fixed = |agent: &str| {
        let crew = Atelier::new(env!("CARGO_BIN_EXE_atelier")).json(["crews", "show", agent]);
        Reply::json(&atelier_testkit::instance_of(&crew["output"], "an island"))
    };
    let on = |key: &'static str| Matcher::of(move |seen| asks_for(seen, key));
    let script = Script::new()
        .when(on("verdict"), Reply::json(&critique))
        .when(on("people"), Reply::json(&people))
        .when(on("places"), fixed("worldbuilder"))
        .when(on("logline"), fixed("plot-architect"));
    ModelServer::with(script)
}

pub(crate) fn studio(server: &ModelServer) -> Atelier {
    Atelier::new(env!("CARGO_BIN_EXE_atelier")).model(&server.spec())
}

pub(crate) fn asks_for(seen: &Seen, key: &str) -> bool {
    seen.schema().is_some_and(|schema| schema["properties"][key].is_object())
}

/// How often the model was asked for this.
pub(crate) fn n_asked(server: &ModelServer, key: &str) -> usize {
    server.calls().iter().filter(|seen| asks_for(seen, key)).count()
}

/// Nobody is at work at the server any more: what a dead process asked for is counted as it ended.
pub(crate) fn settled(server: &ModelServer) {
    assert!(server.wait_until(DEADLINE, |seen| seen.iter().all(|seen| seen.finished || seen.abandoned)));
}

#[track_caller]
pub(crate) fn log(atelier: &Atelier, project: &str) -> Vec<Value> {
    atelier.json_lines(["log", "--project", project])
}

#[track_caller]
pub(crate) fn verified(atelier: &Atelier, project: &str, when: &str) {
    let verdict = atelier.run(["verify", "--project", project, "--json"]);
    assert_eq!(verdict.code, 0, "verify of {project}, {when}\n{verdict}");
    assert_eq!(verdict.json()["ok"], true, "{when}\n{verdict}");
}

/// The state of a project without ids, times and its name, and without what only counts how often somebody had to
/// begin again.
#[track_caller]
pub(crate) fn left(atelier: &Atelier, server: &ModelServer, project: &str) -> Value {
    let state = atelier.run(["state", "--project", project]).expect_code(0).json();
    let normaliser = Normaliser::new().replacing(&server.base_url(), "URL").replacing(project, "PROJECT");
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

/// A second terminal over a copy of the data folder.
pub(crate) fn copied(atelier: &Atelier, from: &Path, to: &Path) -> Atelier {
    copy_folder(from, to);
    atelier.clone().env("ATELIER_DATA", to)
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        let target = to.join(entry.file_name());
        if kind.is_dir() {
            copy_folder(&entry.path(), &target);
        } else if kind.is_file() {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A small generator with a seed, so that a failure can be had again.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}
