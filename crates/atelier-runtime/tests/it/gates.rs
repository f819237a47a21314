//! Gates, each action through the studio.

use atelier_domain::event::gate::GateAction;
use atelier_runtime::{Exit, GateDecision, Request};
use serde_json::{Value, json};

use crate::bed::{Bed, text, until, world};

/// A run whose one step waits at its gate: the run and the gate.
async fn waiting(bed: &Bed, project: &str) -> (String, Value) {
    let mut request = world(project, "a coast");
    request.gates = Some(serde_json::from_value(json!("always")).unwrap());
    let run = text(&bed.ask(Request::Run(request)).await, "id");
    let shown = bed.wait(&run).await;
    assert_eq!(shown["status"], "waiting", "{shown:#}");
    let gates = shown["gates"].as_array().unwrap();
    (run, gates.iter().find(|gate| gate["status"] == "open").unwrap().clone())
}

fn decision(gate: &Value, action: GateAction, words: Option<String>) -> GateDecision {
    GateDecision { gate: text(gate, "id"), action, text: words, model: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_does_what_it_says() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    for action in GateAction::ALL {
        let (run, gate) = waiting(&bed, &project).await;
        let before = bed.server.count();
        let mut decided = decision(&gate, action, None);
        match action {
            GateAction::Edit | GateAction::Paste => decided.text = Some(gate["output"].to_string()),
            GateAction::Chat | GateAction::Pin => decided.text = Some("smaller and wetter".into()),
            GateAction::ChangeModel => decided.model = Some(bed.server.spec()),
            _ => {}
        }
        if action.needs_text() {
            let without = GateDecision { text: None, ..decided.clone() };
            assert_eq!(bed.refused(Request::Gate(without)).await.exit, Exit::Usage, "{action:?}");
        }
        bed.ask(Request::Gate(decided)).await;
        if action == GateAction::Chat {
            let answered = async || bed.show(&run).await["gates"][0]["turns"][1]["turn"] == "answer";
            until("the agent answers", answered).await;
        }
        let shown = bed.wait(&run).await;
        let (status, calls) = match action {
            GateAction::Approve | GateAction::Edit | GateAction::Paste | GateAction::Skip => ("done", 0),
            GateAction::Pin => ("waiting", 0),
            // The agent answers in the talk; its gate stays open.
            GateAction::Chat | GateAction::Retry | GateAction::ChangeModel => ("waiting", 1),
            GateAction::Reject => ("failed", 0),
        };
        assert_eq!(shown["status"], status, "{action:?}: {shown:#}");
        assert_eq!(bed.server.count() - before, calls, "{action:?}");
        if status == "waiting" {
            bed.ask(Request::RunCancel { run }).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_waits_over_a_restart_and_is_decided_once() {
    let bed = Bed::new().await;
    let project = bed.project("P").await;
    let (run, gate) = waiting(&bed, &project).await;
    let bed = bed.again(atelier_runtime::Recovery::Everything).await;
    assert_eq!(bed.show(&run).await["status"], "waiting");
    let approve = || Request::Gate(decision(&gate, GateAction::Approve, None));
    bed.ask(approve()).await;
    assert_eq!(bed.wait(&run).await["status"], "done");
    assert!(matches!(bed.refused(approve()).await.exit, Exit::Refused | Exit::NotFound));
    assert_eq!(bed.server.count(), 1);
}
