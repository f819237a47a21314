//! travel-time: nobody is faster than the road.

use std::collections::BTreeMap;

use atelier_domain::BucketId;

use crate::calendar::Date;
use crate::check::Ctx;
use crate::numbers::stretch;
use crate::reading::{Mood, is_subject_pronoun};
use crate::world::Mode;

/// `0.5`, `3`: days in thousandths.
pub(super) fn milli_days(text: &str) -> Option<i64> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    let fits = whole.len() < 10 && part.bytes().all(|b| b.is_ascii_digit());
    fits.then_some(())?;
    Some(whole.parse::<i64>().ok().filter(|whole| *whole >= 0)? * 1000 + digits.parse::<i64>().ok()?)
}

pub(super) fn check(ctx: &Ctx<'_>) {
    let end = |name: &str| ctx.rule.args.get(name).and_then(|text| ctx.named(text));
    let days = ctx.rule.args.get("days").and_then(|days| milli_days(days));
    let (Some(from), Some(to), Some(days)) = (end("from"), end("to"), days) else { return };
    if ctx.is_story() { scenes(ctx, from, to, days) } else { text(ctx, from, to, days) }
}

/// Two scenes in a row of one person, at the two ends of the road.
fn scenes(ctx: &Ctx<'_>, from: BucketId, to: BucketId, days: i64) {
    let mut last: BTreeMap<BucketId, Vec<(Date, BucketId, BucketId)>> = BTreeMap::new();
    for (id, scene) in ctx.story() {
        let (Some(when), Some(location)) = (scene.when.filter(|when| when.day.is_some()), scene.location)
        else {
            continue;
        };
        if scene.mode != Mode::Now {
            continue;
        }
        for person in scene.people() {
            last.entry(person).or_default().push((when, location, id));
        }
    }
    for (person, stays) in &mut last {
        // In the order of their days: a book may be told out of order.
        stays.sort_by_key(|(when, ..)| (ctx.calendar().day_number(*when), when.minute));
        for pair in stays.windows(2) {
            let ((left, here, first), (arrived, there, second)) = (pair[0], pair[1]);
            let road = (here == from && there == to) || (here == to && there == from);
            if !road {
                continue;
            }
            let (_, most) = ctx.calendar().between(left, arrived);
            if most < days && !(most < 1000 && days < 1000 && left.minute.is_none()) {
                let message = format!(
                    "{} comes from {} to {} in less than {}",
                    ctx.title(*person),
                    ctx.title(here),
                    ctx.title(there),
                    shown(days)
                );
                let suggestion = "move the later scene, or take the person out of it".to_owned();
                ctx.between(
                    (second, ctx.first_words(second)),
                    (first, ctx.first_words(first)),
                    message,
                    suggestion,
                );
            }
        }
    }
}

/// `It was half a day's ride from Harrow to Kestrel Bay`
fn text(ctx: &Ctx<'_>, from: BucketId, to: BucketId, days: i64) {
    if ctx.scene().is_none_or(|(_, scene)| scene.mode != Mode::Now) {
        return;
    }
    for sentence in ctx.sentences().iter().filter(|sentence| sentence.is_plain()) {
        let words = sentence.words(0);
        let place = |which: BucketId| sentence.refs.iter().position(|who| *who == Some(which));
        let (Some(a), Some(b)) = (place(from), place(to)) else { continue };
        let (start, arrive) = (a.min(b), a.max(b));
        let road = start > 0 && matches!(words[start - 1], "from" | "between" | "left" | "leaving")
            || (start..arrive)
                .any(|at| matches!(words[at], "to" | "from" | "and") && arrive - at <= 2 && start > 0);
        let Some(clause) =
            sentence.clauses.first().filter(|clause| road && clause.mood == Mood::Fact && !clause.negated)
        else {
            continue;
        };
        let Some((at, said)) = (0..words.len()).find_map(|at| stretch(&words[at..]).map(|said| (at, said)))
        else {
            continue;
        };
        let after = words.get(at + said.taken).copied().unwrap_or_default();
        if matches!(after, "later" | "ago" | "before")
            || at > 0 && matches!(words[at - 1], "almost" | "about" | "nearly" | "than" | "over")
        {
            continue;
        }
        let distance = matches!(clause.lemma.as_str(), "be" | "take" | "lie")
            && clause.subject.is_none_or(|subject| {
                !is_subject_pronoun(&words_at(&words, subject)) || words[subject] == "it"
            });
        let faster = said.milli_days + said.tolerance < days;
        let slower = distance && said.milli_days - said.tolerance > days;
        if faster || slower {
            let last = (at + said.taken - 1).min(words.len() - 1);
            let bytes = (sentence.tokens[at].start, sentence.tokens[last].end);
            let message = format!("from {} to {} it is {}", ctx.title(from), ctx.title(to), shown(days));
            ctx.found(bytes, None, message, format!("write {}, or mend the rule", shown(days)));
        }
    }
}

fn words_at(words: &[&str], at: usize) -> String {
    words.get(at).copied().unwrap_or_default().to_owned()
}

fn shown(milli: i64) -> String {
    match (milli / 1000, milli % 1000) {
        (1, 0) => "one day".to_owned(),
        (days, 0) => format!("{days} days"),
        (days, rest) => format!("{days}.{} days", format!("{rest:03}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use super::{milli_days, shown};

    #[test]
    fn days_may_be_decimal() {
        assert_eq!(milli_days("0.5").map(shown).as_deref(), Some("0.5 days"));
        assert_eq!(milli_days("3"), Some(3000));
        for bad in ["", "x", "-1", "1.x", "99999999999999999999"] {
            assert_eq!(milli_days(bad), None, "{bad}");
        }
    }
}
