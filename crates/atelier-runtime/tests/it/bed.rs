//! What the tests share.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use atelier_runtime::{Config, Failure, LogRequest, Open, Recovery, Request, RunRequest, Studio};
use atelier_testkit::{Matcher, ModelServer, Reply, Script};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Bed {
    pub(crate) folder: TempDir,
    pub(crate) server: ModelServer,
    pub(crate) studio: Studio,
}

impl Bed {
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// A studio with settings, whose default model is the scripted server.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = content_server();
        let mut lines = format!("\"models.default\" = \"{}\"\n", server.spec());
        for (key, value) in settings {
            lines += &format!("\"{key}\" = \"{value}\"\n");
        }
        std::fs::write(folder.path().join("config.toml"), lines).unwrap();
        let studio = open(folder.path(), Recovery::Nothing).await;
        Self { folder, server, studio }
    }

    pub(crate) async fn ask(&self, request: Request) -> Value {
        self.studio.handle(request).await.unwrap()
    }

    pub(crate) async fn refused(&self, request: Request) -> Failure {
        self.studio.handle(request).await.expect_err("it was to be refused")
    }

    pub(crate) async fn project(&self, name: &str) -> String {
        text(&self.ask(Request::ProjectCreate { name: name.into() }).await, "id")
    }

    /// A run of one agent with one call; its id.
    pub(crate) async fn world(&self, project: &str, outline: &str) -> String {
        text(&self.ask(Request::Run(world(project, outline))).await, "id")
    }

    pub(crate) async fn bible(&self, project: &str) -> String {
        text(&self.ask(Request::Run(bible(project))).await, "id")
    }

    pub(crate) async fn wait(&self, run: &str) -> Value {
        let waited = self.studio.handle(Request::RunWait { run: run.into() });
        tokio::time::timeout(DEADLINE, waited).await.expect("the run settles in time").unwrap()
    }

    pub(crate) async fn show(&self, run: &str) -> Value {
        self.ask(Request::RunShow { run: run.into() }).await
    }

    pub(crate) async fn events(&self, project: &str) -> Vec<Value> {
        let request =
            Request::Log(LogRequest { project: project.into(), limit: 10_000, ..LogRequest::default() });
        self.ask(request).await.as_array().unwrap().clone()
    }

    pub(crate) async fn state(&self, project: &str) -> String {
        let state = self.ask(Request::State { project: project.into(), branch: None, at: None }).await;
        state.as_str().unwrap().to_owned()
    }

    pub(crate) async fn say(&self, project: &str, priority: &str, words: &str) -> String {
        let priority = serde_json::from_value(json!(priority)).unwrap();
        let said = Request::Say {
            project: project.into(),
            to: None,
            run: None,
            step: None,
            priority,
            text: words.into(),
        };
        text(&self.ask(said).await, "id")
    }

    pub(crate) fn path(&self, project: &str) -> std::path::PathBuf {
        self.folder.path().join("projects").join(project)
    }

    /// Ends the studio in order and opens the folder again.
    pub(crate) async fn again(self, recovery: Recovery) -> Self {
        self.studio.shutdown().await;
        self.crash(recovery).await
    }

    /// Drops the studio where it stands and opens the folder again.
    pub(crate) async fn crash(self, recovery: Recovery) -> Self {
        let Self { folder, server, studio } = self;
        drop(studio);
        let studio = open(folder.path(), recovery).await;
        Self { folder, server, studio }
    }
}

/// Opens a folder; one that was just dropped is let go of a moment later.
pub(crate) async fn open(data: &Path, recovery: Recovery) -> Studio {
    let opened = async {
        loop {
            match Studio::open(Open { data: data.to_owned(), config: load(data).unwrap(), recovery }).await {
                Err(failure) if failure.code == "data_folder_in_use" => tokio::task::yield_now().await,
                opened => return opened.unwrap(),
            }
        }
    };
    tokio::time::timeout(DEADLINE, opened).await.expect("the folder is let go of")
}

pub(crate) fn load(data: &Path) -> Result<Config, Failure> {
    load_with(data, &[])
}

pub(crate) fn load_with(data: &Path, variables: &[(&str, &str)]) -> Result<Config, Failure> {
    let home = data.display().to_string();
    let variables: BTreeMap<&str, &str> =
        variables.iter().copied().chain([("HOME", home.as_str())]).collect();
    Config::load(data, &|name| variables.get(name).map(|value| (*value).to_owned()))
}

pub(crate) fn bible(project: &str) -> RunRequest {
    let inputs = json!({"idea": "A lighthouse keeper finds that the sea answers her."});
    RunRequest {
        project: project.into(),
        name: "story-bible".into(),
        inputs: inputs.as_object().unwrap().clone(),
        ..RunRequest::default()
    }
}

pub(crate) fn world(project: &str, outline: &str) -> RunRequest {
    let inputs = json!({"outline": outline});
    RunRequest {
        project: project.into(),
        name: "worldbuilder".into(),
        agent: true,
        inputs: inputs.as_object().unwrap().clone(),
        gates: Some(serde_json::from_value(json!("never")).unwrap()),
        ..RunRequest::default()
    }
}

/// Asks until it is so; each question is a request of its own.
pub(crate) async fn until(what: &str, mut met: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !met().await {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(DEADLINE, asked).await.is_ok(), "never: {what}");
}

#[track_caller]
pub(crate) fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("no text `{key}` in {value:#}")).to_owned()
}

pub(crate) fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

pub(crate) fn n_of(events: &[Value], kind: &str) -> usize {
    kinds(events).into_iter().filter(|found| *found == kind).count()
}

pub(crate) fn asks_for(key: &'static str) -> Matcher {
    Matcher::of(move |seen| seen.schema().is_some_and(|schema| schema["properties"][key].is_object()))
}

/// A server whose answers make sense, so that no gate opens by itself.
fn content_server() -> ModelServer {
    let person = |name: &str, role: &str, want: &str| {
        json!({
            "name": name, "role": role, "want": want, "need": "To be heard.", "flaw": "Stubborn as stone.",
            "voice": "Short sentences.", "look": "Grey coat, salt in the hair."
        })
    };
    let people = [
        person("Mara Tull", "protagonist", "To keep the light burning."),
        person("Old Penn", "ally", "A quiet death at sea."),
    ];
    let critique = json!({
        "score": 8, "verdict": "accept", "strengths": ["The sea that answers is a strong image."],
        "core_problem": "The keeper wants too little in the middle.",
        "guidance": ["Give the keeper something to lose before the storm."],
        "canon_rules": ["The sea never lies to the keeper."]
    });
    let script = Script::new()
        .when(asks_for("verdict"), Reply::json(&critique))
        .when(asks_for("people"), Reply::json(&json!({"people": people})));
    ModelServer::with(script)
}
