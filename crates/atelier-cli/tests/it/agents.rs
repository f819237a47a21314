//! Agents alone, with typed inputs and outputs.

use crate::support::{content_server, list, project, studio, text};
use atelier_testkit::{ModelServer, Reply, Script};
use serde_json::Value;

const ALONE: [(&str, &[&str]); 4] = [
    ("plot-architect", &["idea=A keeper and the sea."]),
    ("worldbuilder", &["outline=A keeper and the sea."]),
    ("character", &["outline=A keeper and the sea.", "world=An island."]),
    ("creative-director", &["outline=A keeper and the sea."]),
];

#[test]
fn c07_each_agent_works_alone_and_shows_what_it_takes_and_gives() {
    let server = content_server();
    let atelier = studio(&server);
    project(&atelier, "Salt");
    for (agent, inputs) in ALONE {
        server.reset();
        let inputs = inputs.iter().flat_map(|input| ["--input", *input]);
        let run = atelier.json(["agent", agent, "--project", "Salt"].into_iter().chain(inputs));
        assert_eq!((&run["status"], &run["workflow"]), (&"done".into(), &agent.into()));
        assert!(server.count() >= 1, "{agent}");
        assert!(list(&run, "receipts").iter().all(|receipt| receipt["agent"] == agent));
        let shown = atelier.json(["crews", "show", agent]);
        assert!(shown["inputs"].is_object() && shown["output"].is_object(), "{agent}: {shown:#}");
        atelier.run(["agent", agent, "--project", "Salt", "--input", "nonsense=1"]).expect_code(2);
    }
}

#[test]
fn c07_wrong_output_is_refused_asked_for_once_more_and_then_fails_the_step() {
    let wrong = [
        ("no json", Reply::text("I would rather sing.")),
        ("another shape", Reply::json(&serde_json::json!({"a": 1}))),
    ];
    for (name, reply) in wrong {
        let server = ModelServer::with(Script::new().otherwise(reply));
        let atelier = studio(&server);
        project(&atelier, "Salt");
        let run =
            atelier.json_code(["agent", "worldbuilder", "--project", "Salt", "--input", "outline=x"], 1);
        assert_eq!(run["status"], "failed", "{name}");
        assert_eq!(server.count(), 2, "{name}: asked, and asked once more");
        let again = &server.calls()[1];
        assert_ne!(
            again.messages(),
            server.calls()[0].messages(),
            "{name}: the second call says what was wrong"
        );
        assert_eq!(atelier.json(["bucket", "list", "--project", "Salt"]), Value::Array(Vec::new()), "{name}");
        assert!(text(&run["error"], "message").len() > 10, "{name}");
    }
}

#[test]
fn crews_show_where_each_value_comes_from() {
    let atelier = crate::support::atelier();
    let agents = atelier.data_dir().join("crews/story/agents");
    std::fs::create_dir_all(&agents).unwrap();
    let all = atelier.json(["crews", "show", "--resolved"]);
    assert!(all["story-bible"].is_array() && all["worldbuilder"].is_array(), "{all:#}");
    let one = atelier.json(["crews", "show", "worldbuilder", "--resolved"]);
    for line in one.as_array().unwrap() {
        assert_eq!(line["layer"], "built-in", "{line}");
        assert!(line["key"].is_string() && line["file"].is_string(), "{line}");
    }
    atelier.run(["crews", "show", "nobody"]).expect_code(3);
}
