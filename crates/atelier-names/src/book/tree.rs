//! The tree of words: every name is a path from the root, edges are found by hash.
//!
//! Owns: words (each once), nodes, the entries where names end, the filter that tells most words from all first words
//! of names at the price of one look. Does not own: what a word or a name is.
//!
//! **Invariant**: a word, node or edge that no name needs any more is gone. The filter alone may remember too much, until
//! it is made anew.

use hashbrown::HashTable;

use super::EntityId;
use crate::fold;
use crate::words::Joint;

const NONE: u32 = u32::MAX;
/// Bits of the filter for each first word.
const BITS: usize = 16;

/// Whose name ends here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Somebody's.
    Person(EntityId),
    /// Something's.
    Entity(EntityId),
    /// Nobody's: it is found so that nothing in it is.
    Nobody,
}

/// A name at its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) owner: Owner,
    /// Whether it says what somebody is instead of how they are called.
    pub(crate) describes: bool,
    /// The words, by bit, that must begin with a capital.
    pub(crate) capitals: u16,
    /// Whether it is one word that is a word of the language, too.
    pub(crate) is_common_word: bool,
}

#[derive(Debug, Clone, Copy)]
struct Listed {
    entry: Entry,
    node: u32,
    before: u32,
    next: u32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    hash: u64,
    parent: u32,
    word: u32,
    n_children: u32,
    entries: u32,
    joint: Joint,
}

#[derive(Debug, Clone)]
struct Word {
    hash: u64,
    folded: Box<str>,
    n_nodes: u32,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    words: Slots<Word>,
    nodes: Slots<Node>,
    listed: Slots<Listed>,
    words_by_hash: HashTable<u32>,
    nodes_by_hash: HashTable<u32>,
    filter: Filter,
}

/// A place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(u32);

impl Place {
    pub(crate) const ROOT: Place = Place(NONE);
}

impl Tree {
    /// Adds a name; `None` where it has no word.
    pub(crate) fn insert<'a>(
        &mut self,
        path: impl Iterator<Item = (Joint, &'a str)>,
        entry: Entry,
    ) -> Option<u32> {
        let mut at = Place::ROOT;
        for (joint, folded) in path {
            at = self.step(at, joint, folded);
        }
        if at == Place::ROOT {
            return None;
        }
        let next = self.nodes.get(at.0).map_or(NONE, |node| node.entries);
        let listed = self.listed.add(Listed { entry, node: at.0, before: NONE, next });
        if let Some(next) = self.listed.get_mut(next) {
            next.before = listed;
        }
        if let Some(node) = self.nodes.get_mut(at.0) {
            node.entries = listed;
        }
        Some(listed)
    }

    /// Takes out what [`Tree::insert`] added, and what nothing else needs.
    pub(crate) fn remove(&mut self, listed: u32) {
        let Some(gone) = self.listed.take(listed) else { return };
        if let Some(next) = self.listed.get_mut(gone.next) {
            next.before = gone.before;
        }
        if let Some(before) = self.listed.get_mut(gone.before) {
            before.next = gone.next;
        } else if let Some(node) = self.nodes.get_mut(gone.node) {
            node.entries = gone.next;
        }
        self.prune(gone.node);
    }

    /// The place one word further, by its folded form.
    pub(crate) fn child(
        &self,
        at: Place,
        joint: Joint,
        hash: u64,
        is: impl Fn(&str) -> bool,
    ) -> Option<Place> {
        let joint = if at == Place::ROOT { Joint::Break } else { joint };
        let hash = edge(at, joint, hash);
        let fits = |id: &u32| {
            self.nodes.get(*id).is_some_and(|node| {
                node.hash == hash
                    && node.parent == at.0
                    && node.joint == joint
                    && self.words.get(node.word).is_some_and(|word| is(&word.folded))
            })
        };
        self.nodes_by_hash.find(hash, fits).map(|id| Place(*id))
    }

