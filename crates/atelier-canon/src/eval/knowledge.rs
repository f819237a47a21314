//! Who knows what: generated scenes, and the answers of a simulation that goes through every one of them.

use std::collections::{BTreeMap, BTreeSet};

use atelier_domain::{BucketId, FactId};
use uuid::Uuid;

use super::dice::Dice;
use super::figure::{Count, Figure};
use crate::knowledge::{Answer, Means, Spread, StoryEvent};
use crate::position::{Node, Order};

const SCENES: usize = 500;
const PEOPLE: usize = 24;
const FACTS: usize = 40;

struct Town {
    scenes: Vec<BucketId>,
    order: Order,
    present: BTreeMap<BucketId, Vec<BucketId>>,
    events: Vec<StoryEvent>,
}

/// Asks who may know what at the end of one of 500 scenes, and counts the answers that differ from the simulation's.
pub fn knowledge(seed: u64, n_questions: usize) -> Vec<Figure> {
    let mut dice = Dice::new(seed);
    let town = town(&mut dice);
    let spreads: Vec<Spread> = (0..FACTS)
        .map(|fact| {
            let about = town.events.iter().filter(|event| event.fact == fact_id(fact));
            Spread::of(about, &town.order, |scene| town.present[&scene].clone())
        })
        .collect();
    let (mut may, mut path) = (Count::default(), Count::default());
    for _ in 0..n_questions {
        let (person, fact, at) = (person_id(dice.below(PEOPLE)), dice.below(FACTS), dice.below(SCENES));
        let point = town.order.end(town.scenes[at]).unwrap_or_default();
        let answer = spreads[fact].may(person, point);
        let truth = simulate(&town, fact_id(fact), at).get(&person).copied();
        count(&mut may, truth.is_some(), answer.may && answer.since == truth);
        if answer.may {
            count(&mut path, true, leads(&town, &answer, person));
        }
    }
    vec![may.figure("knowledge"), path.figure("knowledge-path")]
}

fn count(count: &mut Count, truth: bool, answer: bool) {
    count.n += 1;
    match (truth, answer) {
        (true, true) => count.hits += 1,
        (true, false) => count.misses += 1,
        (false, true) => count.alarms += 1,
        (false, false) => {}
    }
}

/// Everyone who knows the fact after the scene at index `until`, and since when: scene by scene, event by event.
fn simulate(town: &Town, fact: FactId, until: usize) -> BTreeMap<BucketId, BucketId> {
    let mut knows: BTreeMap<BucketId, BucketId> = BTreeMap::new();
    let about: Vec<&StoryEvent> = town.events.iter().filter(|event| event.fact == fact).collect();
    for scene in &town.scenes[..=until] {
        let mut here: Vec<&StoryEvent> =
            about.iter().copied().filter(|event| event.scene == *scene).collect();
        here.sort_by_key(|event| event.seq);
        for event in here {
            let learners: &[BucketId] = match event.means {
                Means::Happens => &town.present[scene],
                Means::Reads | Means::Overhears => &event.by,
                Means::Tells if event.by.iter().any(|teller| knows.contains_key(teller)) => &event.to,
                Means::Tells => &[],
                Means::Forgets => {
                    knows.retain(|person, _| !event.by.contains(person));
                    &[]
                }
            };
            for person in learners {
                knows.entry(*person).or_insert(*scene);
            }
        }
    }
    knows
}

/// Whether each event of the path could teach the next one's teller, and the last one the person.
fn leads(town: &Town, answer: &Answer, person: BucketId) -> bool {
    let events: Vec<&StoryEvent> =
        answer.path.iter().filter_map(|id| town.events.iter().find(|event| event.id == *id)).collect();
    let teaches = |event: &StoryEvent, person: &BucketId| match event.means {
        Means::Happens => town.present[&event.scene].contains(person),
        Means::Reads | Means::Overhears => event.by.contains(person),
        Means::Tells => event.to.contains(person),
        Means::Forgets => false,
    };
    let chained = events.windows(2).all(|pair| {
        pair[1].means == Means::Tells && pair[1].by.iter().any(|teller| teaches(pair[0], teller))
    });
    let begins = events.first().is_some_and(|event| event.means != Means::Tells);
    begins && chained && events.last().is_some_and(|event| teaches(event, &person))
}

fn town(dice: &mut Dice) -> Town {
    let chapters: Vec<BucketId> = (0..25).map(|n| id(1_000_000 + n)).collect();
    let scenes: Vec<BucketId> = (0..SCENES).map(|n| id(2_000_000 + n)).collect();
    let node = |id, parent, n: usize| Node {
        id,
        title: format!("{n}"),
        parent,
        order: format!("{n:05}"),
        archived: false,
    };
    let mut nodes: Vec<Node> = chapters.iter().enumerate().map(|(n, id)| node(*id, None, n)).collect();
    nodes.extend(scenes.iter().enumerate().map(|(n, id)| node(*id, Some(chapters[n * 25 / SCENES]), n)));
    dice.shuffle(&mut nodes);
    let people = |dice: &mut Dice, most: usize| -> Vec<BucketId> {
        let chosen: BTreeSet<usize> = (0..1 + dice.below(most)).map(|_| dice.below(PEOPLE)).collect();
        chosen.into_iter().map(person_id).collect()
    };
    let present = scenes.iter().map(|scene| (*scene, people(dice, 6))).collect();
    let mut events = Vec::new();
    for n in 0..SCENES * 6 {
        let means = match dice.below(20) {
            0..=1 => Means::Happens,
            2..=12 => Means::Tells,
            13..=14 => Means::Reads,
            15..=16 => Means::Overhears,
            _ => Means::Forgets,
        };
        let event = StoryEvent {
            id: id(3_000_000 + n),
            means,
            fact: fact_id(dice.below(FACTS)),
            scene: *dice.pick(&scenes),
            by: people(dice, 3),
            to: people(dice, 3),
            seq: n as u64,
        };
        events.push(event);
    }
    dice.shuffle(&mut events);
    Town { scenes, order: Order::of(&nodes), present, events }
}

fn id(n: usize) -> BucketId {
    BucketId::from_uuid(Uuid::from_u128(n as u128))
}

fn person_id(n: usize) -> BucketId {
    id(100 + n)
}

fn fact_id(n: usize) -> FactId {
    FactId::from_uuid(Uuid::from_u128(n as u128))
}
