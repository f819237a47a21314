//! Story positions: the tree of acts, chapters and scenes, and the one order in which it is read.
//!
//! Owns: where a node stands, what `2/1/3` means, whether something holds at a place. Does not own: what holds there.
//!
//! **Invariant**: an archived node keeps its rank, so nothing that was true before it or after it moves.

use std::collections::{BTreeMap, BTreeSet};

use atelier_domain::{BucketId, name};

/// A node of the story: a season, an arc, an act, a chapter or a scene.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its bucket.
    pub id: BucketId,
    /// Its title.
    pub title: String,
    /// The node it stands in.
    pub parent: Option<BucketId>,
    /// Its fractional place among its siblings; the id breaks ties.
    pub order: String,
    /// Out of use, and still where it was.
    pub archived: bool,
}

/// A place in the text of the story: a node, and how far into its text, in Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Point {
    rank: u32,
    offset: u32,
}

impl Point {
    /// Before the first word of the story.
    pub const BEGINNING: Self = Self { rank: 0, offset: 0 };

    /// The same node, `offset` scalar values into its text.
    pub fn at(self, offset: u32) -> Self {
        Self { offset, ..self }
    }
}

/// Why a text names no position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPosition {
    /// Nothing is called so.
    #[error("no scene, chapter or act is called `{0}`")]
    Unknown(String),
    /// More than one is.
    #[error("{count} places of the story are called `{name}`; use an id or a path such as 2/1/3")]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// How many answer to it.
        count: usize,
    },
    /// A path leads past the last child.
    #[error("`{path}` leads nowhere: there are {children} children at step {step}")]
    Beyond {
        /// What was asked for.
        path: String,
        /// Which step of it failed, from 1.
        step: usize,
        /// How many children there are.
        children: usize,
    },
}

/// The order of a story, derived from its nodes.
#[derive(Debug, Clone, Default)]
pub struct Order {
    places: BTreeMap<BucketId, Place>,
    children: BTreeMap<Option<BucketId>, Vec<BucketId>>,
    archived: BTreeSet<BucketId>,
    titles: BTreeMap<String, Vec<BucketId>>,
    reading: Vec<BucketId>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    first: u32,
    last: u32,
}

impl Order {
    /// Numbers the nodes in reading order. A parent that is not there, or that stands in a cycle, counts as the root.
    pub fn of(nodes: &[Node]) -> Self {
        let parents: BTreeMap<BucketId, Option<BucketId>> = nodes.iter().map(|n| (n.id, n.parent)).collect();
        let mut order = Self::default();
        let mut keyed: BTreeMap<Option<BucketId>, Vec<(&str, BucketId)>> = BTreeMap::new();
        for node in nodes {
            let parent = node.parent.filter(|parent| stands(&parents, node.id, *parent));
            keyed.entry(parent).or_default().push((&node.order, node.id));
            order.titles.entry(name::key(&node.title)).or_default().push(node.id);
            if node.archived {
                order.archived.insert(node.id);
            }
        }
        for (parent, mut siblings) in keyed {
            siblings.sort_unstable();
            order.children.insert(parent, siblings.into_iter().map(|(_, id)| id).collect());
        }
        order.number();
        order
    }

    /// Goes through the tree without recursion: its depth is the person's choice.
    fn number(&mut self) {
        let mut open: Vec<(Option<BucketId>, usize)> = vec![(None, 0)];
        let mut rank = 0;
        while let Some((parent, next)) = open.last_mut() {
            let parent = *parent;
            let child = self.children.get(&parent).and_then(|children| children.get(*next)).copied();
            *next += 1;
            if let Some(child) = child {
                rank += 1;
                self.places.insert(child, Place { first: rank, last: rank });
                self.reading.push(child);
                open.push((Some(child), 0));
            } else {
                open.pop();
                if let Some(place) = parent.and_then(|parent| self.places.get_mut(&parent)) {
                    place.last = rank;
                }
            }
        }
    }

    /// All nodes in reading order.
    pub fn reading(&self) -> &[BucketId] {
        &self.reading
    }

    /// Whether it is in the tree.
    pub fn contains(&self, node: BucketId) -> bool {
        self.places.contains_key(&node)
    }

    /// Where the node begins; nothing where it is not in the tree.
    pub fn start(&self, node: BucketId) -> Option<Point> {
        self.places.get(&node).map(|place| Point { rank: place.first, offset: 0 })
    }

    /// Where the node ends, with all that stands in it: what `--at` means.
    pub fn end(&self, node: BucketId) -> Option<Point> {
        self.places.get(&node).map(|place| Point { rank: place.last, offset: u32::MAX })
    }

