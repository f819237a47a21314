//! An edit asks only what depends on it again, and leaves what a fresh check would find.

use std::sync::Arc;

use atelier_canon::check::{Checker, mentions_from_scalars};
use atelier_canon::facts::{Fact, Value};
use atelier_canon::kinds::Kind;
use atelier_canon::position::Node;
use atelier_canon::world::{Entity, Rule, Scene, Severity};
use atelier_domain::{BucketId, FactId, RuleId};
use proptest::prelude::*;
use uuid::Uuid;

fn id(n: u128) -> BucketId {
    BucketId::from_uuid(Uuid::from_u128(n))
}

const SCENES: u128 = 40;

fn mara() -> BucketId {
    id(1)
}

fn scene(text: &str) -> Scene {
    let at = text.match_indices("Mara").map(|(byte, name)| {
        let start = text[..byte].chars().count();
        (mara(), start, start + name.chars().count())
    });
    let mentions = mentions_from_scalars(text, at.collect::<Vec<_>>());
    Scene { pov: Some(mara()), body: Arc::from(text), mentions, ..Scene::default() }
}

fn rule(kind: Kind, field: Option<&str>, value: Option<&str>) -> Rule {
    Rule {
        kind,
        bucket: (kind != Kind::BannedWords).then(mara),
        field: field.map(str::to_owned),
        value: value.map(str::to_owned),
        args: Default::default(),
        scope: (None, None),
        severity: Severity::Normal,
        text: String::new(),
    }
}

fn fact(n: u128, field: &str, value: &str, from: u128) -> Fact {
    Fact {
        id: FactId::from_uuid(Uuid::from_u128(n)),
        bucket: mara(),
        field: field.to_owned(),
        value: Value::Text(value.to_owned()),
        from: Some(id(100 + from)),
        offset: 0,
        until: None,
        evidence: None,
        secret_until: None,
        seq: n as u64,
    }
}

const TEXTS: [&str; 6] = [
    "„Ünïcödé“ — Mara’s blue eyes narrowed.",
    "Mara’s green eyes narrowed.",
    "Mara drew a breath.",
    "Suddenly the door opened.",
    "Mara's hair was black.",
    "",
];

fn story(texts: &[usize]) -> Checker {
    let mut checker = Checker::default();
    let fields = [("pronouns".to_owned(), vec![Value::Text("she/her".to_owned())])].into();
    let aliases = vec![];
    let title = "Mara".to_owned();
    checker.set_entity(mara(), Entity { r#type: "character".to_owned(), title, aliases, fields });
    checker.place_all((0..SCENES).map(|n| Node {
        id: id(100 + n),
        title: format!("s{n}"),
        parent: None,
        order: format!("{n:04}"),
        archived: false,
    }));
    for n in 0..SCENES {
        let text = TEXTS[texts[n as usize % texts.len()]];
        checker.set_scene(id(100 + n), scene(text));
    }
    checker.assert(fact(1, "eyes", "green", 0));
    checker.assert(fact(2, "hair", "red", 0));
    let rules = [
        rule(Kind::ConstantAttribute, Some("eyes"), None),
        rule(Kind::ConstantAttribute, Some("hair"), None),
        rule(Kind::Alive, None, None),
        rule(Kind::BannedWords, None, Some("suddenly")),
    ];
    for (n, rule) in rules.into_iter().enumerate() {
        checker.set_rule(RuleId::from_uuid(Uuid::from_u128(n as u128)), rule);
    }
    checker
}

#[test]
fn an_edit_asks_again_only_what_depends_on_it() {
    let mut checker = story(&[0, 1, 2, 3, 4, 5]);
    assert_eq!(checker.check(), 4 * 40, "every rule of every scene");
    assert_eq!(checker.check(), 0, "nothing has changed");
    let open = checker.violations(None).len();
    checker.set_scene(id(103), scene("Mara slept."));
    assert_eq!(checker.check(), 4, "four rules, one scene");
    assert_eq!(checker.violations(None).len(), open - 1);
    checker.set_scene(id(103), scene("Mara slept."));
    assert_eq!(checker.check(), 0, "the same text is no edit");
    checker.assert(fact(3, "eyes", "blue", 20));
    assert_eq!(checker.check(), 34, "one rule, the scenes with a text");
    checker.assert(fact(4, "boots", "brown", 20));
    assert_eq!(checker.check(), 0, "no rule looks at boots");
}

#[test]
fn a_violation_shows_both_places_in_scalar_values_and_stays_itself() {
    let mut checker = story(&[0]);
    checker.check();
    let found = checker.violations(Some(id(105)));
    let first = found.iter().find(|found| found.kind == "constant-attribute").unwrap();
    let span = &first.spans[0];
    assert_eq!((span.start, span.end, span.text.as_str()), (19, 28, "blue eyes"));
    assert_eq!(first.spans.len(), 2, "{first:?}");
    let id_before = first.id.clone();
    checker.set_scene(id(105), scene("It rained. Mara’s blue eyes narrowed."));
    checker.check();
    let again = checker.violations(Some(id(105)));
    assert!(again.iter().any(|found| found.id == id_before), "the same words are the same violation");
    checker.waive(&id_before);
    let waived = checker.violations(Some(id(105)));
    assert_eq!(waived.iter().find(|found| found.id == id_before).map(|found| found.status), Some("waived"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn after_any_edits_the_violations_are_those_of_a_fresh_check(
        start in proptest::collection::vec(0usize..6, 1..8),
        edits in proptest::collection::vec((0u8..5, 0u128..SCENES, 0usize..6), 1..12),
    ) {
        let mut edited = story(&start);
        edited.check();
        let mut fresh = story(&start);
        for (what, at, text) in edits {
            for checker in [&mut edited, &mut fresh] {
                match what {
                    0 | 1 => checker.set_scene(id(100 + at), scene(TEXTS[text])),
                    2 => checker.assert(fact(10 + at, "eyes", ["blue", "green", "brown"][text % 3], at)),
                    3 => checker.retire(FactId::from_uuid(Uuid::from_u128(10 + at))),
                    _ => checker.assert(fact(50 + at, "status", ["dead", "alive"][text % 2], at)),
                }
            }
            edited.check();
        }
        fresh.check();
        prop_assert_eq!(edited.violations(None), fresh.violations(None));
    }
}
