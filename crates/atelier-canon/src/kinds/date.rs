//! date: what day it is, how long after the last scene, and when something was.

use crate::calendar::Date;
use crate::check::Ctx;
use crate::numbers::stretch;
use crate::reading::{Mood, Sentence, Voice};
use crate::world::Mode;

pub(super) fn check(ctx: &Ctx<'_>) {
    let Some((_, scene)) = ctx.scene().filter(|(_, scene)| scene.mode == Mode::Now) else { return };
    if ctx.rule.bucket.is_some() {
        return event(ctx);
    }
    let Some(when) = scene.when else { return };
    let mut first = true;
    for sentence in ctx.sentences().iter().filter(|sentence| sentence.voice == Voice::Narrator) {
        if sentence.is_plain() {
            today(ctx, sentence, when);
            if first {
                later(ctx, sentence, when);
            }
        }
        first = false;
    }
}

/// `It was the ninth of May`, `It was a Sunday`, `On the ninth of May Mara left`
fn today(ctx: &Ctx<'_>, sentence: &Sentence, when: Date) {
    let words = sentence.words(0);
    let real = sentence.clauses.first().is_none_or(|clause| {
        clause.mood == Mood::Fact && !clause.negated && clause.modal.is_none() && !clause.past_perfect
    });
    let from = match words.as_slice() {
        ["it", "was" | "is", ..] => 2,
        ["on", ..] => 1,
        ["that", ..] => 1,
        _ => return,
    };
    if !real {
        return;
    }
    let said =
        (from..words.len().min(from + 6)).find_map(|at| Some((at, ctx.calendar().said(&words[at..])?)));
    if let Some((at, said)) = said.filter(|(at, _)| *at <= from + 1)
        && said.contradicts(when)
        && (said.day.is_some() || words[0] == "it")
    {
        let last = (at + said.taken).min(sentence.tokens.len()) - 1;
        let bytes = (sentence.tokens[at].start, sentence.tokens[last].end);
        ctx.found(
            bytes,
            None,
            format!("the scene is on {}", shown(ctx, when)),
            "mend the text, or the scene's date".into(),
        );
        return;
    }
    let Some(weekday) = ctx.calendar().weekday(when) else { return };
    for (at, word) in words.iter().enumerate().take(from + 4).skip(from) {
        let other = ctx.calendar().week.iter().find(|day| day.to_lowercase() == *word);
        if let Some(other) = other.filter(|other| other.as_str() != weekday) {
            let bytes = (sentence.tokens[at].start, sentence.tokens[at].end);
            let message = format!("{} is a {weekday}, the text says {other}", shown(ctx, when));
            ctx.found(bytes, None, message, format!("write {weekday}, or mend the scene's date"));
            return;
        }
    }
}

/// `Three weeks later`, `The next day`: against the scene before.
fn later(ctx: &Ctx<'_>, sentence: &Sentence, when: Date) {
    let words = sentence.words(0);
    let next = matches!(
        words.as_slice(),
        ["the", "next" | "following", "day" | "morning" | "evening" | "night" | "afternoon", ..]
    );
    let (milli, tolerance, taken) = if next {
        (1000, 0, 3)
    } else {
        let Some(found) = stretch(&words).filter(|found| words.get(found.taken) == Some(&"later")) else {
            return;
        };
        (found.milli_days, found.tolerance, found.taken + 1)
    };
    let Some((before, then)) = ctx.before() else { return };
    let days = ctx.calendar().day_number(when) - ctx.calendar().day_number(then);
    if when.day.is_none() || then.day.is_none() || milli < 1000 || (days * 1000 - milli).abs() <= tolerance {
        return;
    }
    let bytes = (sentence.tokens[0].start, sentence.tokens[taken - 1].end);
    let message = format!("the scene is {days} days after {}", ctx.title(before));
    ctx.between(
        (ctx.here(), bytes),
        (before, (0, 0)),
        message,
        "mend the text, or one of the two dates".into(),
    );
}

/// The date of a bucket: `The battle was fought on 2 September 1202`.
fn event(ctx: &Ctx<'_>) {
    let Some(bucket) = ctx.rule.bucket else { return };
    let field = ctx.rule.field.as_deref().unwrap_or("date");
    for sentence in
        ctx.sentences().iter().filter(|sentence| sentence.is_plain() && sentence.refs.contains(&Some(bucket)))
    {
        let ruled = ctx.rule.value.clone().map(|value| (value, None));
        let Some((told, fact)) = ruled.or_else(|| ctx.text(bucket, field, ctx.point(sentence.start))) else {
            return;
        };
        let Ok(date) = ctx.calendar().parse(&told) else { return };
        let real = sentence.clauses.iter().all(|clause| clause.mood == Mood::Fact && !clause.negated);
        let words = sentence.words(0);
        for at in 0..words.len() {
            if !matches!(words[at], "on" | "in") || !real {
                continue;
            }
            let Some(said) = ctx.calendar().said(&words[at + 1..]) else {
                if let Ok(year) = words.get(at + 1).copied().unwrap_or_default().parse::<i64>()
                    && words[at] == "in"
                    && year > 31
                    && year != date.year
                {
                    let bytes = (sentence.tokens[at + 1].start, sentence.tokens[at + 1].end);
                    ctx.found(
                        bytes,
                        fact.as_deref(),
                        format!("{} was in {}", ctx.title(bucket), date.year),
                        format!("write {}", date.year),
                    );
                }
                continue;
            };
            if said.contradicts(date) {
                let last = (at + said.taken).min(sentence.tokens.len() - 1);
                let bytes = (sentence.tokens[at + 1].start, sentence.tokens[last].end);
                let message = format!("{} was on {}", ctx.title(bucket), shown(ctx, date));
                ctx.found(bytes, fact.as_deref(), message, format!("write {}", shown(ctx, date)));
            }
        }
    }
}

fn shown(ctx: &Ctx<'_>, date: Date) -> String {
    let month =
        date.month.and_then(|month| ctx.calendar().months.get(month - 1)).map(|month| month.name.as_str());
    match (date.day, month) {
        (Some(day), Some(month)) => format!("{day} {month} {}", date.year),
        (None, Some(month)) => format!("{month} {}", date.year),
        _ => date.year.to_string(),
    }
}
