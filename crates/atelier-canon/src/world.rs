//! What a branch holds, as far as canon asks for it: entities, scenes, facts, story events, rules, the calendar.
//!
//! Owns: plain values and the questions that combine them (what a field is at a place). Does not own: where they come from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use atelier_domain::{BucketId, FactId, RuleId};

use crate::calendar::{Calendar, Date};
use crate::facts::{Fact, Facts, Value};
use crate::kinds::Kind;
use crate::knowledge::StoryEvent;
use crate::position::{Node, Order, Point};
use crate::reading::{Gender, Mention};

/// Anything that may be spoken of: a person, a place, an object, a promise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entity {
    /// Its type, such as `character`.
    pub r#type: String,
    /// Its title.
    pub title: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Its fields as text; they hold from the beginning, until a fact says otherwise.
    pub fields: BTreeMap<String, Vec<Value>>,
}

/// How real a scene is in the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum Mode {
    #[default]
    Now,
    Dream,
    Flashback,
    Letter,
    Alternate,
}

impl Mode {
    /// By the word of the field `mode`.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "now" => Self::Now,
            "dream" => Self::Dream,
            "flashback" => Self::Flashback,
            "letter" => Self::Letter,
            "alternate" => Self::Alternate,
            _ => return None,
        })
    }
}

/// A scene with its text.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    /// Through whose eyes it is told.
    pub pov: Option<BucketId>,
    /// Who else is there.
    pub present: Vec<BucketId>,
    /// When it happens.
    pub when: Option<Date>,
    /// Where it happens.
    pub location: Option<BucketId>,
    /// How real it is.
    pub mode: Mode,
    /// Its text.
    pub body: Arc<str>,
    /// The names found in it.
    pub mentions: Vec<Mention>,
}

impl Scene {
    /// Everyone who is there, the point of view included.
    pub fn people(&self) -> Vec<BucketId> {
        let all: BTreeSet<BucketId> = self.pov.into_iter().chain(self.present.iter().copied()).collect();
        all.into_iter().collect()
    }
}

/// How much a breach weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[allow(missing_docs)]
pub enum Severity {
    Low,
    #[default]
    Normal,
    High,
}

impl Severity {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }
}

/// A rule that code decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it is about.
    pub kind: Kind,
    /// Of whom or what.
    pub bucket: Option<BucketId>,
    /// Which field.
    pub field: Option<String>,
    /// What must hold.
    pub value: Option<String>,
    /// Further arguments, by name.
    pub args: BTreeMap<String, String>,
    /// From where to where it holds: from inclusive, until exclusive.
    pub scope: (Option<BucketId>, Option<BucketId>),
    /// How much a breach weighs.
    pub severity: Severity,
    /// The rule in words.
    pub text: String,
}

/// Everything that is asked.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The calendar of the story.
    pub calendar: Calendar,
    pub(crate) nodes: BTreeMap<BucketId, Node>,
    pub(crate) order: Order,
    pub(crate) entities: BTreeMap<BucketId, Entity>,
    pub(crate) scenes: BTreeMap<BucketId, Scene>,
    pub(crate) facts: Facts,
    pub(crate) events: BTreeMap<FactId, Vec<StoryEvent>>,
    pub(crate) rules: BTreeMap<RuleId, Rule>,
}

impl World {
    /// The order of the story.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// What is asserted.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// An entity's title, or nothing to say.
    pub fn title(&self, bucket: BucketId) -> &str {
        self.entities
            .get(&bucket)
            .map(|entity| entity.title.as_str())
            .or_else(|| self.nodes.get(&bucket).map(|node| node.title.as_str()))
            .unwrap_or("somebody")
    }

    /// The entity a person means by an id or a title.
    pub fn entity(&self, text: &str) -> Option<BucketId> {
        let key = atelier_domain::name::key(text);
        text.parse().ok().filter(|id| self.entities.contains_key(id)).or_else(|| {
            self.entities
                .iter()
                .find(|(_, entity)| atelier_domain::name::key(&entity.title) == key)
                .map(|(id, _)| *id)
        })
    }

    /// What a field is at a point, and the fact that says so; a bucket's own field speaks where no fact does.
    pub(crate) fn value(
        &self,
        bucket: BucketId,
        field: &str,
        at: Point,
    ) -> Option<(Value, Option<Arc<Fact>>)> {
        if let Some(fact) = self.facts.one(&self.order, bucket, field, at) {
            return Some((fact.value.clone(), Some(Arc::clone(fact))));
        }
        let own = self.entities.get(&bucket)?.fields.get(field)?.first()?;
        Some((own.clone(), None))
    }

    /// The words of a value: of a relation, the title of the bucket it leads to.
    pub(crate) fn words(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::To(bucket) => self.title(*bucket).to_owned(),
        }
    }

    /// Which pronouns go with each entity.
    pub(crate) fn genders(&self) -> BTreeMap<BucketId, Gender> {
        let gender = |id: &BucketId, entity: &Entity| {
            let told = self.value(*id, "pronouns", Point::BEGINNING).map(|(value, _)| self.words(&value));
            told.and_then(|told| Gender::of(&told)).unwrap_or(match entity.r#type.as_str() {
                "character" => Gender::Anyone,
                "faction" => Gender::They,
                _ => Gender::It,
            })
        };
        self.entities.iter().map(|(id, entity)| (*id, gender(id, entity))).collect()
    }
}
