//! The book of names: who is called what.
//!
//! Owns: entities with their names, which name must be written with capitals, the ways in which one name may be written.
//! Does not own: the tree of words the names lie in ([`tree`]) and how a text is read.
//!
//! **Invariant**: what is found depends on the entities in the book and not on the order of its changes.

pub(crate) mod tree;

use hashbrown::HashMap;

use crate::common::is_common;
use crate::fold;
use crate::key;
use crate::resolve::{self, Mention};
use crate::scan;
use crate::unknown::{self, Unknown};
use crate::words::{Joint, Words};
use tree::{Entry, Owner, Tree};

/// Whoever or whatever has names; the number is the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityId(pub u128);

/// What kind of thing an entity is: the sentence around a name may tell a person from a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Somebody.
    Person,
    /// Somewhere.
    Place,
    /// Anything else.
    #[default]
    Thing,
}

/// How a name must be written to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Case {
    /// With its capitals where all its words are words of the language, else any way.
    #[default]
    Auto,
    /// Any way.
    Any,
    /// With its capitals.
    Capitals,
}

/// One name of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As it is written.
    pub text: String,
    /// How it must be written to be found.
    pub case: Case,
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), case: Case::Auto }
    }
}

/// What the book knows of an entity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entity {
    /// What kind of thing it is.
    pub sort: Sort,
    /// What it is called.
    pub names: Vec<Name>,
    /// What it is, such as `captain`: found as `the captain`.
    pub descriptions: Vec<String>,
    /// Whom it has to do with; their names near a name that several share speak for it.
    pub near: Vec<EntityId>,
    /// Names that were refused for it.
    pub refused: Vec<String>,
}

/// All names of a project.
#[derive(Debug, Clone, Default)]
pub struct Book {
    tree: Tree,
    entities: HashMap<EntityId, Known>,
    nobody: HashMap<String, Vec<u32>>,
}

#[derive(Debug, Clone)]
struct Known {
    entity: Entity,
    entries: Vec<u32>,
}

/// A text of more words is a sentence and nobody's name; it is not looked for.
const MOST_WORDS: usize = 16;
/// Words that are written small inside names.
const SMALL: [&str; 28] = [
    "the", "a", "an", "of", "and", "in", "on", "at", "to", "for", "der", "die", "das", "dem", "den", "des",
    "von", "und", "le", "la", "les", "de", "du", "el", "los", "las", "il", "van",
];
/// Articles that a name may lose in a sentence: `a Gilded Crane`.
const ARTICLES: [&str; 14] =
    ["the", "a", "an", "der", "die", "das", "le", "la", "les", "el", "los", "las", "il", "l"];
/// Words that are followed by a full stop or not: `Mr. Vale`, `Mr Vale`.
const ABBREVIATIONS: [&str; 18] = [
    "mr", "mrs", "ms", "dr", "st", "prof", "capt", "lt", "sgt", "col", "gen", "rev", "jr", "sr", "fr", "hr",
    "mt", "mme",
];

impl Book {
    /// A book of these entities.
    pub fn of(entities: impl IntoIterator<Item = (EntityId, Entity)>) -> Self {
        let mut book = Self::default();
        entities.into_iter().for_each(|(id, entity)| book.set(id, entity));
        book
    }

    /// Says what there is to know of an entity, in place of what was known.
    pub fn set(&mut self, id: EntityId, entity: Entity) {
        if let Some(known) = self.entities.get_mut(&id)
            && known.entity.names == entity.names
            && known.entity.descriptions == entity.descriptions
            && known.entity.refused == entity.refused
            && known.entity.sort == entity.sort
        {
            known.entity = entity;
            return;
        }
        self.remove(&id);
        let owner = match entity.sort {
            Sort::Person => Owner::Person(id),
            Sort::Place | Sort::Thing => Owner::Entity(id),
        };
        let refused: Vec<String> = entity.refused.iter().map(|name| key(name)).collect();
        let mut entries = Vec::new();
        for name in &entity.names {
            if !refused.contains(&key(&name.text)) {
                self.add(name, owner, false, &mut entries);
            }
        }
        for description in &entity.descriptions {
            let text = format!("the {}", description.trim());
            if !key(description).is_empty() && !refused.contains(&key(&text)) {
                let name = Name { text: text.to_lowercase(), case: Case::Any };
                self.add(&name, owner, true, &mut entries);
            }
        }
        self.entities.insert(id, Known { entity, entries });
    }

    /// Takes an entity out.
    pub fn remove(&mut self, id: &EntityId) {
        let known = self.entities.remove(id);
        known.into_iter().flat_map(|known| known.entries).for_each(|entry| self.tree.remove(entry));
    }

