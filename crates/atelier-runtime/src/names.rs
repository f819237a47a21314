//! The books of names of a project, one for each branch that somebody asked about.
//!
//! Owns: what of a bucket is a name, which buckets have names at all, bringing a book up to date. Does not own: the scan
//! (`atelier-names`). Derived: a book is made when first asked for and goes to sleep with its project.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use atelier_domain::state::{Bucket, Content, RefusedName};
use atelier_domain::{BranchId, BucketId, name};
use atelier_names::{Book, Entity, EntityId, Name, Sort, descriptions};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use serde_json::Value;

/// Types whose titles are headings or sentences and no names.
const NAMELESS: [&str; 9] =
    ["season", "arc", "act", "chapter", "scene", "style-guide", "story-event", "promise", "research-topic"];
/// Fields that say what somebody is.
const TRADES: [&str; 5] = ["role", "occupation", "profession", "rank", "job"];
/// Whoever has to do with more than so many is no help in telling two apart.
const MOST_NEAR: usize = 64;

/// The books of a project.
#[derive(Debug, Default)]
pub(crate) struct Books(Mutex<BTreeMap<BranchId, Arc<Mutex<Kept>>>>);

/// A book and what it was made from.
#[derive(Debug, Default)]
struct Kept {
    book: Book,
    buckets: OrdMap<BucketId, Arc<Bucket>>,
    refused: OrdMap<String, Arc<RefusedName>>,
}

impl Books {
    /// Asks the book of a branch, brought up to date. Blocks.
    pub(crate) fn ask<T>(&self, branch: BranchId, content: &Content, ask: impl FnOnce(&Book) -> T) -> T {
        let kept = {
            let mut books = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            books.entry(branch).or_default().clone()
        };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.follow(content);
        ask(&kept.book)
    }
}

impl Kept {
    fn follow(&mut self, content: &Content) {
        let same_buckets = self.buckets.ptr_eq(&content.buckets);
        if same_buckets && self.refused.ptr_eq(&content.refused_names) {
            return;
        }
        let mut changed = BTreeSet::new();
        let mut renamed = false;
        for item in self.buckets.diff(&content.buckets) {
            match item {
                DiffItem::Add(id, _) | DiffItem::Remove(id, _) => {
                    changed.insert(*id);
                    renamed = true;
                }
                DiffItem::Update { old, new } => {
                    let names = |b: &Bucket| (b.title.clone(), b.aliases.clone(), b.archived);
                    renamed |= names(old.1) != names(new.1);
                    changed.insert(*new.0);
                }
            }
        }
        for item in self.refused.diff(&content.refused_names) {
            let (DiffItem::Add(_, one) | DiffItem::Remove(_, one) | DiffItem::Update { new: (_, one), .. }) =
                &item;
            changed.extend(&one.buckets);
            if let DiffItem::Update { old: (_, old), .. } = item {
                changed.extend(&old.buckets);
            }
        }
        if renamed {
            // Others may name by title what is called so only now.
            changed.extend(content.buckets.keys());
        }
        let titles = titles(content);
        for id in changed {
            let entity = EntityId(id.uuid().as_u128());
            match content.buckets.get(&id).filter(|bucket| has_names(bucket)) {
                Some(bucket) => self.book.set(entity, described(bucket, content, &titles)),
                None => self.book.remove(&entity),
            }
        }
        self.buckets = content.buckets.clone();
        self.refused = content.refused_names.clone();
    }
}

/// The bucket behind an entity of a book.
pub(crate) fn bucket_of(entity: EntityId) -> BucketId {
    BucketId::from_uuid(uuid::Uuid::from_u128(entity.0))
}

fn has_names(bucket: &Bucket) -> bool {
    !bucket.archived && !NAMELESS.contains(&bucket.r#type.as_str())
}

fn titles(content: &Content) -> HashMap<String, BucketId> {
    content.live(None).map(|bucket| (name::key(&bucket.title), bucket.id)).collect()
}

fn described(bucket: &Bucket, content: &Content, titles: &HashMap<String, BucketId>) -> Entity {
    let sort = match bucket.r#type.as_str() {
        "character" => Sort::Person,
        "location" => Sort::Place,
        _ => Sort::Thing,
    };
    let names = std::iter::once(&bucket.title).chain(&bucket.aliases);
    let trades = TRADES.iter().filter_map(|key| bucket.fields.get(*key)?.as_str());
    let trades = trades.filter(|_| sort == Sort::Person);
    let mut near = Vec::new();
    for value in bucket.fields.values() {
        references(value, titles, &mut near);
    }
    near.retain(|id| *id != bucket.id);
    let refused = content.refused_names.values().filter(|one| one.buckets.contains(&bucket.id));
    Entity {
        sort,
        names: names.map(|name| Name::from(name.as_str())).collect(),
        descriptions: trades.flat_map(descriptions).collect(),
        near: near.into_iter().map(|id| EntityId(id.uuid().as_u128())).collect(),
        refused: refused.map(|one| one.name.clone()).collect(),
    }
}

/// The buckets that a field names, by id or title.
fn references(value: &Value, titles: &HashMap<String, BucketId>, found: &mut Vec<BucketId>) {
    if found.len() >= MOST_NEAR {
        return;
    }
    match value {
        Value::String(text) if text.len() <= 4 * name::MAX_NAME => {
            found.extend(text.parse().ok().or_else(|| titles.get(&name::key(text)).copied()));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, titles, found)),
        Value::Object(map) => map.values().for_each(|item| references(item, titles, found)),
        _ => {}
    }
}
