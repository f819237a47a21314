//! A world written down as JSON, with titles for ids: how cases by hand and generated ones become something to check.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use atelier_domain::{BucketId, FactId, RuleId};
use serde::Deserialize;
use uuid::Uuid;

use super::spot::spot;
use crate::check::Checker;
use crate::facts::{Fact, Value};
use crate::kinds::Kind;
use crate::knowledge::{Means, StoryEvent};
use crate::position::Node;
use crate::world::{Entity, Mode, Rule, Scene, Severity};

/// A world in a file. Titles name buckets; facts have names of their own.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Story {
    #[serde(default)]
    pub(super) entities: Vec<EntityFile>,
    #[serde(default)]
    pub(super) scenes: Vec<SceneFile>,
    #[serde(default)]
    pub(super) facts: Vec<FactFile>,
    #[serde(default)]
    pub(super) events: Vec<EventFile>,
    #[serde(default)]
    pub(super) rules: Vec<RuleFile>,
    #[serde(default)]
    pub(super) present: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct EntityFile {
    pub(super) title: String,
    pub(super) r#type: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct SceneFile {
    pub(super) title: String,
    #[serde(default)]
    pub(super) chapter: String,
    #[serde(default)]
    pub(super) when: String,
    #[serde(default)]
    pub(super) location: String,
    #[serde(default)]
    pub(super) pov: String,
    #[serde(default)]
    pub(super) mode: String,
    #[serde(default)]
    pub(super) body: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct FactFile {
    #[serde(default)]
    pub(super) name: String,
    pub(super) bucket: String,
    pub(super) field: String,
    #[serde(default)]
    pub(super) value: String,
    #[serde(default)]
    pub(super) to: String,
    #[serde(default)]
    pub(super) from: String,
    #[serde(default)]
    pub(super) until: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct EventFile {
    pub(super) title: String,
    pub(super) kind: String,
    pub(super) fact: String,
    pub(super) scene: String,
    #[serde(default)]
    pub(super) by: Vec<String>,
    #[serde(default)]
    pub(super) to: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct RuleFile {
    pub(super) kind: String,
    #[serde(default)]
    pub(super) bucket: String,
    #[serde(default)]
    pub(super) field: String,
    #[serde(default)]
    pub(super) value: String,
    #[serde(default)]
    pub(super) args: BTreeMap<String, String>,
}

/// The id of whatever has this title: the same in every run.
pub(super) fn id(title: &str) -> BucketId {
    let hash = atelier_domain::Hash::of(title.as_bytes()).to_string();
    BucketId::from_uuid(Uuid::from_u128(u128::from_str_radix(&hash[..32], 16).unwrap_or_default()))
}

fn some(title: &str) -> Option<BucketId> {
    (!title.is_empty()).then(|| id(title))
}

impl Story {
    /// Builds what it describes.
    pub(super) fn build(&self) -> Checker {
        let mut checker = Checker::default();
        self.entities(&mut checker);
        self.tree(&mut checker);
        let mut names: Vec<(String, BucketId)> = Vec::new();
        for entity in &self.entities {
            names.extend(
                [&entity.title]
                    .into_iter()
                    .chain(&entity.aliases)
                    .map(|name| (name.clone(), id(&entity.title))),
            );
        }
        for scene in &self.scenes {
            let present = self.present.get(&scene.title).map(|all| all.iter().map(|one| id(one)).collect());
            let made = Scene {
                pov: some(&scene.pov),
                present: present.unwrap_or_default(),
                when: checker.world().calendar.parse(&scene.when).ok(),
                location: some(&scene.location),
                mode: Mode::of(&scene.mode).unwrap_or_default(),
                body: Arc::from(scene.body.as_str()),
                mentions: spot(&scene.body, &names),
            };
            checker.set_scene(id(&scene.title), made);
        }
        self.facts_and_rules(&mut checker);
        checker
    }

    fn entities(&self, checker: &mut Checker) {
        for entity in &self.entities {
            let fields = entity.fields.iter().map(|(field, value)| {
                let leads = field == "within";
                (field.clone(), vec![if leads { Value::To(id(value)) } else { Value::Text(value.clone()) }])
            });
            let made = Entity {
                r#type: entity.r#type.clone(),
                title: entity.title.clone(),
                aliases: entity.aliases.clone(),
                fields: fields.collect(),
            };
            checker.set_entity(id(&entity.title), made);
        }
    }

    /// One act of all chapters, each chapter of its scenes, in the order they stand.
    fn tree(&self, checker: &mut Checker) {
        let node = |title: &str, parent: Option<&str>, n: usize| Node {
            id: id(title),
            title: title.to_owned(),
            parent: parent.map(id),
            order: format!("{n:06}"),
            archived: false,
        };
        let mut nodes = vec![node("act", None, 0)];
        let mut seen = BTreeSet::new();
        for (n, scene) in self.scenes.iter().enumerate() {
            if seen.insert(&scene.chapter) {
                nodes.push(node(&scene.chapter, Some("act"), n));
            }
            nodes.push(node(&scene.title, Some(&scene.chapter), n));
        }
        checker.place_all(nodes);
    }

    fn facts_and_rules(&self, checker: &mut Checker) {
        let fact_id = |name: &str| FactId::from_uuid(id(&format!("fact {name}")).uuid());
        for (n, fact) in self.facts.iter().enumerate() {
            let value = some(&fact.to).map_or_else(|| Value::Text(fact.value.clone()), Value::To);
            let name = if fact.name.is_empty() { n.to_string() } else { fact.name.clone() };
            checker.assert(Fact {
                id: fact_id(&name),
                bucket: id(&fact.bucket),
                field: fact.field.clone(),
                value,
                from: some(&fact.from),
                offset: 0,
                until: some(&fact.until),
                evidence: None,
                secret_until: None,
                seq: n as u64,
            });
        }
        for (n, event) in self.events.iter().enumerate() {
            let people = |names: &[String]| names.iter().map(|name| id(name)).collect();
            checker.tell(StoryEvent {
                id: id(&event.title),
                means: Means::of(&event.kind).unwrap_or(Means::Happens),
                fact: fact_id(&event.fact),
                scene: id(&event.scene),
                by: people(&event.by),
                to: people(&event.to),
                seq: n as u64,
            });
        }
        for (n, rule) in self.rules.iter().enumerate() {
            let Some(kind) = Kind::of(&rule.kind) else { continue };
            let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let mut args = rule.args.clone();
            if let Some(fact) = args.get_mut("fact") {
                *fact = fact_id(fact).to_string();
            }
            let made = Rule {
                kind,
                bucket: some(&rule.bucket),
                field: text(&rule.field),
                value: text(&rule.value),
                args,
                scope: (None, None),
                severity: Severity::Normal,
                text: rule.kind.clone(),
            };
            checker.set_rule(RuleId::from_uuid(Uuid::from_u128(n as u128 + 1)), made);
        }
    }
}
