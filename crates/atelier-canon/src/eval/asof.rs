//! As of (branch, seq, position): random histories, and the answers of a replay that knows no index.

use std::collections::BTreeMap;

use atelier_domain::{BranchId, BucketId, FactId};
use uuid::Uuid;

use super::dice::Dice;
use super::figure::{Count, Figure};
use crate::facts::{Fact, Value};
use crate::history::{Change, History};
use crate::position::Node;

const FIELDS: [&str; 6] = ["status", "location", "holder", "eyes", "friend", "rank"];

/// How large a random history is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Events over all branches.
    pub events: usize,
    /// Entities that facts speak of.
    pub entities: usize,
    /// Branches, the first included.
    pub branches: usize,
    /// Scenes of the story.
    pub scenes: usize,
    /// Questions that are asked.
    pub questions: usize,
}

impl Size {
    /// The size the goal speaks of: 10⁵ events, 200 entities, 8 branches.
    pub const GOAL: Self = Self { events: 100_000, entities: 200, branches: 8, scenes: 120, questions: 400 };
}

struct Event {
    branch: usize,
    change: Change,
}

/// The log of all branches, as a replay sees it.
struct Log {
    events: Vec<Event>,
    /// Parent and the number of events at the fork.
    parents: Vec<Option<(usize, u64)>>,
}

/// Asks what held, and counts the answers that differ from the replay's.
pub fn asof(seed: u64, size: Size) -> Vec<Figure> {
    let mut dice = Dice::new(seed);
    let (log, history) = write(&mut dice, size);
    let mut count = Count::default();
    for _ in 0..size.questions {
        let branch = dice.below(log.parents.len());
        let seq = 1 + dice.below(log.events.len()) as u64;
        let (bucket, field, at) =
            (entity(dice.below(size.entities)), *dice.pick(&FIELDS), dice.below(size.scenes));
        let moment = history.at(branch_id(branch), seq);
        let order = moment.order();
        let mut indexed: Vec<FactId> = match order.end(scene(at)) {
            Some(end) => moment.facts.all(&order, bucket, field, end).iter().map(|fact| fact.id).collect(),
            None => Vec::new(),
        };
        let mut replayed = replay(&log, branch, seq, bucket, field, scene(at));
        indexed.sort_unstable();
        replayed.sort_unstable();
        count.n += 1;
        match (replayed.is_empty(), indexed == replayed) {
            (_, true) => count.hits += u64::from(!replayed.is_empty()),
            (true, false) => count.alarms += 1,
            (false, false) => count.misses += 1,
        }
    }
    vec![count.figure("as-of")]
}

/// Walks through the whole log, keeps plain lists, and compares everything with everything.
fn replay(log: &Log, branch: usize, seq: u64, bucket: BucketId, field: &str, at: BucketId) -> Vec<FactId> {
    let mut limits = BTreeMap::from([(branch, seq)]);
    let mut here = (branch, seq);
    while let Some((parent, forked)) = log.parents[here.0] {
        here = (parent, here.1.min(forked));
        limits.insert(here.0, here.1);
    }
    let mut facts: BTreeMap<FactId, (u64, &Fact)> = BTreeMap::new();
    let mut nodes: BTreeMap<BucketId, &Node> = BTreeMap::new();
    for (n, event) in log.events.iter().enumerate() {
        let seq = n as u64 + 1;
        if limits.get(&event.branch).is_none_or(|limit| seq > *limit) {
            continue;
        }
        match &event.change {
            Change::Assert(fact) => {
                facts.insert(fact.id, (seq, fact));
            }
            Change::Retire(id) => {
                facts.remove(id);
            }
            Change::Place(node) => {
                nodes.insert(node.id, node);
            }
            Change::Remove(id) => {
                nodes.remove(id);
            }
        }
    }
    let nodes: Vec<&Node> = nodes.into_values().collect();
    let mut reading = Vec::new();
    walk(&nodes, None, &mut reading);
    let place = |id: BucketId| reading.iter().position(|other| *other == id);
    let Some(here) = place(at) else { return Vec::new() };
    let begins = |fact: &Fact| {
        fact.from.map_or(Some((0, 0)), |from| place(from).map(|place| (place + 1, fact.offset)))
    };
    let held: Vec<(u64, &Fact)> = facts
        .into_values()
        .filter(|(_, fact)| fact.bucket == bucket && fact.field == field)
        .filter(|(_, fact)| begins(fact).is_some_and(|(place, _)| place <= here + 1))
        .filter(|(_, fact)| fact.until.and_then(place).is_none_or(|until| until > here))
        .collect();
    let many = |fact: &Fact| !matches!(field, "location" | "holder") && matches!(fact.value, Value::To(_));
    // One after another, the last to begin; it silences whatever competes with it.
    let mut rest = held;
    let mut speaking = Vec::new();
    while let Some((_, last)) = rest.iter().max_by_key(|(seq, fact)| (begins(fact), *seq)).copied() {
        speaking.push(last.id);
        rest.retain(|(_, fact)| many(last) && many(fact) && fact.value != last.value);
    }
    speaking
}

