//! duration: how long a thing lasted.

use crate::check::{Bytes, Ctx};
use crate::numbers::{Stretch, stretch};
use crate::reading::lexicon::singular;
use crate::reading::{Mood, Sentence, is_adverb};
use crate::world::Mode;

pub(super) fn check(ctx: &Ctx<'_>) {
    let Some(bucket) =
        ctx.rule.bucket.filter(|_| ctx.scene().is_some_and(|(_, scene)| scene.mode == Mode::Now))
    else {
        return;
    };
    let Some((least, most)) = lasts(ctx) else { return };
    let title = ctx.title(bucket).to_lowercase();
    let noun = title
        .split(" of ")
        .next()
        .and_then(|head| head.split_whitespace().last())
        .unwrap_or_default()
        .to_owned();
    for sentence in ctx.sentences().iter().filter(|sentence| sentence.is_plain()) {
        for (said, at) in told(sentence, bucket, &noun) {
            if said.milli_days + said.tolerance < least || said.milli_days - said.tolerance > most {
                let days = least / 1000;
                let message = format!("{} lasts {days} days, the text says otherwise", ctx.title(bucket));
                ctx.found(at, None, message, format!("write {days} days, or mend the rule"));
            }
        }
    }
}

/// How long it lasts, in thousandths of a day: the least and the most.
fn lasts(ctx: &Ctx<'_>) -> Option<(i64, i64)> {
    if let Some(days) = ctx.rule.args.get("days") {
        let milli = super::travel::milli_days(days)?;
        return Some((milli, milli));
    }
    let end = |name: &str| {
        let text = ctx.rule.args.get(name)?;
        ctx.calendar().parse(text).ok().or_else(|| ctx.when(ctx.order().find(text).ok()?))
    };
    let (from, to) = (end("from")?, end("to")?);
    let days = (ctx.calendar().day_number(to) - ctx.calendar().day_number(from)) * 1000;
    Some((days, days))
}

fn told(sentence: &Sentence, who: atelier_domain::BucketId, noun: &str) -> Vec<(Stretch, Bytes)> {
    let words = sentence.words(0);
    let mut found = Vec::new();
    for at in 0..words.len() {
        let before = at.checked_sub(1).map_or("", |at| words[at]);
        if matches!(
            before,
            "about"
                | "almost"
                | "nearly"
                | "over"
                | "than"
                | "some"
                | "around"
                | "another"
                | "least"
                | "most"
        ) {
            continue;
        }
        let Some(said) = stretch(&words[at..]).filter(|_| sentence.tokens[at].is_word()) else { continue };
        let last = (at + said.taken - 1).min(words.len() - 1);
        let after = words.get(at + said.taken).copied().unwrap_or_default();
        let bytes = (sentence.tokens[at].start, sentence.tokens[last].end);
        let about = |at: usize| {
            sentence.refs.get(at).copied().flatten() == Some(who)
                || words.get(at).is_some_and(|word| !noun.is_empty() && singular(word) == *noun)
        };
        // `the five-week siege`, `three weeks of siege`
        let real = sentence.clauses.iter().all(|clause| clause.mood == Mood::Fact);
        let adjective = words[at].contains('-') && said.taken == 1 && about(at + 1);
        let of = after == "of" && about(at + said.taken + 1);
        let lasted = sentence.clauses.iter().any(|clause| {
            let subject = clause.who == Some(who) || clause.subject.is_some_and(about);
            let verb = matches!(
                clause.lemma.as_str(),
                "last" | "go" | "take" | "continue" | "endure" | "drag" | "rage" | "be" | "run"
            );
            let between = sentence.tokens.get(clause.verb.1 + 1..at);
            let direct = between.is_some_and(|between| {
                between
                    .iter()
                    .all(|t| matches!(t.lower.as_str(), "on" | "for" | "a" | "out") || is_adverb(&t.lower))
            });
            let ended = matches!(clause.lemma.as_str(), "end" | "break" | "lift" | "finish" | "stop")
                && before == "after"
                && at <= 2;
            let length =
                verb && direct && !matches!(after, "ago" | "later" | "before" | "old" | "after" | "away")
                    || ended && !matches!(after, "later");
            subject && clause.mood == Mood::Fact && !clause.negated && length
        });
        if (adjective || of) && real && after != "later" || lasted {
            found.push((said, bytes));
        }
    }
    found
}
