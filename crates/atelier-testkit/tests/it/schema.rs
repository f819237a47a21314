//! What is built from a schema is accepted by a validator that knows nothing of the builder.

use atelier_testkit::instance_of;
use serde_json::{Value, json};

#[track_caller]
fn check(schema: Value) -> Value {
    let value = instance_of(&schema, "a harbor town");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&value).map(|e| format!("{e} at {}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}\n{value:#}");
    assert_eq!(value, instance_of(&schema, "a harbor town"));
    value
}

#[test]
fn objects_lists_and_plain_values() {
    let value = check(
        json!({"type": "object", "additionalProperties": false, "required": ["title", "acts"], "properties": {
        "title": {"type": "string"}, "logline": {"type": "string", "minLength": 40, "maxLength": 60}, "ok": {"type": "boolean"},
        "acts": {"type": "array", "minItems": 3, "maxItems": 5, "items": {"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string"}, "tension": {"enum": ["low", "high"]}, "nothing": {"type": "null"}}}}}}),
    );
    assert_eq!(value["acts"].as_array().unwrap().len(), 3);
    assert_eq!(value["acts"][0]["tension"], "low");
    assert_ne!(value["acts"][0]["name"], value["acts"][1]["name"]);
}

#[test]
fn lists_have_one_or_two_items_unless_the_schema_asks_for_more() {
    let len = |schema| check(schema).as_array().unwrap().len();
    assert_eq!(len(json!({"type": "array", "items": {"type": "string"}})), 2);
    assert_eq!(len(json!({"type": "array", "items": {"type": "string"}, "maxItems": 1})), 1);
    assert_eq!(len(json!({"type": "array", "items": {"type": "integer"}, "minItems": 4})), 4);
    assert_eq!(len(json!({"type": "array", "uniqueItems": true, "items": {"enum": ["a", "b", "c"]}})), 2);
    assert_eq!(len(json!({"type": "array", "uniqueItems": true, "items": {"enum": ["a"]}})), 1);
    assert_eq!(
        len(json!({"type": "array", "uniqueItems": true, "minItems": 2, "items": {"type": "string"}})),
        2
    );
    assert_eq!(
        len(json!({"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}], "items": false})),
        2
    );
}

#[test]
fn numbers_keep_their_bounds() {
    for schema in [
        json!({"type": "integer", "minimum": 3, "maximum": 9}),
        json!({"type": "integer", "exclusiveMinimum": 3}),
        json!({"type": "integer", "maximum": -5}),
        json!({"type": "integer", "minimum": 4, "multipleOf": 5}),
        json!({"type": "number", "minimum": 0.2, "maximum": 0.4}),
        json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
        json!({"type": "number", "exclusiveMaximum": 0}),
        json!({"type": "number", "maximum": 1}),
    ] {
        check(schema);
    }
}

#[test]
fn references_alternatives_and_conjunctions() {
    let value = check(json!({"$ref": "#/$defs/Bible", "$defs": {
        "Bible": {"type": "object", "required": ["people", "place"], "properties": {
            "people": {"type": "array", "items": {"$ref": "#/$defs/Person"}},
            "place": {"anyOf": [{"$ref": "#/$defs/Place"}, {"type": "null"}]},
            "mood": {"type": ["string", "null"]},
            "end": {"oneOf": [{"const": "open"}, {"const": "closed"}]},
            "both": {"allOf": [{"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
                               {"required": ["b"], "properties": {"b": {"type": "string"}}}]}}},
        "Person": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 12}}},
        "Place": {"type": "object", "required": ["name"], "additionalProperties": false, "properties": {"name": {"type": "string"}}}}}));
    assert!(value["place"]["name"].is_string());
    assert_eq!(value["end"], "open");
    assert_ne!(value["people"][0], value["people"][1]);
}

#[test]
fn a_schema_that_contains_itself_comes_to_an_end() {
    check(
        json!({"$ref": "#/$defs/Node", "$defs": {"Node": {"type": "object", "required": ["name", "next"], "properties": {
        "name": {"type": "string"},
        "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
        "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}}}}),
    );
}

#[test]
fn texts_with_a_form() {
    for pattern in
        ["^[a-z][a-z0-9-]{2,8}$", "^(open|closed)$", "^\\d{4}-\\d{2}$", "^chapter_[0-9]+\\.md$", "^\\S.*$"]
    {
        check(json!({"type": "string", "pattern": pattern}));
    }
    for format in ["date", "date-time", "uuid", "email", "uri"] {
        check(json!({"type": "string", "format": format}));
    }
    check(json!({"type": "string", "maxLength": 1}));
    check(json!({"type": "string", "maxLength": 0}));
}

#[test]
fn maps_and_schemas_that_say_little() {
    check(json!({"type": "object", "additionalProperties": {"type": "integer"}}));
    check(json!({"type": "object", "minProperties": 3}));
    check(json!({"properties": {"a": {"minimum": 5}}, "required": ["a"]}));
    check(json!({}));
    check(json!({"type": "object", "properties": {"any": true}, "required": ["any"]}));
}

#[test]
fn what_is_asked_decides_what_the_strings_are() {
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    assert_ne!(instance_of(&schema, "the first person"), instance_of(&schema, "another person"));
}
