//! Canon rules: the crew proposes, a person decides, and what is accepted is read in the next call.

use crate::support::{bible, content_server, list, project, studio, text, told_in_three_lines};
use serde_json::Value;

fn rules(atelier: &atelier_testkit::Atelier) -> Vec<Value> {
    atelier.json(["canon", "list", "--project", "Salt"]).as_array().unwrap().clone()
}

#[test]
fn a_rule_the_crew_proposed_is_accepted_and_then_read_by_the_crew() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    bible(&atelier, "Salt");
    let proposed = rules(&atelier);
    assert_eq!(proposed.len(), 1, "{proposed:#?}");
    for key in ["id", "rule", "kind", "scope", "source", "confidence", "status"] {
        assert!(proposed[0].get(key).is_some(), "{key}: {:#}", proposed[0]);
    }
    let (id, words) = (text(&proposed[0], "id"), text(&proposed[0], "rule"));
    let reads = |run: &Value| {
        let prompt = list(&list(run, "receipts")[0], "messages").iter().map(|m| text(m, "content"));
        prompt.collect::<String>().contains(&words)
    };
    let write = || {
        let input = "outline=A keeper and the sea.";
        atelier.json(["agent", "worldbuilder", "--project", "Salt", "--input", input])
    };
    atelier.json(["canon", "reject", &id, "--project", "Salt"]);
    assert_eq!(rules(&atelier)[0]["status"], "retired");
    assert!(!reads(&write()), "a rejected rule is nobody's");
    let accepted = atelier.json(["canon", "accept", &id, "--project", "Salt"]);
    assert_eq!((&accepted["status"], &accepted["id"]), (&"accepted".into(), &id.as_str().into()));
    assert!(reads(&write()), "an accepted one is in the next call");
    let human = atelier.run(["canon", "list", "--project", "Salt"]).expect_code(0);
    assert!(human.stdout.contains("accepted") && human.stdout.contains(&words), "{human}");
}

#[test]
fn a_rule_that_is_not_there_is_told() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    for id in ["rule_00000000000000000000000000000001", "nonsense"] {
        told_in_three_lines(&atelier.run(["canon", "accept", id, "--project", "Salt"]).expect_code(3));
    }
    assert_eq!(rules(&atelier), Vec::<Value>::new());
}
