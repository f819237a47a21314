//! Which file wins, and what a broken one does.

use atelier_catalog::{Catalog, Error, Layer, validate_inputs};
use serde_json::json;

use crate::layer;

/// The built-in file, changed.
fn changed(path: &str, from: &str, to: &str) -> String {
    let builtin = Layer::builtin();
    let file = builtin.files.iter().find(|file| file.path == path).expect("a built-in file");
    assert!(file.text.contains(from), "{path} holds {from}");
    file.text.replace(from, to)
}

#[test]
fn the_built_in_crews_have_no_findings() {
    let (catalog, findings) = Catalog::load(&[Layer::builtin()]);
    assert_eq!(findings.iter().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(catalog.types().count(), 14);
    let definition = catalog.definition("story-bible").expect("the story bible");
    assert_eq!(definition.workflow.steps.len(), 7);
    assert_eq!(definition.agents.len(), 4);
    assert!(definition.documents.contains_key("context") && definition.documents.contains_key("again"));
    let kept = serde_json::to_value(&definition).expect("JSON");
    assert_eq!(
        serde_json::from_value::<atelier_engine::definition::Definition>(kept).expect("back"),
        definition
    );
    atelier_engine::Compiled::new(definition).expect("its schemas compile");
}

#[test]
fn a_users_file_changes_only_what_it_overrides_and_shows_where_it_comes_from() {
    let path = "story/agents/character.md";
    let text = changed(path, "temperature_milli: 600", "temperature_milli: 900");
    let (catalog, findings) = Catalog::load(&[Layer::builtin(), layer("user", &[(path, &text)])]);
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(catalog.agent("character").expect("there").temperature_milli, Some(900));
    assert_eq!(catalog.agent("worldbuilder").expect("there").temperature_milli, Some(600));
    let origin = |agent: &str| {
        let all = catalog.resolved("story-bible").expect("there");
        let key = format!("agents.{agent}.temperature_milli");
        let found = all.iter().find(|one| one.key == key).expect("there");
        format!("{} {} {} {}", found.value, found.layer, found.file, found.line)
    };
    assert_eq!(origin("character"), "900 user user/story/agents/character.md 10");
    assert!(origin("worldbuilder").starts_with("600 built-in crews/story/agents/worldbuilder.md"));
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_the_built_in_one_does_not_take_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let agents = folder.path().join("story/agents");
    std::fs::create_dir_all(&agents).expect("made");
    std::fs::write(agents.join("character.md"), b"---\nname: \xff\n").expect("written");
    let own = Layer::folder("user", folder.path()).expect("a layer");
    let (catalog, findings) = Catalog::load(&[Layer::builtin(), own]);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].file.ends_with("story/agents/character.md") && findings[0].line == 2, "{findings:?}");
    let entry = catalog.agents().find(|entry| entry.id == "character").expect("still listed");
    assert_eq!((entry.origin.layer.as_str(), entry.findings.len()), ("user", 1));
    for broken in [catalog.definition("story-bible").err(), catalog.agent("character").err()] {
        assert!(matches!(broken, Some(Error::Broken { .. })), "{broken:?}");
    }
    assert!(catalog.agent("worldbuilder").is_ok(), "the others are not touched");
}

#[test]
fn a_broken_file_is_refused_with_its_line_and_the_built_in_one_does_not_take_its_place() {
    let path = "story/agents/character.md";
    let text = changed(path, "tier: heavy", "teir: heavy");
    let (catalog, findings) = Catalog::load(&[Layer::builtin(), layer("user", &[(path, &text)])]);
    assert_eq!(
        findings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["user/story/agents/character.md:5: teir: unknown key; did you mean tier?"]
    );
    let error = catalog.definition("story-bible").expect_err("refused");
    assert_eq!(
        error.to_string(),
        "the agent `character` cannot be used: user/story/agents/character.md:5: teir: unknown key; did you mean tier?"
    );
    assert!(catalog.definition_for_agent("worldbuilder").is_ok());
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest() {
    let (catalog, _) = Catalog::load(&[Layer::builtin()]);
    let error = catalog.definition("story-bibel").expect_err("unknown");
    assert_eq!(
        (error.to_string().as_str(), error.hint().as_str()),
        ("there is no workflow `story-bibel`", "did you mean story-bible?")
    );
    let error = catalog.definition_for_agent("worldbilder").expect_err("unknown");
    assert!(
        matches!(&error, Error::Unknown { hint, .. } if hint == "did you mean worldbuilder?"),
        "{error:?}"
    );
}

#[test]
fn an_agent_alone_is_a_workflow_of_one_step() {
    let (catalog, _) = Catalog::load(&[Layer::builtin()]);
    let definition = catalog.definition_for_agent("character").expect("there");
    let names: Vec<&str> = definition.workflow.inputs.keys().map(String::as_str).collect();
    assert_eq!(names, ["outline", "world"]);
    let step = &definition.workflow.steps[0];
    assert_eq!(
        (step.kind.as_str(), step.settings["with"]["world"].as_str()),
        ("agent", Some("{{ inputs.world }}"))
    );
    let inputs = catalog.inputs_for("character").expect("there");
    let given = json!({"outline": "A clock stops."}).as_object().cloned().expect("a map");
    assert_eq!(validate_inputs(inputs, &given), Ok(json!({"outline": "A clock stops.", "world": null})));
}

#[test]
fn files_in_a_folder_are_read_and_what_is_no_text_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let types = folder.path().join("mine/types");
    std::fs::create_dir_all(&types).expect("made");
    std::fs::write(
        types.join("spell.yaml"),
        "name: Spell\r\nplural: Spells\r\ncontext_window: '{{ title }}'\r\n",
    )
    .expect("written");
    std::fs::write(types.join("bad.yaml"), b"name: A\nplural: \xff\n").expect("written");
    let layer = Layer::folder("user", folder.path()).expect("read");
    let (catalog, findings) = Catalog::load(&[layer]);
    assert_eq!(catalog.types().map(|(of, _)| of.id.as_str()).collect::<Vec<_>>(), ["spell"]);
    let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 1);
    assert!(
        texts[0].ends_with("mine/types/bad.yaml:2: is not UTF-8; correct the file, or remove it"),
        "{texts:?}"
    );
    assert!(
        Layer::folder("user", &folder.path().join("none")).expect("no folder is no crew").files.is_empty()
    );
}