    /// Whether a word may be the first of a name; `false` is certain.
    #[inline]
    pub(crate) fn may_begin(&self, hash: u64) -> bool {
        self.filter.has(fold::spread(hash))
    }

    pub(crate) fn goes_on(&self, at: Place) -> bool {
        self.nodes.get(at.0).is_some_and(|node| node.n_children > 0)
    }

    /// The names that end here, the youngest first.
    pub(crate) fn entries(&self, at: Place) -> impl Iterator<Item = &Entry> {
        let mut next = self.nodes.get(at.0).map_or(NONE, |node| node.entries);
        std::iter::from_fn(move || {
            let listed = self.listed.get(next)?;
            next = listed.next;
            Some(&listed.entry)
        })
    }

    /// How many words, nodes and names it holds.
    #[cfg(test)]
    pub(crate) fn size(&self) -> (usize, usize, usize) {
        (self.words_by_hash.len(), self.nodes_by_hash.len(), self.listed.n_used())
    }

    fn step(&mut self, at: Place, joint: Joint, folded: &str) -> Place {
        let joint = if at == Place::ROOT { Joint::Break } else { joint };
        let hash = fold::hash(folded);
        if let Some(place) = self.child(at, joint, hash, |word| word == folded) {
            return place;
        }
        let word = self.word(hash, folded);
        if let Some(parent) = self.nodes.get_mut(at.0) {
            parent.n_children += 1;
        }
        let node =
            Node { hash: edge(at, joint, hash), parent: at.0, word, n_children: 0, entries: NONE, joint };
        let id = self.nodes.add(node);
        let nodes = &self.nodes;
        self.nodes_by_hash.insert_unique(node.hash, id, |id| nodes.get(*id).map_or(0, |node| node.hash));
        if at == Place::ROOT {
            self.remember(hash);
        }
        Place(id)
    }

    fn word(&mut self, hash: u64, folded: &str) -> u32 {
        let spread = fold::spread(hash);
        let words = &mut self.words;
        let found =
            self.words_by_hash.find(spread, |id| words.get(*id).is_some_and(|word| &*word.folded == folded));
        if let Some(id) = found.copied() {
            if let Some(word) = words.get_mut(id) {
                word.n_nodes += 1;
            }
            return id;
        }
        let id = words.add(Word { hash, folded: folded.into(), n_nodes: 1 });
        self.words_by_hash
            .insert_unique(spread, id, |id| words.get(*id).map_or(0, |word| fold::spread(word.hash)));
        id
    }

    fn prune(&mut self, from: u32) {
        let mut at = from;
        while let Some(node) = self.nodes.get(at).copied() {
            if node.n_children > 0 || node.entries != NONE {
                return;
            }
            self.nodes.take(at);
            if let Ok(found) = self.nodes_by_hash.find_entry(node.hash, |id| *id == at) {
                found.remove();
            }
            self.let_go(node.word);
            if let Some(parent) = self.nodes.get_mut(node.parent) {
                parent.n_children -= 1;
            }
            at = node.parent;
        }
    }

    fn let_go(&mut self, id: u32) {
        let Some(word) = self.words.get_mut(id) else { return };
        word.n_nodes -= 1;
        if word.n_nodes > 0 {
            return;
        }
        let spread = fold::spread(word.hash);
        if let Ok(found) = self.words_by_hash.find_entry(spread, |other| *other == id) {
            found.remove();
        }
        self.words.take(id);
    }

    /// A new first word. The filter is made anew when too many have come since.
    fn remember(&mut self, hash: u64) {
        if !self.filter.is_full() {
            self.filter.add(fold::spread(hash));
            return;
        }
        let firsts = self.nodes.iter().filter(|node| node.parent == NONE);
        let hashes: Vec<u64> =
            firsts.filter_map(|node| Some(fold::spread(self.words.get(node.word)?.hash))).collect();
        self.filter = Filter::of(&hashes);
    }
}

