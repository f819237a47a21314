//! age: what the text says somebody is, against birth and the scene's date.

use atelier_domain::BucketId;

use crate::check::{Bytes, Ctx};
use crate::numbers::{cardinal, ordinal};
use crate::reading::{Mood, Sentence, is_adverb};
use crate::world::Mode;

const HEDGES: [&str; 14] = [
    "almost", "nearly", "about", "around", "barely", "over", "under", "roughly", "hardly", "maybe", "not",
    "past", "quite", "perhaps",
];

pub(super) fn check(ctx: &Ctx<'_>) {
    let (Some(bucket), Some((_, scene))) = (ctx.rule.bucket, ctx.scene()) else { return };
    let Some(when) = scene.when.filter(|_| scene.mode == Mode::Now) else { return };
    for sentence in ctx.sentences().iter().filter(|sentence| sentence.is_plain()) {
        let Some((born, fact)) = ctx.text(bucket, "born", ctx.point(sentence.start)) else { continue };
        let Ok(born) = ctx.calendar().parse(&born) else { continue };
        let (least, most) = ctx.calendar().age(born, when);
        for (age, slack, at) in ages(sentence, bucket) {
            if age < least - slack || age > most {
                let name = ctx.title(bucket);
                let real = if least == most { format!("{least}") } else { format!("{least} or {most}") };
                let message = format!("{name} is {real} here, the text says {age}");
                ctx.found(
                    at,
                    fact.as_deref(),
                    message,
                    format!("write {real}, or mend the date of birth or of the scene"),
                );
            }
        }
    }
}

/// Ages said of somebody: the number, how many years less it may be, and where.
fn ages(sentence: &Sentence, who: BucketId) -> Vec<(i64, i64, Bytes)> {
    let words = sentence.words(0);
    let mut found = Vec::new();
    let is = |at: Option<usize>| {
        at.is_some_and(|at| {
            sentence.refs.get(at).copied().flatten() == Some(who) && !sentence.tokens[at].possessive
        })
    };
    let bytes = |from: usize, to: usize| {
        (sentence.tokens[from].start, sentence.tokens[to.min(sentence.tokens.len() - 1)].end)
    };
    for at in 0..words.len() {
        let before = at.checked_sub(1).map_or("", |at| words[at]);
        let hedged = (at.saturating_sub(2)..at).any(|at| HEDGES.contains(&words[at]));
        if hedged || !sentence.tokens[at].is_word() {
            continue;
        }
        // `the thirty-six-year-old Mara`
        if let Some(count) = words[at].strip_suffix("-year-old") {
            let near =
                is(Some(at + 1)) || is(at.checked_sub(3)).then_some(()).is_some() || is(at.checked_sub(2));
            if let Some((age, _)) = cardinal(&[count]).filter(|_| near) {
                found.push((age, 0, bytes(at, at)));
            }
            continue;
        }
        // `her thirtieth birthday`
        if words.get(at + 1) == Some(&"birthday") {
            let hers = at.checked_sub(1).is_some_and(|at| super::phrase::possesses(sentence, at, who));
            if let Some(age) = ordinal(words[at]).filter(|_| hers) {
                found.push((age, 1, bytes(at, at + 1)));
            }
            continue;
        }
        let Some((age, taken)) = cardinal(&words[at..]).filter(|(age, _)| (2..200).contains(age)) else {
            continue;
        };
        if at > 0 && cardinal(&words[at - 1..at]).is_some() {
            continue;
        }
        let after = words.get(at + taken).copied().unwrap_or_default();
        let last = at + taken - 1;
        let years = matches!(after, "years" | "year" | "winters" | "summers")
            && words.get(at + taken + 1).is_none_or(|next| matches!(*next, "old" | "of" | "" | "and"));
        let closed = after.is_empty()
            || matches!(
                after,
                "and" | "but" | "that" | "this" | "now" | "last" | "in" | "then" | "already" | "or"
            );
        let predicate = sentence.clauses.iter().any(|clause| {
            let direct = at > clause.verb.1
                && sentence.tokens[clause.verb.1 + 1..at].iter().all(|token| is_adverb(&token.lower));
            let told = matches!(clause.lemma.as_str(), "be") && !clause.past_perfect
                || matches!(clause.lemma.as_str(), "turn" | "become");
            clause.who == Some(who)
                && direct
                && told
                && clause.mood == Mood::Fact
                && !clause.negated
                && clause.modal.is_none()
        });
        let apposed = before.is_empty() && is(at.checked_sub(2)) && (after.is_empty() || years);
        let front = before == "at"
            && at == 1
            && after.is_empty()
            && sentence.clauses.iter().any(|clause| {
                clause.who == Some(who)
                    && !clause.past_perfect
                    && clause.subject.is_some_and(|subject| subject <= at + taken + 1)
            });
        let of_age = at == 4 && words[..4] == ["at", "the", "age", "of"] && after.is_empty();
        let front = front
            || of_age
                && sentence.clauses.iter().any(|clause| clause.who == Some(who) && !clause.past_perfect);
        let aged = before == "aged" && (is(at.checked_sub(2)) || is(at.checked_sub(3)));
        if predicate && (closed || years) || apposed || front || aged {
            found.push((age, 0, bytes(at, last)));
        }
    }
    found
}
