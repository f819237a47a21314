//! States of two runs compare equal where only ids, times and their order differ.

use atelier_testkit::{Normaliser, normalise};
use serde_json::json;

const A: &str = "bkt_0199aa11bb22cc33dd44ee55";
const B: &str = "bkt_0199aa11bb22cc33dd44ff66";
const P: &str = "prj_0199aa11-bb22-7c33-8d44-ee55ff667788";

#[test]
fn ids_are_numbered_by_kind_in_order_of_appearance_in_keys_and_texts_too() {
    let value = json!([{"id": P}, {A: {"id": A, "note": format!("see {B}, {A}.")}}]);
    assert_eq!(
        normalise(value),
        json!([{"id": "prj_1"}, {"bkt_1": {"id": "bkt_1", "note": "see bkt_2, bkt_1."}}])
    );
}

#[test]
fn times_become_a_word_and_missing_ones_stay_missing() {
    let value = json!({"at": 17, "ended_at": null, "started_at": "2026-01-02T03:04:05.678Z", "total_ms": 9, "n": 9,
        "deep": [{"when": "2026-01-02T03:04:05+01:00"}], "day": "2026-01-02"});
    let want = json!({"at": "<time>", "ended_at": null, "started_at": "<time>", "total_ms": "<time>", "n": 9,
        "deep": [{"when": "<time>"}], "day": "2026-01-02"});
    assert_eq!(normalise(value), want);
}

#[test]
fn words_that_only_look_like_ids_stay() {
    let value = json!([
        "story_bible",
        "run_started",
        "full_story_20260102_030405",
        "max_tokens",
        "a_verylongwordwithoutanydigit",
        "x__bkt_0199"
    ]);
    assert_eq!(normalise(value.clone()), value);
}

#[test]
fn what_a_test_allows_to_differ_is_left_out_or_replaced() {
    let value = json!({"hash": "abc", "path": "/tmp/x1/data/log", "kept": {"hash": 1, "n": 2}});
    let normal = Normaliser::new().without("hash").replacing("/tmp/x1", "<data>").apply(value);
    assert_eq!(normal, json!({"path": "<data>/data/log", "kept": {"n": 2}}));
}

#[test]
fn numbered_by_content_the_order_of_creation_does_not_count() {
    let one =
        json!({"buckets": {A: {"title": "Mara", "friend": B}, B: {"title": "Venn", "friend": A}}, "head": A});
    let other =
        json!({"buckets": {A: {"title": "Venn", "friend": B}, B: {"title": "Mara", "friend": A}}, "head": B});
    let changed =
        json!({"buckets": {A: {"title": "Venn", "friend": B}, B: {"title": "Mara", "friend": A}}, "head": A});
    let normal = |value| Normaliser::new().by_content().apply(value);
    assert_ne!(normalise(one.clone()), normalise(other.clone()));
    assert_eq!(normal(one.clone()), normal(other));
    assert_ne!(normal(one), normal(changed));
}
