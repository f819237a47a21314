//! What a person says, and what the models got to read.

use serde_json::Value;

use crate::bed::{Bed, DEADLINE, world};
use atelier_runtime::Request;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_while_a_call_waits_in_the_queue_is_in_that_call_the_urgent_first() {
    let bed = Bed::with(&[("models.concurrency", "1")]).await;
    let project = bed.project("P").await;
    let held = bed.server.hold("an island");
    let first = bed.world(&project, "an island").await;
    assert!(held.wait_held(1, DEADLINE));
    let second = bed.world(&project, "a hill").await;
    let low = bed.say(&project, "low", "more gulls").await;
    let urgent = bed.say(&project, "urgent", "no dragons").await;
    let normal = bed.say(&project, "normal", "colder rain").await;
    held.release();
    bed.wait(&first).await;
    let run = bed.wait(&second).await;
    let calls = bed.server.calls();
    let text = &calls.iter().find(|seen| seen.text.contains("a hill")).unwrap().text;
    let place = |words: &str| text.find(words).unwrap_or_else(|| panic!("not in the prompt: {words}"));
    assert!(place("no dragons") < place("colder rain") && place("colder rain") < place("more gulls"));
    let heard: Vec<&str> =
        run["receipts"][0]["feedback"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(heard, [urgent.as_str(), normal.as_str(), low.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_give_back_the_exact_messages_that_the_server_saw() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let run = bed.bible(&project).await;
    let run = bed.wait(&run).await;
    let receipts = run["receipts"].as_array().unwrap();
    assert_eq!(receipts.len(), 4);
    for seen in bed.server.calls() {
        let told = receipts.iter().any(|receipt| {
            let messages = receipt["messages"].as_array().unwrap().iter();
            let messages: Vec<(String, String)> = messages
                .map(|m| (m["role"].as_str().unwrap().into(), m["content"].as_str().unwrap().into()))
                .collect();
            messages == seen.messages()
        });
        assert!(told, "no receipt for {:?}", seen.messages());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_take_turns_at_one_endpoint() {
    let bed = Bed::with(&[("models.concurrency", "1")]).await;
    let (one, two) = (bed.project("One").await, bed.project("Two").await);
    let held = bed.server.hold("of first");
    let mut runs = vec![bed.world(&one, "an island of first").await];
    assert!(held.wait_held(1, DEADLINE));
    for n in 0..20 {
        runs.push(bed.world(&one, &format!("hill {n} of one")).await);
    }
    runs.push(bed.world(&two, "hill of two").await);
    held.release();
    for run in &runs {
        bed.wait(run).await;
    }
    let calls = bed.server.calls();
    let place = calls.iter().position(|seen| seen.text.contains("hill of two")).unwrap();
    // Without turns it would be the last of 21. When exactly its worker reached the queue is the scheduler's affair.
    assert!(place <= 10, "the other project waited for {place} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_commands_at_once_leave_a_log_without_gaps() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let said = (0..300).map(|n| {
        let project = project.clone();
        let bed = &bed;
        async move { bed.say(&project, "normal", &format!("word {n}")).await }
    });
    futures::future::join_all(said).await;
    let events = bed.events(&project).await;
    let seqs: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=301).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_run_says_why_and_appends_nothing() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let mut requests = Vec::new();
    for change in ["workflow", "agent", "model", "input", "mode", "missing", "project", "detach"] {
        let mut request = world(&project, "a coast");
        match change {
            "workflow" => (request.name, request.agent) = ("saga".into(), false),
            "agent" => request.name = "ghost".into(),
            "model" => request.model = Some("nonsense".into()),
            "input" => drop(request.inputs.insert("colour".into(), "red".into())),
            "mode" => request.mode = Some("medium".into()),
            "missing" => request.inputs.clear(),
            "project" => request.project = "nowhere".into(),
            _ => request.detach = true,
        }
        requests.push((change, request));
    }
    for (change, request) in requests {
        let failure = bed.refused(Request::Run(request)).await;
        assert!(matches!(u8::from(failure.exit), 2..=4), "{change}: {failure:?}");
        assert!(!failure.message.is_empty() && !failure.hint.is_empty(), "{change}: {failure:?}");
    }
    assert_eq!(bed.events(&project).await.len(), 1);
    assert_eq!(bed.server.count(), 0);
}
