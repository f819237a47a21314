//! One stored event of each kind, for ever. `UPDATE=1` rewrites the list of kinds and never a fixture: those are
//! written once, by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use atelier_domain::event::{DecodeError, SCHEMA};
use atelier_domain::{Envelope, Event, FOLD_VERSION, Hash, State, canonical};
use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Every fixture by name: `<kind>` has all fields, `<kind>@min` only the required ones, `<kind>@<schema>` is of the past.
fn fixtures() -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder().join("events")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

fn body_schemas() -> BTreeMap<&'static str, Value> {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    Event::schemas(&mut settings.into_generator()).into_iter().map(|(kind, s)| (kind, s.to_value())).collect()
}

fn keys(value: &Value) -> Vec<&String> {
    value.as_object().into_iter().flat_map(|map| map.keys()).collect()
}

#[test]
fn the_list_of_kinds_is_what_the_catalogue_knows() {
    let path = folder().join("kinds.txt");
    let mut kinds = Event::kinds();
    kinds.sort_unstable();
    let list = kinds.join("\n") + "\n";
    #[expect(clippy::disallowed_methods, reason = "a test is told by its environment to rewrite the list")]
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &list).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), list, "a kind was added: UPDATE=1, and write its fixture");
    kinds.dedup();
    assert_eq!(kinds.len(), Event::kinds().len(), "two events share a tag");
}

#[test]
fn every_golden_fixture_decodes_and_encodes_to_the_same_bytes() {
    let fixtures = fixtures();
    for kind in Event::kinds() {
        assert!(fixtures.contains_key(kind), "{kind} has no fixture");
    }
    for (name, text) in &fixtures {
        let event: Envelope = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(event.event.kind(), name.split('@').next().unwrap(), "{name}");
        assert!(Event::kinds().contains(&event.event.kind()));
        if event.schema == SCHEMA {
            assert_eq!(serde_json::to_string(&event).unwrap() + "\n", *text, "{name}");
        }
        canonical::to_string(&event).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// The order in which the fixtures tell one story; those of other kinds follow.
const STORY: [&str; 13] = [
    "project.created",
    "branch.forked",
    "run.started",
    "message.sent",
    "step.started",
    "attempt.requested",
    "attempt.finished",
    "gate.opened",
    "gate.turned",
    "bucket.created",
    "canon.rule_proposed",
    "artifact.saved",
    "memory.cleared",
];

/// The fixtures as one log keep the hash of the state they fold to: another hash means other bytes for every project,
/// so `FOLD_VERSION` must rise with it.
#[test]
fn the_golden_log_folds_to_its_recorded_hash() {
    let mut log: Vec<Envelope> =
        fixtures().values().map(|text| serde_json::from_str(text).unwrap()).collect();
    log.sort_by_key(|e| STORY.iter().position(|kind| *kind == e.event.kind()).unwrap_or(STORY.len()));
    let mut state = State::new(log[0].project);
    for (envelope, seq) in log.iter_mut().zip(1..) {
        envelope.seq = seq;
        state.apply(envelope);
    }
    assert_eq!(state.runs.len(), 1);
    let text = canonical::to_string(&state).unwrap();
    insta::assert_snapshot!(format!("fold {FOLD_VERSION}: {}", Hash::of(text.as_bytes())), @"fold 1: cf28dd79e66dc223321450134d3ca24421b17aca45810c99e69dd7a7dd96e195");
}

#[test]
fn the_whole_fixture_fills_every_field_and_the_small_one_only_what_is_required() {
    let fixtures = fixtures();
    for (kind, schema) in body_schemas() {
        let body = |name: &str| {
            let value: Value = serde_json::from_str(&fixtures[name]).unwrap();
            value["body"].clone()
        };
        let whole = body(kind);
        let mut wanted = keys(&schema["properties"]);
        let mut filled = keys(&whole);
        wanted.sort_unstable();
        filled.sort_unstable();
        assert_eq!(filled, wanted, "{kind}");
        let required: Vec<String> = serde_json::from_value(schema["required"].clone()).unwrap_or_default();
        for key in keys(&whole).into_iter().filter(|key| !required.contains(key)) {
            let mut less = whole.clone();
            less.as_object_mut().unwrap().remove(key);
            let read = Event::decode(kind, SCHEMA, &less.to_string());
            assert!(read.is_ok(), "{kind} without {key}: {read:?}");
        }
        for key in required {
            let mut less = whole.clone();
            less.as_object_mut().unwrap().remove(&key);
            let read = Event::decode(kind, SCHEMA, &less.to_string());
            assert!(matches!(read, Err(DecodeError::Body { .. })), "{kind} without {key}");
        }
    }
}

#[test]
fn what_a_newer_version_wrote_is_refused_and_unknown_fields_are_not() {
    let created = r#"{"name":"n","colour":"red"}"#;
    assert!(Event::decode("project.created", SCHEMA, created).is_ok());
    assert!(matches!(
        Event::decode("project.created", SCHEMA + 1, created),
        Err(DecodeError::NewerSchema { .. })
    ));
    assert!(matches!(Event::decode("project.exploded", SCHEMA, created), Err(DecodeError::UnknownKind(_))));
}