    /// Whether `node` lies in the half-open stretch; an open end has no limit, an end that is gone neither.
    pub fn within(&self, node: BucketId, from: Option<BucketId>, until: Option<BucketId>) -> bool {
        let Some(here) = self.start(node) else { return false };
        let begun = from.and_then(|from| self.start(from)).is_none_or(|from| from <= here);
        begun && until.and_then(|until| self.start(until)).is_none_or(|until| here < until)
    }

    /// The node that a person means by an id, a title or a path such as `2/1/3`.
    pub fn find(&self, text: &str) -> Result<BucketId, NoPosition> {
        let text = text.trim();
        if let Some(id) = text.parse().ok().filter(|id| self.contains(*id)) {
            return Ok(id);
        }
        let named = self.titles.get(&name::key(text)).map(Vec::as_slice).unwrap_or_default();
        let live: Vec<BucketId> = named.iter().copied().filter(|id| !self.archived.contains(id)).collect();
        match (live.as_slice(), named) {
            ([one], _) | ([], [one]) => Ok(*one),
            ([], []) => self.walk(text),
            _ => Err(NoPosition::Ambiguous { name: text.to_owned(), count: named.len() }),
        }
    }

    fn walk(&self, path: &str) -> Result<BucketId, NoPosition> {
        let steps: Option<Vec<usize>> = path.split('/').map(|step| step.trim().parse().ok()).collect();
        let unknown = || NoPosition::Unknown(path.to_owned());
        let mut here = None;
        for (n, step) in steps.ok_or_else(unknown)?.into_iter().enumerate() {
            let children = self.children.get(&here).map(Vec::as_slice).unwrap_or_default();
            let live: Vec<BucketId> =
                children.iter().copied().filter(|id| !self.archived.contains(id)).collect();
            let beyond = || NoPosition::Beyond { path: path.to_owned(), step: n + 1, children: live.len() };
            here = Some(step.checked_sub(1).and_then(|at| live.get(at)).copied().ok_or_else(beyond)?);
        }
        here.ok_or_else(unknown)
    }
}

/// Whether the parent exists and is no descendant of its own child.
fn stands(parents: &BTreeMap<BucketId, Option<BucketId>>, node: BucketId, parent: BucketId) -> bool {
    let mut seen = BTreeSet::from([node]);
    let mut here = Some(parent);
    while let Some(id) = here {
        if !seen.insert(id) {
            return false;
        }
        let Some(next) = parents.get(&id) else { return id != parent };
        here = *next;
    }
    true
}

#[cfg(test)]
mod tests {
    use atelier_domain::BucketId;
    use uuid::Uuid;

    use super::{NoPosition, Node, Order};

    fn id(n: u128) -> BucketId {
        BucketId::from_uuid(Uuid::from_u128(n))
    }

    fn node(n: u128, parent: Option<u128>, order: &str) -> Node {
        Node {
            id: id(n),
            title: format!("n{n}"),
            parent: parent.map(id),
            order: order.into(),
            archived: false,
        }
    }

    /// Two chapters of two scenes each: 1 (11, 12), 2 (21, 22).
    fn nodes() -> Vec<Node> {
        let scene = |n| node(n, Some(n / 10), &format!("a{n}"));
        vec![node(2, None, "b"), node(1, None, "a"), scene(21), scene(12), scene(11), scene(22)]
    }

    #[test]
    fn a_path_counts_the_children_in_use_from_one() {
        let mut nodes = nodes();
        assert_eq!(Order::of(&nodes).find("1/2"), Ok(id(12)));
        nodes.iter_mut().filter(|n| n.id == id(11)).for_each(|n| n.archived = true);
        let order = Order::of(&nodes);
        assert_eq!(order.find("1/1"), Ok(id(12)));
        assert!(order.start(id(11)) < order.start(id(12)), "an archived scene keeps its place");
        assert_eq!(order.find("1/2"), Err(NoPosition::Beyond { path: "1/2".into(), step: 2, children: 1 }));
        assert_eq!(order.find("N22"), Ok(id(22)));
        assert_eq!(order.find("nowhere"), Err(NoPosition::Unknown("nowhere".into())));
        assert_eq!(order.find("1/0").is_err(), order.find("").is_err());
    }

    #[test]
    fn a_node_ends_after_all_that_stands_in_it() {
        let order = Order::of(&nodes());
        assert!(order.end(id(1)) > order.start(id(12)) && order.end(id(1)) < order.start(id(2)));
        assert!(order.within(id(12), Some(id(1)), Some(id(2))));
        assert!(!order.within(id(21), Some(id(1)), Some(id(2))), "until is exclusive");
        assert!(order.within(id(21), Some(id(2)), None), "from is inclusive");
    }

    #[test]
    fn a_cycle_of_parents_loses_no_scene() {
        let nodes =
            vec![node(1, Some(2), "a"), node(2, Some(1), "b"), node(3, Some(2), "c"), node(4, Some(9), "d")];
        assert_eq!(Order::of(&nodes).reading().len(), 4);
    }
}
