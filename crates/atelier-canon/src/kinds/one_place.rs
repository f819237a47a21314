//! one-place: nobody is in two places at the same time.

use std::collections::{BTreeMap, BTreeSet};

use atelier_domain::BucketId;

use crate::calendar::Date;
use crate::check::{Bytes, Ctx};
use crate::facts::Value;
use crate::position::Point;
use crate::world::Mode;

struct Stay {
    scene: BucketId,
    when: Date,
    location: BucketId,
}

pub(super) fn check(ctx: &Ctx<'_>) {
    let mut stays: BTreeMap<(BucketId, i64), Vec<Stay>> = BTreeMap::new();
    for (id, scene) in ctx.story() {
        let (Some(when), Some(location)) = (scene.when.filter(|when| when.day.is_some()), scene.location)
        else {
            continue;
        };
        if scene.mode != Mode::Now {
            continue;
        }
        for person in
            scene.people().into_iter().filter(|person| ctx.rule.bucket.is_none_or(|bucket| bucket == *person))
        {
            let day = ctx.calendar().day_number(when);
            stays.entry((person, day)).or_default().push(Stay { scene: id, when, location });
        }
    }
    for ((person, _), day) in &stays {
        for (at, later) in day.iter().enumerate() {
            for earlier in &day[..at] {
                pair(ctx, *person, earlier, later);
            }
        }
    }
}

fn pair(ctx: &Ctx<'_>, person: BucketId, earlier: &Stay, later: &Stay) {
    if lies_in(ctx, earlier.location, later.location) || lies_in(ctx, later.location, earlier.location) {
        return;
    }
    let spans = match (earlier.when.minute, later.when.minute) {
        (Some(a), Some(b)) if a == b => {
            Some((whole(ctx, earlier.scene, person), whole(ctx, later.scene, person)))
        }
        (Some(_), Some(_)) => None,
        _ => told_alike(ctx, earlier.scene, later.scene),
    };
    if let Some((first, second)) = spans {
        let (here, there) = (ctx.title(later.location), ctx.title(earlier.location));
        let message = format!("{} is in {here} and in {there} at the same time", ctx.title(person));
        let suggestion = "move one of the scenes in time, or take the person out of it".to_owned();
        ctx.between((later.scene, second), (earlier.scene, first), message, suggestion);
    }
}

/// Whether one location is a part of the other, or the same.
fn lies_in(ctx: &Ctx<'_>, inner: BucketId, outer: BucketId) -> bool {
    let mut seen = BTreeSet::new();
    let mut here = Some(inner);
    while let Some(place) = here.filter(|place| seen.insert(*place)) {
        if place == outer {
            return true;
        }
        here = ctx.value(place, "within", Point::BEGINNING).and_then(|(value, _)| match value {
            Value::To(bucket) => Some(bucket),
            Value::Text(title) => ctx.named(&title),
        });
    }
    false
}

/// The first sentence in which the person stands, or the first of all.
fn whole(ctx: &Ctx<'_>, scene: BucketId, person: BucketId) -> Bytes {
    let sentences = ctx.sentences_of(scene);
    let sentence =
        sentences.iter().find(|sentence| sentence.refs.contains(&Some(person))).or(sentences.first());
    sentence.map(|sentence| (sentence.start, sentence.end)).unwrap_or_default()
}

/// Where both texts tell the same time of day.
fn told_alike(ctx: &Ctx<'_>, first: BucketId, second: BucketId) -> Option<(Bytes, Bytes)> {
    let times = times(ctx, first);
    self::times(ctx, second).into_iter().find_map(|(time, at)| Some((*times.get(&time)?, at)))
}

fn times(ctx: &Ctx<'_>, scene: BucketId) -> BTreeMap<String, Bytes> {
    let mut found = BTreeMap::new();
    for sentence in ctx.sentences_of(scene).iter().filter(|sentence| sentence.is_plain()) {
        for (at, token) in sentence.tokens.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| sentence.tokens[at].lower.as_str()).unwrap_or_default();
            let after = sentence.tokens.get(at + 1).map(|token| token.lower.as_str()).unwrap_or_default();
            let time = match token.lower.as_str() {
                word @ ("noon" | "midday" | "midnight" | "dawn" | "sunrise" | "dusk" | "sunset")
                    if !matches!(before, "until" | "till" | "before" | "after" | "since") =>
                {
                    if word == "midday" { "noon".to_owned() } else { word.to_owned() }
                }
                word if after == "o'clock"
                    && !matches!(before, "until" | "till" | "before" | "after" | "since") =>
                {
                    crate::numbers::cardinal(&[word])
                        .map(|(hour, _)| format!("{hour}:00"))
                        .unwrap_or_default()
                }
                word if before == "at" && word.contains(':') => word.to_owned(),
                _ => continue,
            };
            found.entry(time).or_insert((sentence.start, sentence.end));
        }
    }
    found.remove("");
    found
}
