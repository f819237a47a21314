//! Checking: which rule is asked of which scene, again only where something it looked at has changed.
//!
//! Owns: the units of work (a rule and a scene, or a rule alone), what each of them looked at, and the violations they found.
//! Does not own: what a rule means (`kinds`).
//!
//! **Invariant**: after any change, the violations are those a fresh check of everything would find.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use atelier_domain::{BucketId, FactId, Hash, RuleId};
use serde::Serialize;

use crate::facts::{Fact, Value};
use crate::kinds::{Reads, table};
use crate::knowledge::{Answer, Spread, StoryEvent};
use crate::position::{Node, Order, Point};
use crate::reading::{self, Mention, Reading, Sentence};
use crate::world::{Entity, Rule, Scene, World};

/// A place in a text, in Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Span {
    /// The bucket whose text it is.
    pub bucket: BucketId,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What stands there.
    pub text: String,
}

/// A rule that a text breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The same for the same rule, scene and words, however often it is checked.
    pub id: String,
    /// The rule.
    pub rule: RuleId,
    /// Its kind.
    pub kind: &'static str,
    /// How much it weighs.
    pub severity: &'static str,
    /// What breaks it, and then what it breaks.
    pub spans: Vec<Span>,
    /// What is wrong.
    pub message: String,
    /// What would mend it.
    pub suggestion: String,
    /// `open` or `waived`.
    pub status: &'static str,
}

/// A piece of work: a rule, and the scene it is asked of where it reads texts one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Unit {
    rule: RuleId,
    scene: Option<BucketId>,
}

/// Something a unit looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Seen {
    Text(BucketId),
    Setting(BucketId),
    Field(BucketId, String),
    Entity(BucketId),
    Knowledge(FactId),
    Order,
    Scenes,
    /// The names and pronouns of everybody.
    Names,
}

#[derive(Debug, Default)]
struct Done {
    seen: BTreeSet<Seen>,
    found: Vec<Violation>,
}

/// A world that is checked.
#[derive(Debug, Default)]
pub struct Checker {
    world: World,
    readings: BTreeMap<BucketId, Arc<Reading>>,
    done: BTreeMap<Unit, Done>,
    waived: BTreeSet<String>,
}

impl Checker {
    /// What is checked.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Sets the calendar; everything is asked again.
    pub fn set_calendar(&mut self, calendar: crate::calendar::Calendar) {
        self.world.calendar = calendar;
        self.done.clear();
    }

    /// Places a node in the tree, or moves it.
    pub fn place(&mut self, node: Node) {
        if self.world.nodes.get(&node.id) != Some(&node) {
            self.world.nodes.insert(node.id, node);
            self.reorder();
        }
    }

    /// Places many nodes at once.
    pub fn place_all(&mut self, nodes: impl IntoIterator<Item = Node>) {
        self.world.nodes.extend(nodes.into_iter().map(|node| (node.id, node)));
        self.reorder();
    }

    fn reorder(&mut self) {
        self.world.order = Order::of(&self.world.nodes.values().cloned().collect::<Vec<_>>());
        self.changed(&[Seen::Order]);
    }

    /// Sets an entity: its type, its names, its own fields.
    pub fn set_entity(&mut self, id: BucketId, entity: Entity) {
        let before = self.world.entities.insert(id, entity);
        let now = &self.world.entities[&id];
        let same_names = before.as_ref().is_some_and(|before| {
            before.title == now.title
                && before.aliases == now.aliases
                && before.r#type == now.r#type
                && before.fields.get("pronouns") == now.fields.get("pronouns")
        });
        let fields: BTreeSet<&String> =
            before.iter().flat_map(|before| before.fields.keys()).chain(now.fields.keys()).collect();
        let mut seen: Vec<Seen> = fields.into_iter().map(|field| Seen::Field(id, field.clone())).collect();
        seen.push(Seen::Entity(id));
        if !same_names {
            seen.push(Seen::Names);
            self.readings.clear();
        }
        self.changed(&seen);
    }

