//! Facts: what holds of a bucket from one place of the story on, and what holds *as of* a place.
//!
//! Owns: which fact speaks where several do. Does not own: who knows it (`knowledge`), or in what order the story is
//! read (`position`). Facts anchor to ids; their places are looked up when they are asked for, so that moving a
//! chapter moves its facts and a fact inserted in the past changes every later answer by itself.
//!
//! **Invariant**: a question costs what its own field holds, never what the story has been through.

use std::sync::Arc;

use atelier_domain::{BucketId, FactId};
use imbl::{OrdMap, Vector};

use crate::position::{Order, Point};

/// What a fact says of its field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A word, a number, a date: as it was written.
    Text(String),
    /// Another bucket: the fact is a relation.
    To(BucketId),
}

/// A fact: `field` of `bucket` is `value`, from a place of the story on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its id.
    pub id: FactId,
    /// Of whom or what.
    pub bucket: BucketId,
    /// Which of its fields.
    pub field: String,
    /// What it is.
    pub value: Value,
    /// From where on; nothing means: from the beginning.
    pub from: Option<BucketId>,
    /// How far into the text of `from`, in scalar values, where a sentence is its evidence.
    pub offset: u32,
    /// Until where, exclusive.
    pub until: Option<BucketId>,
    /// The sentence that shows it.
    pub evidence: Option<String>,
    /// Where the reader may learn it; before, it is the author's alone.
    pub secret_until: Option<BucketId>,
    /// The event that asserted it; of two that begin at one place, the later speaks.
    pub seq: u64,
}

impl Fact {
    /// The words of the value, or nothing where it is a relation.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::To(_) => None,
        }
    }

    /// The bucket it leads to, where it is a relation.
    pub fn to(&self) -> Option<BucketId> {
        match self.value {
            Value::Text(_) => None,
            Value::To(bucket) => Some(bucket),
        }
    }

    /// From where on it holds; nothing where its scene is not in the tree.
    pub fn begins(&self, order: &Order) -> Option<Point> {
        match self.from {
            None => Some(Point::BEGINNING),
            Some(from) => order.start(from).map(|start| start.at(self.offset)),
        }
    }

    fn holds(&self, order: &Order, at: Point) -> bool {
        let ended = self.until.and_then(|until| order.start(until)).is_some_and(|until| until <= at);
        !ended && self.begins(order).is_some_and(|from| from <= at)
    }

    /// What it competes with: one value per field, but a person may have many friends.
    fn rivals(&self, other: &Self) -> bool {
        is_single(&self.field) || self.to().is_none() || other.to().is_none() || self.to() == other.to()
    }
}

/// Fields that lead to one bucket at a time.
fn is_single(field: &str) -> bool {
    matches!(field, "location" | "holder")
}

/// The facts of a branch, by bucket and field. Cloning is free, so a fork is.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    fields: OrdMap<(BucketId, String), Vector<Arc<Fact>>>,
    by_id: OrdMap<FactId, Arc<Fact>>,
}

impl Facts {
    /// Takes a fact in; a second one of the same id replaces the first.
    pub fn assert(&mut self, fact: Fact) {
        self.retire(fact.id);
        let fact = Arc::new(fact);
        self.by_id.insert(fact.id, Arc::clone(&fact));
        self.fields.entry((fact.bucket, fact.field.clone())).or_default().push_back(fact);
    }

    /// Takes a fact out; gives it back where it was there.
    pub fn retire(&mut self, id: FactId) -> Option<Arc<Fact>> {
        let gone = self.by_id.remove(&id)?;
        let key = (gone.bucket, gone.field.clone());
        if let Some(facts) = self.fields.get_mut(&key) {
            facts.retain(|fact| fact.id != id);
            if facts.is_empty() {
                self.fields.remove(&key);
            }
        }
        Some(gone)
    }

    /// The fact of this id.
    pub fn get(&self, id: FactId) -> Option<&Arc<Fact>> {
        self.by_id.get(&id)
    }

    /// Every fact, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Fact>> {
        self.by_id.values()
    }

    /// Everything ever said of one field.
    pub fn of_field(&self, bucket: BucketId, field: &str) -> impl Iterator<Item = &Arc<Fact>> {
        self.fields.get(&(bucket, field.to_owned())).into_iter().flatten()
    }

    /// The fields of a bucket of which anything is said.
    pub fn fields_of(&self, bucket: BucketId) -> impl Iterator<Item = &str> {
        let from = (bucket, String::new());
        self.fields
            .range(from..)
            .map(|(key, _)| key)
            .take_while(move |key| key.0 == bucket)
            .map(|key| key.1.as_str())
    }

    /// The fact that speaks for the field at this point: the one that began last, of those that have not ended.
    pub fn one(&self, order: &Order, bucket: BucketId, field: &str, at: Point) -> Option<&Arc<Fact>> {
        let holding = self.of_field(bucket, field).filter(|fact| fact.holds(order, at));
        holding.max_by_key(|fact| (fact.begins(order), fact.seq, fact.id))
    }

    /// All facts that speak for the field at this point: one value, or relations to several buckets.
    pub fn all(&self, order: &Order, bucket: BucketId, field: &str, at: Point) -> Vec<&Arc<Fact>> {
        let mut holding: Vec<&Arc<Fact>> =
            self.of_field(bucket, field).filter(|fact| fact.holds(order, at)).collect();
        holding.sort_by_key(|fact| std::cmp::Reverse((fact.begins(order), fact.seq, fact.id)));
        let mut speaking: Vec<&Arc<Fact>> = Vec::new();
        for fact in holding {
            if !speaking.iter().any(|later| later.rivals(fact)) {
                speaking.push(fact);
            }
        }
        speaking
    }

    /// The bucket as of a point: every fact that speaks for one of its fields.
    pub fn as_of(&self, order: &Order, bucket: BucketId, at: Point) -> Vec<&Arc<Fact>> {
        let fields: Vec<&str> = self.fields_of(bucket).collect();
        fields.into_iter().flat_map(|field| self.all(order, bucket, field, at)).collect()
    }
}