fn walk(nodes: &[&Node], parent: Option<BucketId>, reading: &mut Vec<BucketId>) {
    let mut children: Vec<&&Node> = nodes
        .iter()
        .filter(|node| match node.parent {
            Some(id) => parent == Some(id) || (parent.is_none() && !nodes.iter().any(|other| other.id == id)),
            None => parent.is_none(),
        })
        .collect();
    children.sort_by_key(|node| (node.order.clone(), node.id));
    for child in children {
        reading.push(child.id);
        walk(nodes, Some(child.id), reading);
    }
}

fn write(dice: &mut Dice, size: Size) -> (Log, History) {
    let mut log = Log { events: Vec::new(), parents: vec![None] };
    let mut history = History::default();
    history.fork(branch_id(0), None);
    let mut asserted: Vec<FactId> = Vec::new();
    for n in 0..size.events {
        let seq = n as u64 + 1;
        let due = log.parents.len() < size.branches && n > 0 && n % (size.events / size.branches).max(1) == 0;
        if due {
            let (parent, at) = (dice.below(log.parents.len()), 1 + dice.below(n) as u64);
            history.fork(branch_id(log.parents.len()), Some((branch_id(parent), at)));
            log.parents.push(Some((parent, at)));
        }
        let branch = dice.below(log.parents.len());
        let change = change(dice, size, seq, &mut asserted);
        history.push(branch_id(branch), seq, change.clone());
        log.events.push(Event { branch, change });
    }
    (log, history)
}

fn change(dice: &mut Dice, size: Size, seq: u64, asserted: &mut Vec<FactId>) -> Change {
    let fresh = usize::try_from(seq).unwrap_or(usize::MAX) <= size.scenes + 12;
    match dice.below(100) {
        _ if fresh => place(dice, size, usize::try_from(seq).unwrap_or(0) - 1),
        0..=1 => {
            let n = dice.below(size.scenes + 12);
            place(dice, size, n)
        }
        2 => Change::Remove(scene(dice.below(size.scenes))),
        3..=12 if !asserted.is_empty() => Change::Retire(*dice.pick(asserted)),
        _ => {
            let again = dice.chance(1, 20) && !asserted.is_empty();
            let id = if again {
                *dice.pick(asserted)
            } else {
                FactId::from_uuid(Uuid::from_u128(u128::from(seq)))
            };
            asserted.push(id);
            let value = if dice.chance(1, 2) {
                Value::To(entity(dice.below(5)))
            } else {
                Value::Text(format!("v{}", dice.below(9)))
            };
            let mut anchor = |of: usize| (!dice.chance(1, of)).then(|| scene(dice.below(size.scenes)));
            let (from, until) = (anchor(8), anchor(2));
            let fact = Fact {
                id,
                bucket: entity(dice.below(size.entities)),
                field: (*dice.pick(&FIELDS)).to_owned(),
                value,
                from,
                offset: if from.is_some() { dice.below(3) as u32 * 40 } else { 0 },
                until,
                evidence: None,
                secret_until: None,
                seq,
            };
            Change::Assert(fact)
        }
    }
}

/// Twelve chapters, then scenes in one of them; a chapter never moves into a scene.
fn place(dice: &mut Dice, size: Size, n: usize) -> Change {
    let chapter = |n: usize| BucketId::from_uuid(Uuid::from_u128(9_000 + n as u128));
    let (id, parent) = if n < 12 {
        (chapter(n), None)
    } else {
        (scene((n - 12) % size.scenes), Some(chapter(dice.below(12))))
    };
    let order = format!("{:03}", dice.below(500));
    Change::Place(Node { id, title: String::new(), parent, order, archived: dice.chance(1, 10) })
}

fn entity(n: usize) -> BucketId {
    BucketId::from_uuid(Uuid::from_u128(1_000 + n as u128))
}

fn scene(n: usize) -> BucketId {
    BucketId::from_uuid(Uuid::from_u128(5_000 + n as u128))
}

fn branch_id(n: usize) -> BranchId {
    BranchId::from_uuid(Uuid::from_u128(n as u128))
}