    /// Sets a scene: its text, or what is said about it.
    pub fn set_scene(&mut self, id: BucketId, scene: Scene) {
        let before = self.world.scenes.insert(id, scene);
        let now = &self.world.scenes[&id];
        let (text, setting) = match &before {
            Some(before) => (
                before.body != now.body || before.mentions != now.mentions || before.pov != now.pov,
                (before.pov, &before.present, before.when, before.location, before.mode)
                    != (now.pov, &now.present, now.when, now.location, now.mode),
            ),
            None => (true, true),
        };
        let mut seen = Vec::new();
        if text {
            self.readings.remove(&id);
            seen.push(Seen::Text(id));
        }
        if setting {
            seen.push(Seen::Setting(id));
        }
        if before.is_none() {
            seen.push(Seen::Scenes);
        }
        self.changed(&seen);
    }

    /// Asserts a fact.
    pub fn assert(&mut self, fact: Fact) {
        let mut seen = vec![Seen::Field(fact.bucket, fact.field.clone()), Seen::Knowledge(fact.id)];
        if let Some(before) = self.world.facts.get(fact.id) {
            seen.push(Seen::Field(before.bucket, before.field.clone()));
        }
        if fact.field == "pronouns" {
            self.readings.clear();
            seen.push(Seen::Names);
        }
        self.world.facts.assert(fact);
        self.changed(&seen);
    }

    /// Retires a fact.
    pub fn retire(&mut self, fact: FactId) {
        if let Some(gone) = self.world.facts.retire(fact) {
            self.changed(&[Seen::Field(gone.bucket, gone.field.clone()), Seen::Knowledge(fact)]);
        }
    }

    /// Takes a story event in.
    pub fn tell(&mut self, event: StoryEvent) {
        let fact = event.fact;
        let events = self.world.events.entry(fact).or_default();
        events.retain(|other| other.id != event.id);
        events.push(event);
        self.changed(&[Seen::Knowledge(fact)]);
    }

    /// A rule holds from now on, or holds otherwise.
    pub fn set_rule(&mut self, id: RuleId, rule: Rule) {
        self.world.rules.insert(id, rule);
        self.done.retain(|unit, _| unit.rule != id);
    }

    /// A rule holds no longer.
    pub fn drop_rule(&mut self, id: RuleId) {
        self.world.rules.remove(&id);
        self.done.retain(|unit, _| unit.rule != id);
    }

    /// A person lets a violation stand.
    pub fn waive(&mut self, violation: &str) {
        self.waived.insert(violation.to_owned());
    }

    /// Forgets what looked at any of these, so that it is asked again.
    fn changed(&mut self, what: &[Seen]) {
        self.done.retain(|_, done| !what.iter().any(|seen| done.seen.contains(seen)));
    }

    /// Asks what has not been asked since it changed; gives back how many units that were.
    pub fn check(&mut self) -> usize {
        let due: Vec<Unit> = self.units().into_iter().filter(|unit| !self.done.contains_key(unit)).collect();
        let scenes: BTreeSet<BucketId> = due.iter().filter_map(|unit| unit.scene).collect();
        for scene in scenes {
            self.read(scene);
        }
        if due.iter().any(|unit| unit.scene.is_none()) {
            for scene in self.world.scenes.keys().copied().collect::<Vec<_>>() {
                self.read(scene);
            }
        }
        for unit in &due {
            let done = self.ask(*unit);
            self.done.insert(*unit, done);
        }
        due.len()
    }

    /// What was found, in the order of the story; of a scene, or of all.
    pub fn violations(&self, scene: Option<BucketId>) -> Vec<Violation> {
        let all = self.done.values().flat_map(|done| &done.found);
        let about = |violation: &&Violation| {
            scene.is_none_or(|scene| violation.spans.iter().any(|span| span.bucket == scene))
        };
        let mut found: Vec<Violation> = all.filter(about).cloned().collect();
        for violation in &mut found {
            violation.status = if self.waived.contains(&violation.id) { "waived" } else { "open" };
        }
        found.sort_by_key(|v| {
            let place = v.spans.first().map(|span| (self.world.order.start(span.bucket), span.start));
            (place, v.rule, v.id.clone())
        });
        found
    }

    /// Whether somebody may know a fact at a place.
    pub fn may(&self, person: BucketId, fact: FactId, at: BucketId) -> Option<Answer> {
        Some(spread(&self.world, fact).may(person, self.world.order.end(at)?))
    }

