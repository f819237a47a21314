//! What a person says while the crew works.

use crate::support::{
    DEADLINE, IDEA, content_server, critiques, list, only_run, project, show, studio, text,
};
use atelier_testkit::{Matcher, Seen};

const RUN: [&str; 6] = ["run", "story-bible", "--project", "Salt", "--idea", IDEA];

#[test]
fn c12_feedback_is_in_the_next_call_of_those_it_concerns() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let held = server.hold(Matcher::Nth(1));
    let working = atelier.spawn(RUN);
    assert!(held.wait_held(1, DEADLINE));
    let run = only_run(&atelier, "Salt");

    let all = text(&atelier.json(["say", "--project", "Salt", "The keeper is very old."]), "id");
    let urgent = text(
        &atelier.json([
            "say",
            "--project",
            "Salt",
            "--run",
            &run,
            "--priority",
            "urgent",
            "No storms at all.",
        ]),
        "id",
    );
    let one = text(
        &atelier.json(["say", "--project", "Salt", "--to", "character", "Nobody is called Elara."]),
        "id",
    );
    assert!(all.starts_with("evt_"), "{all}");
    held.release();
    assert_eq!(working.wait(DEADLINE).code, 0);

    let calls = server.calls();
    let with = |part: &str| calls.iter().filter(|call| call.text.contains(part)).count();
    assert!(!calls[0].text.contains("very old"), "a call that was under way cannot have heard it");
    assert!(with("The keeper is very old.") >= 2, "worldbuilder and character hear what is for all");
    let two: Vec<&Seen> = calls.iter().filter(|call| call.text.contains("No storms at all.")).collect();
    for call in &two {
        let (first, second) = (call.text.find("No storms"), call.text.find("very old"));
        assert!(first < second, "urgent is read first:\n{}", call.text);
    }

    let shown = show(&atelier, &run);
    for receipt in list(&shown, "receipts") {
        let agent = text(receipt, "agent");
        let heard: Vec<&str> = list(receipt, "feedback").iter().filter_map(|id| id.as_str()).collect();
        match agent.as_str() {
            "plot-architect" => assert!(heard.is_empty(), "{heard:?}"),
            "character" => {
                assert_eq!(heard, [&*urgent, &*all, &*one], "{agent}: urgent first, then as it was said");
            }
            _ => assert!(
                heard.contains(&&*urgent) && heard.contains(&&*all) && !heard.contains(&&*one),
                "{agent}: {heard:?}"
            ),
        }
    }
    let elara: Vec<&Seen> = calls.iter().filter(|call| call.text.contains("Elara")).collect();
    assert_eq!(elara.len(), 1, "only the one it is for hears it");
}

#[test]
fn a_line_typed_while_the_crew_works_is_feedback_and_answered() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let held = server.hold(critiques());
    let first = server.hold(Matcher::Nth(1));
    let working = atelier.spawn(RUN);
    assert!(first.wait_held(1, DEADLINE));
    working.stdin_line("The sea speaks in riddles.");
    working.wait_stderr("will be heard by", DEADLINE);
    working.stdin_line("@creative-director Be gentle.");
    working.wait_stderr("will be heard by Creative Director", DEADLINE);
    first.release();
    assert!(held.wait_held(1, DEADLINE));
    working.wait_stderr("heard by Worldbuilder: “The sea speaks in riddles.”", DEADLINE);
    held.release();
    let output = working.wait(DEADLINE);
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stderr.contains("heard by Creative Director: “Be gentle.”"), "{output}");
    assert!(server.calls().iter().any(|call| call.text.contains("Be gentle.")));
}

#[test]
fn what_is_said_with_no_run_open_waits_for_the_next() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let said = atelier.json(["say", "--project", "Salt", "Write it as a comedy."]);
    assert!(said["seq"].as_u64().is_some(), "{said}");
    let messages = atelier.json(["messages", "list", "--project", "Salt"]);
    assert_eq!((&messages[0]["n"], &messages[0]["kind"]), (&1.into(), &"feedback".into()), "{messages}");
    atelier.run(RUN).expect_code(0);
    assert!(server.calls()[0].text.contains("Write it as a comedy."));
    let shown = show(&atelier, &only_run(&atelier, "Salt"));
    assert_eq!(list(&list(&shown, "receipts")[0], "feedback")[0], said["id"]);
    assert_eq!(
        atelier.json(["messages", "list", "--project", "Salt", "--since", "1"]).as_array().unwrap().len(),
        0
    );
}
