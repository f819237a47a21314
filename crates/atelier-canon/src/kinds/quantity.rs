//! quantity: seven gates are seven gates.

use atelier_domain::BucketId;

use super::phrase::{self, subject_of};
use crate::check::{Bytes, Ctx};
use crate::numbers::cardinal;
use crate::reading::lexicon::singular;
use crate::reading::{Mood, Sentence};
use crate::world::Mode;

pub(super) fn check(ctx: &Ctx<'_>) {
    let Some(bucket) =
        ctx.rule.bucket.filter(|_| ctx.scene().is_some_and(|(_, scene)| scene.mode == Mode::Now))
    else {
        return;
    };
    for sentence in ctx.sentences().iter().filter(|sentence| sentence.is_plain()) {
        let (told, fact) = match (&ctx.rule.field, &ctx.rule.value) {
            (Some(field), _) => match ctx.text(bucket, field, ctx.point(sentence.start)) {
                Some((value, fact)) => (format!("{value} {}", field.replace('_', " ")), fact),
                None => continue,
            },
            (None, Some(value)) => (value.clone(), None),
            (None, None) => return,
        };
        let Some((count, noun)) = number_and_noun(&told) else { continue };
        for (said, at) in counts(sentence, bucket, &noun).into_iter().filter(|(said, _)| *said != count) {
            let message = format!("{} has {count} of these, the text says {said}", ctx.title(bucket));
            ctx.found(
                at,
                fact.as_deref(),
                message,
                format!("write {count}, or add a fact from this scene on"),
            );
        }
    }
}

fn number_and_noun(text: &str) -> Option<(i64, String)> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let (count, taken) = cardinal(&words)?;
    let noun = words[taken..].iter().rev().find(|word| !word.is_empty())?;
    Some((count, singular(noun)))
}

fn counts(sentence: &Sentence, who: BucketId, noun: &str) -> Vec<(i64, Bytes)> {
    let words = sentence.words(0);
    let mut found = Vec::new();
    let owned: Vec<usize> = phrase::claims(sentence, who, &|word| word == noun)
        .into_iter()
        .filter(|claim| claim.vouched)
        .map(|claim| claim.head)
        .collect();
    for head in
        (0..words.len()).filter(|head| singular(words[*head]) == noun && sentence.tokens[*head].is_word())
    {
        let Some((count, from)) = counted(&words, head) else { continue };
        let before = from.checked_sub(1).map_or("", |at| words[at]);
        let part = words[from..head]
            .iter()
            .any(|word| matches!(*word, "other" | "more" | "last" | "first" | "next" | "remaining" | "of"));
        if part
            || matches!(
                before,
                "another"
                    | "about"
                    | "some"
                    | "almost"
                    | "nearly"
                    | "than"
                    | "least"
                    | "only"
                    | "other"
                    | "last"
                    | "first"
                    | "remaining"
            )
        {
            continue;
        }
        if owned.contains(&head) || apposed(sentence, who, from) {
            found.push((count, (sentence.tokens[from].start, sentence.tokens[head].end)));
        }
    }
    found
}

/// The number before a noun, with at most two words between them.
fn counted(words: &[&str], head: usize) -> Option<(i64, usize)> {
    let candidates = (head.saturating_sub(6)..head).filter_map(|from| {
        let (count, taken) = cardinal(&words[from..head])?;
        (head - from - taken <= 2).then_some((count, from))
    });
    candidates.min_by_key(|(_, from)| *from)
}

/// `The Grey Company came down the hill, sixty riders under a torn flag`
fn apposed(sentence: &Sentence, who: BucketId, from: usize) -> bool {
    let comma = from > 0 && sentence.tokens[from - 1].is_punct(',');
    let clause = sentence.clauses.iter().rev().find(|clause| clause.verb.1 < from);
    let others = sentence.refs.iter().flatten().any(|other| *other != who);
    comma
        && !others
        && clause.is_some_and(|clause| subject_of(sentence, clause) == Some(who) && clause.mood == Mood::Fact)
}