    fn units(&self) -> Vec<Unit> {
        let mut units = Vec::new();
        for (id, rule) in &self.world.rules {
            let reads = table(rule.kind).reads;
            if reads != Reads::Text {
                units.push(Unit { rule: *id, scene: None });
            }
            if reads != Reads::Story {
                let (from, until) = rule.scope;
                let scenes =
                    self.world.scenes.keys().filter(|scene| self.world.order.within(**scene, from, until));
                units.extend(scenes.map(|scene| Unit { rule: *id, scene: Some(*scene) }));
            }
        }
        units
    }

    fn read(&mut self, id: BucketId) {
        let Some(scene) = self.world.scenes.get(&id).filter(|_| !self.readings.contains_key(&id)) else {
            return;
        };
        let reading = reading::read(&scene.body, &scene.mentions, &self.world.genders(), scene.pov);
        self.readings.insert(id, Arc::new(reading));
    }

    fn ask(&self, unit: Unit) -> Done {
        let Some(rule) = self.world.rules.get(&unit.rule) else { return Done::default() };
        let ctx = Ctx {
            world: &self.world,
            readings: &self.readings,
            id: unit.rule,
            rule,
            scene: unit.scene,
            seen: RefCell::default(),
            found: RefCell::default(),
        };
        ctx.look(Seen::Order);
        ctx.look(Seen::Names);
        (table(rule.kind).check)(&ctx);
        Done { seen: ctx.seen.into_inner(), found: ctx.found.into_inner() }
    }
}

fn spread(world: &World, fact: FactId) -> Spread {
    let events = world.events.get(&fact).map(Vec::as_slice).unwrap_or_default();
    Spread::of(events, &world.order, |scene| world.scenes.get(&scene).map(Scene::people).unwrap_or_default())
}

/// What a kind is given to decide: a rule, perhaps a scene, and the world, which notes what is looked at.
pub(crate) struct Ctx<'a> {
    world: &'a World,
    readings: &'a BTreeMap<BucketId, Arc<Reading>>,
    id: RuleId,
    pub(crate) rule: &'a Rule,
    scene: Option<BucketId>,
    seen: RefCell<BTreeSet<Seen>>,
    found: RefCell<Vec<Violation>>,
}

/// A place of a scene's text, in bytes.
pub(crate) type Bytes = (usize, usize);

impl<'a> Ctx<'a> {
    fn look(&self, what: Seen) {
        self.seen.borrow_mut().insert(what);
    }

