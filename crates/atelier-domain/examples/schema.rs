//! Prints the JSON Schema of a stored event, with the body of each kind. `cargo xtask codegen` keeps it in `docs/`.
#![expect(clippy::print_stdout, reason = "what it prints is its whole purpose")]

use atelier_domain::event::{Actor, Event, SCHEMA};
use atelier_domain::{BranchId, EventId, ProjectId, RunId, Timestamp};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

fn main() -> Result<(), serde_json::Error> {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut properties = Map::new();
    let mut property = |name: &str, schema: Value| properties.insert(name.to_owned(), schema);
    property("id", json!(generator.subschema_for::<EventId>()));
    property("project", json!(generator.subschema_for::<ProjectId>()));
    property("branch", json!(generator.subschema_for::<BranchId>()));
    property("seq", json!({"type": "integer", "minimum": 1}));
    property("at", json!(generator.subschema_for::<Timestamp>()));
    property("actor", json!(generator.subschema_for::<Actor>()));
    property("correlation", json!(generator.subschema_for::<Option<RunId>>()));
    property("causation", json!(generator.subschema_for::<Option<EventId>>()));
    property("kind", json!({"enum": Event::kinds()}));
    property("schema", json!({"type": "integer", "minimum": 1, "maximum": SCHEMA}));
    property("body", json!({"type": "object"}));
    let bodies: Vec<Value> = Event::schemas(&mut generator)
        .into_iter()
        .map(|(kind, body)| json!({"properties": {"kind": {"const": kind}, "body": body}}))
        .collect();
    let required: Vec<&String> = properties.keys().collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Event",
        "description": "A stored event of a project's log.",
        "type": "object",
        "required": required,
        "properties": properties,
        "oneOf": bodies,
        "$defs": generator.take_definitions(true),
    });
    println!("{}", serde_json::to_string_pretty(&schema)?);
    Ok(())
}