fn edge(at: Place, joint: Joint, word: u64) -> u64 {
    fold::spread(word ^ (u64::from(at.0).wrapping_mul(0xd6e8_feb8_6659_fd93)) ^ ((joint as u64) << 56))
}

/// One bit for each first word, in a table of at least [`BITS`] times as many.
#[derive(Debug, Clone, Default)]
struct Filter {
    bits: Vec<u64>,
    n: usize,
}

impl Filter {
    fn of(hashes: &[u64]) -> Self {
        let n_bits = (hashes.len().max(32) * 2 * BITS).next_power_of_two();
        let mut filter = Self { bits: vec![0; n_bits / 64], n: 0 };
        hashes.iter().for_each(|hash| filter.add(*hash));
        filter
    }

    fn is_full(&self) -> bool {
        self.n * BITS >= self.bits.len() * 64
    }

    fn add(&mut self, hash: u64) {
        let at = self.place(hash);
        if let Some(word) = self.bits.get_mut(at) {
            *word |= 1 << (hash & 63);
        }
        self.n += 1;
    }

    #[inline]
    fn has(&self, hash: u64) -> bool {
        self.bits.get(self.place(hash)).is_some_and(|word| word & (1 << (hash & 63)) != 0)
    }

    #[inline]
    fn place(&self, hash: u64) -> usize {
        (hash >> 6) as usize & self.bits.len().wrapping_sub(1)
    }
}

/// Things by number; numbers of things that are gone are used again.
#[derive(Debug, Clone)]
struct Slots<T> {
    all: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { all: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slots<T> {
    fn add(&mut self, thing: T) -> u32 {
        if let Some(id) = self.free.pop()
            && let Some(slot) = self.all.get_mut(id as usize)
        {
            *slot = Some(thing);
            return id;
        }
        self.all.push(Some(thing));
        (self.all.len() - 1) as u32
    }

    fn get(&self, id: u32) -> Option<&T> {
        self.all.get(id as usize)?.as_ref()
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        self.all.get_mut(id as usize)?.as_mut()
    }

    fn take(&mut self, id: u32) -> Option<T> {
        let taken = self.all.get_mut(id as usize)?.take();
        if taken.is_some() {
            self.free.push(id);
        }
        taken
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        self.all.iter().flatten()
    }

    #[cfg(test)]
    fn n_used(&self) -> usize {
        self.all.len() - self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u128) -> Entry {
        Entry { owner: Owner::Entity(EntityId(n)), describes: false, capitals: 0, is_common_word: false }
    }

    #[test]
    fn what_no_name_needs_any_more_is_gone() {
        let mut tree = Tree::default();
        let path = |text: &'static str| text.split(' ').map(|word| (Joint::Space, word));
        let long = tree.insert(path("mara quell of fen"), entry(1)).unwrap();
        let short = tree.insert(path("mara quell"), entry(2)).unwrap();
        let twice = tree.insert(path("mara quell"), entry(3)).unwrap();
        assert_eq!(tree.size(), (4, 4, 3));
        tree.remove(long);
        assert_eq!(tree.size(), (2, 2, 2));
        tree.remove(short);
        tree.remove(twice);
        assert_eq!(tree.size(), (0, 0, 0));
        tree.remove(twice);
    }

    #[test]
    fn the_filter_never_denies_a_first_word() {
        let mut tree = Tree::default();
        let words: Vec<String> = (0..5_000).map(|n| format!("w{n}")).collect();
        for word in &words {
            tree.insert([(Joint::Break, word.as_str())].into_iter(), entry(1)).unwrap();
        }
        assert!(words.iter().all(|word| tree.may_begin(fold::hash(word))));
        let strangers = (0..5_000).filter(|n| tree.may_begin(fold::hash(&format!("x{n}")))).count();
        assert!(strangers < 500, "{strangers}");
    }
}