    /// Says that a phrase is nobody's name, though names may be part of it: `Rose Garden`.
    pub fn exclude(&mut self, phrase: &str) {
        let folded = key(phrase);
        if folded.is_empty() || self.nobody.contains_key(&folded) {
            return;
        }
        let mut entries = Vec::new();
        let name = Name { text: phrase.to_owned(), case: Case::Any };
        self.add(&name, Owner::Nobody, false, &mut entries);
        self.nobody.insert(folded, entries);
    }

    /// Takes back what [`Book::exclude`] said.
    pub fn admit(&mut self, phrase: &str) {
        let entries = self.nobody.remove(&key(phrase));
        entries.into_iter().flatten().for_each(|entry| self.tree.remove(entry));
    }

    /// How many entities there are.
    pub fn n_entities(&self) -> usize {
        self.entities.len()
    }

    /// Who is there.
    pub fn ids(&self) -> impl Iterator<Item = EntityId> {
        self.entities.keys().copied()
    }

    /// What is known of an entity.
    pub fn entity(&self, id: &EntityId) -> Option<&Entity> {
        self.entities.get(id).map(|known| &known.entity)
    }

    /// Whom a text speaks of, in the order of the text.
    pub fn scan(&self, text: &str) -> Vec<Mention> {
        let mut found = Vec::new();
        scan::scan(&self.tree, text, &mut found);
        resolve::mentions(self, text, &found)
    }

    /// Names that come back in a text and that nobody has, the most frequent first.
    pub fn unknown(&self, text: &str, at_least: usize) -> Vec<Unknown> {
        unknown::unknown(self, text, at_least)
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    fn add(&mut self, name: &Name, owner: Owner, describes: bool, entries: &mut Vec<u32>) {
        let words = written(&name.text);
        if words.len() > MOST_WORDS {
            return;
        }
        let all_common = words.iter().all(|word| is_common(&word.folded));
        let with_capitals = match name.case {
            Case::Auto => all_common,
            Case::Any => false,
            Case::Capitals => true,
        };
        let article = words.len() > 1
            && words.first().is_some_and(|word| ARTICLES.contains(&word.folded.as_str()))
            && words.get(1).is_some_and(|word| word.capital);
        let mut forms = vec![(words.clone(), with_capitals)];
        if article && !describes && owner != Owner::Nobody {
            forms.push((words.get(1..).unwrap_or_default().to_vec(), true));
        }
        for (words, with_capitals) in forms {
            for joints in joints(&words) {
                let path = words.iter().zip(joints).map(|(word, joint)| (joint, word.folded.as_str()));
                let bit = |(i, word): (usize, &Written)| {
                    let wanted = with_capitals && word.capital && !SMALL.contains(&word.folded.as_str());
                    u16::from(wanted) << i
                };
                let capitals = words.iter().enumerate().map(bit).sum();
                let entry =
                    Entry { owner, describes, capitals, is_common_word: all_common && words.len() == 1 };
                entries.extend(self.tree.insert(path, entry));
            }
        }
    }
}

/// A word of a name.
#[derive(Debug, Clone)]
struct Written {
    folded: String,
    capital: bool,
    joint: Joint,
}

fn written(name: &str) -> Vec<Written> {
    let mut folded = String::new();
    let word = |word: crate::words::Word| {
        fold::fold(word.text(name), &mut folded);
        Written { folded: folded.clone(), capital: word.is_capitalised(name), joint: word.joint }
    };
    Words::new(name).take(MOST_WORDS + 1).map(word).collect()
}

/// What may stand between the words of a name: as written, and with or without a full stop after an abbreviation.
fn joints(words: &[Written]) -> Vec<Vec<Joint>> {
    let own: Vec<Joint> = words
        .iter()
        .enumerate()
        .map(|(i, word)| match (i, word.joint) {
            (0, _) => Joint::Break,
            // A name has no lines.
            (_, Joint::Break) => Joint::Space,
            (_, joint) => joint,
        })
        .collect();
    let swapped = own.iter().enumerate().map(|(i, joint)| {
        let before = i.checked_sub(1).and_then(|i| words.get(i)).map_or("", |word| word.folded.as_str());
        let is_short = ABBREVIATIONS.contains(&before) || before.chars().count() == 1;
        match joint {
            Joint::Dot => Joint::Space,
            Joint::Space if is_short => Joint::Dot,
            other => *other,
        }
    });
    let swapped: Vec<Joint> = swapped.collect();
    if swapped == own { vec![own] } else { vec![own, swapped] }
}
