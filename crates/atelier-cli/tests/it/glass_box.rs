//! Whatever was produced can be explained: list, prompt, model, level, tokens, cost.

use crate::support::{IDEA, bible, content_server, list, only_run, project, runs, show, studio, text};

#[test]
fn c37_a_receipt_gives_back_the_exact_messages() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let run = bible(&atelier, "Salt");
    let receipts = list(&run, "receipts");
    let calls = server.calls();
    assert_eq!(receipts.len(), calls.len());
    for call in &calls {
        let sent: Vec<(String, String)> = call.messages();
        let told = receipts.iter().find(|receipt| {
            list(receipt, "messages")
                .iter()
                .map(|m| (text(m, "role"), text(m, "content")))
                .eq(sent.iter().cloned())
        });
        let receipt = told.unwrap_or_else(|| panic!("no receipt has the messages of this call:\n{sent:#?}"));
        assert_eq!(receipt["model"], format!("openai:scripted@{}", server.base_url()));
        assert_eq!((&receipt["level"], &receipt["provider"]), (&"studio".into(), &"openai".into()));
        assert!(receipt["usage"]["input_tokens"].as_u64() > Some(0), "{receipt:#}");
        assert!(receipt["usage"]["output_tokens"].as_u64() > Some(0), "{receipt:#}");
        for key in [
            "output",
            "finish_reason",
            "started_at",
            "total_ms",
            "first_token_ms",
            "agent",
            "step",
            "attempt",
        ] {
            assert!(!receipt[key].is_null(), "{key}: {receipt:#}");
        }
        assert!(receipt["error"].is_null());
        for line in list(receipt, "context") {
            for key in ["source", "title", "tokens", "included", "reason"] {
                assert!(!line[key].is_null(), "{key}: {line}");
            }
        }
    }
    assert!(list(&receipts[0], "messages").iter().any(|message| text(message, "content").contains(IDEA)));
}

#[test]
fn c10_runs_are_listed_with_what_went_in_and_what_came_out() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    bible(&atelier, "Salt");
    atelier.json(["agent", "worldbuilder", "--project", "Salt", "--input", "outline=A keeper and the sea."]);
    let runs = runs(&atelier, "Salt");
    let workflows: Vec<String> = runs.iter().map(|run| text(run, "workflow")).collect();
    assert_eq!(workflows, ["story-bible", "worldbuilder"]);
    for line in &runs {
        assert_eq!((&line["status"], &line["live"]), (&"done".into(), &false.into()));
        assert!(line["started_at"].is_string() && line["finished_at"].is_string(), "{line}");
    }
    let shown = show(&atelier, &text(&runs[0], "id"));
    assert_eq!(shown["inputs"]["idea"], IDEA);
    assert!(shown["outputs"]["outline"].is_object(), "{shown:#}");
    assert_eq!(shown["usage"]["calls"], 4);
    for step in list(&shown, "steps") {
        for key in ["id", "name", "kind", "status", "attempts"] {
            assert!(!step[key].is_null(), "{key}: {step:#}");
        }
        for attempt in list(step, "attempts") {
            assert_eq!((&attempt["number"], &attempt["status"]), (&1.into(), &"finished".into()));
        }
    }
    let human = atelier.run(["runs", "show", &text(&runs[0], "id")]).expect_code(0);
    assert!(human.stdout.contains("plot-architect") && human.stdout.contains("4 model calls"), "{human}");
}

#[test]
fn editing_a_crew_does_not_change_a_run_under_way() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    let held = server.hold(atelier_testkit::Matcher::Nth(1));
    let working = atelier.spawn(["run", "story-bible", "--project", "Salt", "--idea", IDEA]);
    assert!(held.wait_held(1, crate::support::DEADLINE));
    let run = only_run(&atelier, "Salt");
    // From now on there is another workflow of this name, with one step.
    let own = atelier.data_dir().join("crews/story/workflows");
    std::fs::create_dir_all(&own).unwrap();
    let short = "title: Short\ninputs:\n  idea: {type: text, required: true, description: The idea.}\nsteps:\n  - id: only\n    kind: agent\n    agent: plot-architect\n    with: {idea: '{{ inputs.idea }}'}\n";
    std::fs::write(own.join("story-bible.yaml"), short).unwrap();
    working.kill9();
    drop(held);

    let resumed = atelier.json(["runs", "resume", &run]);
    let names: Vec<String> = list(&resumed, "steps").iter().map(|step| text(step, "name")).collect();
    assert!(names.contains(&"plot".to_owned()) && names.contains(&"critique".to_owned()), "{names:?}");
    let fresh = bible(&atelier, "Salt");
    let names: Vec<String> = list(&fresh, "steps").iter().map(|step| text(step, "name")).collect();
    assert_eq!(names, ["only"]);
}
