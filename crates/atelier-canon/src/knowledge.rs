//! Knowledge: who may know a fact at a place of the story, and through what.
//!
//! Owns: the law of how something becomes known (happens, tells, reads, overhears, forgets). Does not own: whether a text
//! shows that somebody knows it (`kinds::knowledge`). Nothing here is typed in by hand; it follows from who was present.
//!
//! **Invariant**: every answer equals a simulation that goes through all scenes in order.

use std::collections::BTreeMap;

use atelier_domain::{BucketId, FactId};

use crate::position::{Order, Point};

/// How something becomes known, or is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// It happens, and those present see it.
    Happens,
    /// Somebody who knows it tells it.
    Tells,
    /// Somebody reads it.
    Reads,
    /// Somebody overhears it.
    Overhears,
    /// Somebody forgets it.
    Forgets,
}

impl Means {
    /// By the word of the field `kind`.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "happens" => Self::Happens,
            "tells" => Self::Tells,
            "reads" => Self::Reads,
            "overhears" => Self::Overhears,
            "forgets" => Self::Forgets,
            _ => return None,
        })
    }
}

/// A bucket of type `story-event`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryEvent {
    /// Its bucket.
    pub id: BucketId,
    /// How the fact becomes known.
    pub means: Means,
    /// Which fact.
    pub fact: FactId,
    /// In which scene.
    pub scene: BucketId,
    /// Who tells, reads, overhears or forgets.
    pub by: Vec<BucketId>,
    /// Who is told.
    pub to: Vec<BucketId>,
    /// The event that made the bucket: within a scene, story events apply in this order.
    pub seq: u64,
}

/// Whether somebody may know something, since when, and through which story events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// They may.
    pub may: bool,
    /// The scene in which they learned it.
    pub since: Option<BucketId>,
    /// From the first who saw it to the one who told them.
    pub path: Vec<BucketId>,
}

/// Who learns and forgets one fact, where; derived from the story events about it.
#[derive(Debug, Clone, Default)]
pub struct Spread {
    people: BTreeMap<BucketId, Vec<(Point, Option<Learned>)>>,
}

#[derive(Debug, Clone)]
struct Learned {
    since: BucketId,
    path: Vec<BucketId>,
}

impl Spread {
    /// Follows one fact through the story. `present` gives who is in a scene. Events outside the tree say nothing.
    pub fn of<'a>(
        events: impl IntoIterator<Item = &'a StoryEvent>,
        order: &Order,
        present: impl Fn(BucketId) -> Vec<BucketId>,
    ) -> Self {
        let placed = events.into_iter().filter_map(|event| Some((order.start(event.scene)?, event)));
        let mut placed: Vec<(Point, &StoryEvent)> = placed.collect();
        placed.sort_by_key(|(point, event)| (*point, event.seq, event.id));
        let mut spread = Self::default();
        for (point, event) in placed {
            spread.apply(point, event, &present);
        }
        spread
    }

    fn apply(&mut self, at: Point, event: &StoryEvent, present: &impl Fn(BucketId) -> Vec<BucketId>) {
        match event.means {
            Means::Happens => self.learn(&present(event.scene), at, event, Vec::new()),
            Means::Reads | Means::Overhears => self.learn(&event.by, at, event, Vec::new()),
            Means::Tells => {
                let teller = event.by.iter().find_map(|teller| self.now(*teller));
                if let Some(path) = teller.map(|learned| learned.path.clone()) {
                    self.learn(&event.to, at, event, path);
                }
            }
            Means::Forgets => {
                for person in
                    event.by.iter().filter(|person| self.now(**person).is_some()).copied().collect::<Vec<_>>()
                {
                    self.people.entry(person).or_default().push((at, None));
                }
            }
        }
    }

    /// Whoever knows it already learns nothing new.
    fn learn(&mut self, people: &[BucketId], at: Point, event: &StoryEvent, mut path: Vec<BucketId>) {
        path.push(event.id);
        for person in people {
            if self.now(*person).is_none() {
                let learned = Learned { since: event.scene, path: path.clone() };
                self.people.entry(*person).or_default().push((at, Some(learned)));
            }
        }
    }

    fn now(&self, person: BucketId) -> Option<&Learned> {
        self.people.get(&person)?.last()?.1.as_ref()
    }

    /// Whether the person may know it at this point.
    pub fn may(&self, person: BucketId, at: Point) -> Answer {
        let turns = self.people.get(&person).map(Vec::as_slice).unwrap_or_default();
        let last = turns.partition_point(|(point, _)| *point <= at).checked_sub(1);
        match last.and_then(|last| turns[last].1.as_ref()) {
            Some(learned) => Answer { may: true, since: Some(learned.since), path: learned.path.clone() },
            None => Answer::default(),
        }
    }
}
