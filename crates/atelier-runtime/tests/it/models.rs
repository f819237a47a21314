//! Which model is asked, and what happens when it fails.

use std::collections::BTreeMap;

use atelier_runtime::{Request, RunRequest};
use atelier_testkit::{DeadPort, ModelServer};

use crate::bed::{Bed, n_of, text, world};

/// Sets levels one above the other; each is asked in its turn and nothing else is.
#[tokio::test(flavor = "multi_thread")]
async fn the_narrowest_level_that_is_set_decides_and_nothing_else_is_contacted() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let [studio, own, agent, run] = std::array::from_fn(|_| ModelServer::start());
    let set = |project: Option<&str>, key: &str, value: String| Request::ConfigSet {
        project: project.map(Into::into),
        key: key.into(),
        value: Some(value),
    };
    let check = async |request: RunRequest, level: &str, asked: &ModelServer| {
        let all = [&bed.server, &studio, &own, &agent, &run];
        let before: usize = all.iter().map(|server| server.requests().len()).sum();
        let n = asked.requests().len();
        let id = text(&bed.ask(Request::Run(request)).await, "id");
        let shown = bed.wait(&id).await;
        assert_eq!(shown["receipts"][0]["level"], level, "{shown:#}");
        assert_eq!(asked.requests().len(), n + 1, "{level}");
        assert_eq!(all.iter().map(|server| server.requests().len()).sum::<usize>(), before + 1, "{level}");
    };
    let plain = || world(&project, "a coast");
    check(plain(), "studio", &bed.server).await;
    bed.ask(set(None, "models.heavy", studio.spec())).await;
    check(plain(), "studio", &studio).await;
    check(RunRequest { mode: Some("fast".into()), ..plain() }, "studio", &bed.server).await;
    let environment = BTreeMap::from([("ATELIER_HEAVY_MODEL".to_owned(), own.spec())]);
    check(RunRequest { environment, ..plain() }, "studio", &own).await;
    bed.ask(set(Some(&project), "models.default", own.spec())).await;
    check(plain(), "project", &own).await;
    bed.ask(set(Some(&project), "agents.worldbuilder.model", agent.spec())).await;
    check(plain(), "agent", &agent).await;
    check(RunRequest { model: Some(run.spec()), ..plain() }, "run", &run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_does_not_begin_where_one_of_its_agents_has_a_model_that_cannot_be_used() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let set = |value: String| Request::ConfigSet {
        project: Some(project.clone()),
        key: "agents.character.model".into(),
        value: Some(value),
    };
    let before = bed.events(&project).await.len();
    for gone in ["scripted:/nowhere/replies.json", "embedded:/nowhere/model.gguf"] {
        bed.ask(set(gone.into())).await;
        let refused = bed.refused(Request::Run(crate::bed::bible(&project))).await;
        assert_eq!(refused.code, "model_unusable", "{refused:?}");
        assert!(refused.message.contains(gone), "{refused:?}");
    }
    assert_eq!(bed.server.count(), 0, "not even the agents before it are asked");
    let events = bed.events(&project).await;
    assert_eq!(n_of(&events[before..], "run.started"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fallback_takes_over_and_both_attempts_are_recorded() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let dead = DeadPort::new();
    let down = format!("openai:gone@{}", dead.base_url());
    for (key, value) in [("models.default", down.clone()), ("models.fallback", bed.server.spec())] {
        let set = Request::ConfigSet { project: Some(project.clone()), key: key.into(), value: Some(value) };
        bed.ask(set).await;
    }
    let run = bed.world(&project, "a coast").await;
    let shown = bed.wait(&run).await;
    assert_eq!(shown["status"], "done");
    let attempts = shown["steps"][0]["attempts"].as_array().unwrap();
    assert_eq!(attempts[0]["status"], "failed");
    assert_eq!(attempts[0]["model"], down);
    assert_eq!(attempts.last().unwrap()["model"], bed.server.spec());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_whose_model_is_down_fails_alone_with_nothing_saved() {
    let bed = Bed::new().await;
    let (down, fine) = (bed.project("Down").await, bed.project("Fine").await);
    let dead = DeadPort::new();
    let mut request = world(&down, "a coast");
    request.model = Some(format!("openai:gone@{}", dead.base_url()));
    let failing = text(&bed.ask(Request::Run(request)).await, "id");
    let working = bed.bible(&fine).await;
    let (failed, done) = tokio::join!(bed.wait(&failing), bed.wait(&working));
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["steps"][0]["status"], "failed");
    assert_eq!(done["status"], "done");
    let events = bed.events(&down).await;
    assert_eq!(n_of(&events, "artifact.saved") + n_of(&events, "bucket.created"), 0);
    assert!(!bed.path(&down).join("outputs").exists());
    assert!(bed.state(&down).await.find(&fine).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crew_changed_on_disk_does_not_change_a_run_under_way() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let folder = bed.path(&project).join("crews/story/agents");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("worldbuilder.md");
    let builtin = include_str!("../../../../crews/story/agents/worldbuilder.md");
    std::fs::write(&file, builtin.replace("You are the Worldbuilder", "You are the Mapmaker")).unwrap();
    let held = bed.server.hold(crate::bed::asks_for("acts"));
    let run = bed.bible(&project).await;
    assert!(held.wait_held(1, crate::bed::DEADLINE));
    std::fs::write(&file, builtin.replace("You are the Worldbuilder", "You are the Surveyor of coasts"))
        .unwrap();
    held.release();
    bed.wait(&run).await;
    let next = bed.world(&project, "a coast").await;
    bed.wait(&next).await;
    let asked = |words: &str| bed.server.calls().iter().filter(|seen| seen.text.contains(words)).count();
    assert_eq!(
        (asked("the Mapmaker"), asked("the Surveyor of coasts"), asked("the Worldbuilder")),
        (1, 1, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_temperature_of_the_studio_holds_where_the_project_has_none() {
    let bed = Bed::with(&[("models.temperature", "250")]).await;
    let project = bed.project("P").await;
    let first = bed.world(&project, "a coast").await;
    bed.wait(&first).await;
    let set = Request::ConfigSet {
        project: Some(project.clone()),
        key: "models.temperature".into(),
        value: Some("750".into()),
    };
    bed.ask(set).await;
    let second = bed.world(&project, "a hill").await;
    bed.wait(&second).await;
    let sent: Vec<f64> =
        bed.server.calls().iter().map(|seen| seen.at("/temperature").as_f64().unwrap()).collect();
    assert_eq!(sent, [0.25, 0.75]);
}