    pub(crate) fn calendar(&self) -> &'a crate::calendar::Calendar {
        &self.world.calendar
    }

    pub(crate) fn order(&self) -> &'a Order {
        &self.world.order
    }

    /// The scene that is asked about, with its setting.
    pub(crate) fn scene(&self) -> Option<(BucketId, &'a Scene)> {
        let id = self.scene?;
        self.look(Seen::Setting(id));
        Some((id, self.world.scenes.get(&id)?))
    }

    /// The scene that is asked about; where none is, the bucket of the rule stands in.
    pub(crate) fn here(&self) -> BucketId {
        self.scene.or(self.rule.bucket).unwrap_or(BucketId::from_uuid(uuid::Uuid::nil()))
    }

    /// Whether the story as a whole is asked about.
    pub(crate) fn is_story(&self) -> bool {
        self.scene.is_none()
    }

    /// The nearest scene before this one that really happens and has a date.
    pub(crate) fn before(&self) -> Option<(BucketId, crate::calendar::Date)> {
        let here = self.world.order.start(self.scene?)?;
        let earlier = self
            .world
            .order
            .reading()
            .iter()
            .rev()
            .skip_while(|id| self.world.order.start(**id).is_some_and(|at| at >= here));
        for id in earlier {
            let Some(scene) = self.world.scenes.get(id) else { continue };
            self.look(Seen::Setting(*id));
            if let Some(when) = scene.when.filter(|_| scene.mode == crate::world::Mode::Now) {
                return Some((*id, when));
            }
        }
        None
    }

    /// The date of a scene, or of the first scene in a chapter.
    pub(crate) fn when(&self, node: BucketId) -> Option<crate::calendar::Date> {
        let (start, end) = (self.world.order.start(node)?, self.world.order.end(node)?);
        let within = self
            .world
            .order
            .reading()
            .iter()
            .filter(|id| self.world.order.start(**id).is_some_and(|at| start <= at && at <= end));
        within
            .filter_map(|id| {
                self.look(Seen::Setting(*id));
                self.world.scenes.get(id)?.when
            })
            .next()
    }

    /// The first sentence of a scene.
    pub(crate) fn first_words(&self, scene: BucketId) -> Bytes {
        self.sentences_of(scene).first().map(|sentence| (sentence.start, sentence.end)).unwrap_or_default()
    }

    /// The sentences of the scene that is asked about.
    pub(crate) fn sentences(&self) -> &'a [Sentence] {
        self.scene.map(|scene| self.sentences_of(scene)).unwrap_or_default()
    }

    pub(crate) fn sentences_of(&self, scene: BucketId) -> &'a [Sentence] {
        self.look(Seen::Text(scene));
        self.readings.get(&scene).map(|reading| reading.sentences.as_slice()).unwrap_or_default()
    }

    pub(crate) fn body(&self) -> &'a str {
        let Some(scene) = self.scene else { return "" };
        self.look(Seen::Text(scene));
        self.world.scenes.get(&scene).map(|scene| &*scene.body).unwrap_or_default()
    }

    /// All scenes in the order of the story, with their settings.
    pub(crate) fn story(&self) -> Vec<(BucketId, &'a Scene)> {
        self.look(Seen::Scenes);
        let (from, until) = self.rule.scope;
        let reading = self.world.order.reading().iter();
        let scenes = reading.filter_map(|id| Some((*id, self.world.scenes.get(id)?)));
        let scenes: Vec<_> = scenes.filter(|(id, _)| self.world.order.within(*id, from, until)).collect();
        scenes.iter().for_each(|(id, _)| self.look(Seen::Setting(*id)));
        scenes
    }

    pub(crate) fn title(&self, bucket: BucketId) -> &'a str {
        self.look(Seen::Entity(bucket));
        self.world.title(bucket)
    }

    pub(crate) fn entity(&self, bucket: BucketId) -> Option<&'a Entity> {
        self.look(Seen::Entity(bucket));
        self.world.entities.get(&bucket)
    }

    pub(crate) fn entities(&self) -> &'a BTreeMap<BucketId, Entity> {
        &self.world.entities
    }

    pub(crate) fn named(&self, text: &str) -> Option<BucketId> {
        self.world.entity(text)
    }

    /// Whether it is a person.
    pub(crate) fn is_person(&self, bucket: BucketId) -> bool {
        self.world.entities.get(&bucket).is_some_and(|entity| entity.r#type == "character")
    }

    /// The point of a byte of the scene's text.
    pub(crate) fn point(&self, byte: usize) -> Point {
        let Some(scene) = self.scene else { return Point::BEGINNING };
        let start = self.world.order.start(scene).unwrap_or_default();
        let scalars = self.body().get(..byte).map_or(0, |before| before.chars().count());
        start.at(u32::try_from(scalars).unwrap_or(u32::MAX))
    }

    pub(crate) fn value(
        &self,
        bucket: BucketId,
        field: &str,
        at: Point,
    ) -> Option<(Value, Option<Arc<Fact>>)> {
        self.look(Seen::Field(bucket, field.to_owned()));
        self.world.value(bucket, field, at)
    }

    pub(crate) fn text(
        &self,
        bucket: BucketId,
        field: &str,
        at: Point,
    ) -> Option<(String, Option<Arc<Fact>>)> {
        self.value(bucket, field, at).map(|(value, fact)| (self.world.words(&value), fact))
    }

    /// Every relation of a field that speaks at a point.
    pub(crate) fn relations(&self, bucket: BucketId, field: &str, at: Point) -> Vec<Arc<Fact>> {
        self.look(Seen::Field(bucket, field.to_owned()));
        self.world.facts.all(&self.world.order, bucket, field, at).into_iter().cloned().collect()
    }

    /// Every fact ever said of a field, and the field's own value.
    pub(crate) fn every(&self, bucket: BucketId, field: &str) -> Vec<Arc<Fact>> {
        self.look(Seen::Field(bucket, field.to_owned()));
        self.world.facts.of_field(bucket, field).cloned().collect()
    }

    pub(crate) fn own(&self, bucket: BucketId, field: &str) -> Option<String> {
        self.look(Seen::Field(bucket, field.to_owned()));
        let value = self.world.entities.get(&bucket)?.fields.get(field)?.first()?;
        Some(match value {
            Value::Text(text) => text.clone(),
            Value::To(id) => id.to_string(),
        })
    }

    pub(crate) fn fact(&self, id: FactId) -> Option<Arc<Fact>> {
        self.look(Seen::Knowledge(id));
        self.world.facts.get(id).cloned()
    }

    pub(crate) fn may(&self, person: BucketId, fact: FactId, at: Point) -> Answer {
        self.look(Seen::Knowledge(fact));
        let scenes = self.world.events.get(&fact).into_iter().flatten().map(|event| event.scene);
        scenes.for_each(|scene| self.look(Seen::Setting(scene)));
        spread(self.world, fact).may(person, at)
    }

    /// A rule is broken at this stretch of the scene's text.
    pub(crate) fn found(&self, at: Bytes, source: Option<&Fact>, message: String, suggestion: String) {
        let Some(scene) = self.scene else { return };
        let first = self.span(scene, at);
        let second = self.source(source);
        self.push([Some(first), second].into_iter().flatten().collect(), message, suggestion);
    }

    /// A rule is broken by two places of the story.
    pub(crate) fn between(
        &self,
        first: (BucketId, Bytes),
        second: (BucketId, Bytes),
        message: String,
        suggestion: String,
    ) {
        self.push(vec![self.span(first.0, first.1), self.span(second.0, second.1)], message, suggestion);
    }

    fn push(&self, spans: Vec<Span>, message: String, suggestion: String) {
        let nth = |found: &Violation| {
            found.spans.first().map(|s| (s.bucket, s.text.clone()))
                == spans.first().map(|s| (s.bucket, s.text.clone()))
        };
        let again = self.found.borrow().iter().filter(|found| nth(found)).count();
        if self.found.borrow().iter().any(|found| found.spans == spans) {
            return;
        }
        let key = spans
            .first()
            .map(|span| format!("{}\n{}\n{}\n{again}", self.id, span.bucket, span.text))
            .unwrap_or_default();
        let hash = Hash::of(key.as_bytes()).to_string();
        let violation = Violation {
            id: format!("vio_{}", &hash[..32]),
            rule: self.id,
            kind: table(self.rule.kind).name,
            severity: self.rule.severity.word(),
            spans,
            message,
            suggestion,
            status: "open",
        };
        self.found.borrow_mut().push(violation);
    }

    fn span(&self, bucket: BucketId, (start, end): Bytes) -> Span {
        let body = self.world.scenes.get(&bucket).map(|scene| &*scene.body).unwrap_or_default();
        self.look(Seen::Text(bucket));
        let scalars = |byte: usize| body.get(..byte).map_or(0, |before| before.chars().count());
        let text = body.get(start..end).unwrap_or_default().to_owned();
        Span { bucket, start: scalars(start), end: scalars(end), text }
    }

    /// Where the story says what was contradicted: the fact's evidence, else the place it holds from.
    fn source(&self, fact: Option<&Fact>) -> Option<Span> {
        let fact = fact?;
        let bucket = fact.from.unwrap_or(fact.bucket);
        let body = self.world.scenes.get(&bucket).map(|scene| &*scene.body).unwrap_or_default();
        let found =
            fact.evidence.as_ref().and_then(|evidence| Some((body.find(evidence.as_str())?, evidence.len())));
        let (start, length) = found.unwrap_or_default();
        Some(self.span(bucket, (start, start + length)))
    }
}

/// The names of a text, where they are already known as spans in Unicode scalar values.
pub fn mentions_from_scalars(
    body: &str,
    spans: impl IntoIterator<Item = (BucketId, usize, usize)>,
) -> Vec<Mention> {
    let starts: Vec<usize> = body.char_indices().map(|(at, _)| at).chain([body.len()]).collect();
    let byte = |scalar: usize| starts.get(scalar).copied();
    let spans = spans
        .into_iter()
        .filter_map(|(bucket, start, end)| Some(Mention { bucket, start: byte(start)?, end: byte(end)? }));
    spans.collect()
}
