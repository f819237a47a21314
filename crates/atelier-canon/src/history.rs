//! Facts through time: which facts a branch had after any event, without walking through all of them.
//!
//! Owns: forks and the way back to an earlier `seq`. Every so many events of a branch its facts are kept (a clone of
//! persistent maps costs nothing); an earlier state is the nearest one that was kept and a short replay. The runtime's
//! actors do the same with whole states; this is the law of it, in a form that can be tested against a naive replay.

use std::collections::BTreeMap;

use atelier_domain::{BranchId, BucketId, FactId};

use crate::facts::{Fact, Facts};
use crate::position::{Node, Order};

/// How many events lie between two states that are kept.
const STRIDE: usize = 128;

/// What can happen to facts and to the tree they anchor to.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A fact was asserted.
    Assert(Fact),
    /// A fact was retired.
    Retire(FactId),
    /// A node of the story was made, moved, archived or brought back.
    Place(Node),
    /// A node left the tree.
    Remove(BucketId),
}

/// Facts and the tree at one moment of a branch.
#[derive(Debug, Clone, Default)]
pub struct Moment {
    /// What is asserted.
    pub facts: Facts,
    nodes: imbl::OrdMap<BucketId, Node>,
}

impl Moment {
    /// The order of the story at this moment.
    pub fn order(&self) -> Order {
        Order::of(&self.nodes.values().cloned().collect::<Vec<_>>())
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::Assert(fact) => self.facts.assert(fact.clone()),
            Change::Retire(fact) => drop(self.facts.retire(*fact)),
            Change::Place(node) => drop(self.nodes.insert(node.id, node.clone())),
            Change::Remove(node) => drop(self.nodes.remove(node)),
        }
    }
}

#[derive(Debug, Default)]
struct Line {
    /// The moment it was forked from.
    base: Moment,
    changes: Vec<(u64, Change)>,
    /// The state before the change at this index.
    kept: Vec<(usize, Moment)>,
    head: Moment,
    parent: Option<(BranchId, u64)>,
}

/// The changes of all branches of a project.
#[derive(Debug, Default)]
pub struct History {
    lines: BTreeMap<BranchId, Line>,
}

impl History {
    /// A branch begins: with nothing, or with what its parent had after `seq`.
    pub fn fork(&mut self, branch: BranchId, from: Option<(BranchId, u64)>) {
        let base = from.map(|(parent, seq)| self.at(parent, seq)).unwrap_or_default();
        self.lines.insert(branch, Line { head: base.clone(), base, parent: from, ..Line::default() });
    }

    /// Something happened on a branch; `seq` rises over all branches. An unknown branch begins with it.
    pub fn push(&mut self, branch: BranchId, seq: u64, change: Change) {
        let line = self.lines.entry(branch).or_default();
        if line.changes.len().is_multiple_of(STRIDE) {
            line.kept.push((line.changes.len(), line.head.clone()));
        }
        line.head.apply(&change);
        line.changes.push((seq, change));
    }

    /// What holds on the branch now.
    pub fn head(&self, branch: BranchId) -> Option<&Moment> {
        self.lines.get(&branch).map(|line| &line.head)
    }

    /// What held on the branch after `seq`, its parent's past included.
    pub fn at(&self, branch: BranchId, seq: u64) -> Moment {
        let Some(line) = self.lines.get(&branch) else { return Moment::default() };
        if let Some((parent, forked)) = line.parent.filter(|(_, forked)| seq < *forked) {
            return self.at(parent, seq.min(forked));
        }
        let until = line.changes.partition_point(|(at, _)| *at <= seq);
        let kept =
            line.kept.partition_point(|(index, _)| *index <= until).checked_sub(1).map(|at| &line.kept[at]);
        let (from, mut moment) =
            kept.map_or((0, line.base.clone()), |(index, moment)| (*index, moment.clone()));
        for (_, change) in &line.changes[from..until] {
            moment.apply(change);
        }
        moment
    }
}
