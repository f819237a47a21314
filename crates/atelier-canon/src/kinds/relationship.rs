//! relationship: a brother is no cousin, and a friend no enemy, until a fact says so.

use atelier_domain::BucketId;

use super::phrase::possessor;
use crate::check::{Bytes, Ctx};
use crate::reading::lexicon::{WORDS, singular};
use crate::reading::{Mood, Sentence, is_adverb, is_determiner};
use crate::world::Mode;

/// `of`'s `term` is `is`.
struct Said {
    of: BucketId,
    term: String,
    is: BucketId,
    at: Bytes,
}

pub(super) fn check(ctx: &Ctx<'_>) {
    let (Some(bucket), Some(field)) = (ctx.rule.bucket, &ctx.rule.field) else { return };
    if ctx.scene().is_none_or(|(_, scene)| scene.mode != Mode::Now) {
        return;
    }
    let term = singular(&field.to_lowercase());
    let Some(expected) = WORDS.kin.iter().find(|kin| kin.terms.contains(&term)) else { return };
    for sentence in ctx.sentences().iter().filter(|sentence| sentence.is_plain()) {
        let related = ctx.relations(bucket, field, ctx.point(sentence.start));
        for said in relations(sentence) {
            let (other, fitting) = match (said.of == bucket, said.is == bucket) {
                (true, _) => (said.is, &expected.terms),
                (_, true) => (said.of, &expected.inverse),
                _ => continue,
            };
            let Some(fact) = related.iter().find(|fact| fact.to() == Some(other)) else { continue };
            let Some(kin) = WORDS.kin.iter().find(|kin| kin.terms.contains(&said.term)) else { continue };
            if kin.family == expected.family && !fitting.contains(&said.term) {
                let message = format!(
                    "{} is the {field} of {}, the text says {}",
                    ctx.title(other),
                    ctx.title(bucket),
                    said.term
                );
                ctx.found(
                    said.at,
                    Some(fact),
                    message,
                    format!("write {field}, or add a fact from this scene on"),
                );
            }
        }
    }
}

fn is_term(word: &str) -> bool {
    let word = singular(word);
    WORDS.kin.iter().any(|kin| kin.terms.contains(&word))
}

fn relations(sentence: &Sentence) -> Vec<Said> {
    let mut found = Vec::new();
    for (at, token) in sentence.tokens.iter().enumerate() {
        if !token.is_word() || !is_term(&token.lower) || token.possessive {
            continue;
        }
        let bytes = (token.start, token.end);
        let term = singular(&token.lower);
        let mut add = |of: BucketId, is: BucketId| {
            if of != is {
                found.push(Said { of, term: term.clone(), is, at: bytes });
            }
        };
        let start = phrase_start(sentence, at);
        let owner = start
            .checked_sub(1)
            .and_then(|before| possessor(sentence, before))
            .or_else(|| of_whom(sentence, at));
        let plural = token.lower != term;
        if plural {
            if let Some((a, b)) = pair(sentence, at) {
                add(a, b);
            }
            continue;
        }
        let Some(owner) = owner else { continue };
        let phrase = if of_whom(sentence, at).is_some() { start.saturating_sub(1) } else { start - 1 };
        // `her uncle Jonas`, `her cousin, Jonas,`
        let comma = usize::from(sentence.tokens.get(at + 1).is_some_and(|token| token.is_punct(',')));
        let behind = at + 1 + comma;
        let name = |at: usize| {
            sentence
                .refs
                .get(at)
                .copied()
                .flatten()
                .filter(|_| sentence.tokens[at].name().is_some() && !sentence.tokens[at].possessive)
        };
        if let Some(is) = name(behind).filter(|_| {
            comma == 0 || sentence.tokens.get(behind + 1).is_none_or(|t| t.is_punct(',') || t.is_punct('.'))
        }) {
            add(owner, is);
            continue;
        }
        // `Tobin, her sworn enemy`
        if phrase >= 2
            && sentence.tokens[phrase - 1].is_punct(',')
            && let Some(is) = name(phrase - 2)
        {
            add(owner, is);
            continue;
        }
        // `Jonas was Mara's cousin`
        let predicate = sentence.clauses.iter().find(|clause| {
            let between = sentence.tokens.get(clause.verb.1 + 1..phrase);
            let direct = between.is_some_and(|between| {
                between.iter().all(|t| is_adverb(&t.lower) || is_determiner(&t.lower))
            });
            matches!(clause.lemma.as_str(), "be" | "become" | "remain")
                && direct
                && clause.mood == Mood::Fact
                && !clause.negated
                && clause.modal.is_none()
        });
        if let Some(is) = predicate.and_then(|clause| clause.who) {
            add(owner, is);
        }
    }
    found
}

/// Where the adjectives before a term begin.
fn phrase_start(sentence: &Sentence, at: usize) -> usize {
    let mut start = at;
    while start > 0 && at - start < 4 {
        let before = &sentence.tokens[start - 1];
        let owns = possessor(sentence, start - 1).is_some();
        if !before.is_word()
            || owns
            || is_determiner(&before.lower)
            || crate::reading::is_preposition(&before.lower)
            || matches!(before.lower.as_str(), "was" | "is" | "and" | "were")
        {
            break;
        }
        start -= 1;
    }
    start
}

/// `the sister of Jonas`
fn of_whom(sentence: &Sentence, at: usize) -> Option<BucketId> {
    let of = sentence.tokens.get(at + 1).is_some_and(|token| token.is("of") || token.is("to"));
    let name = sentence.tokens.get(at + 2).is_some_and(|token| token.name().is_some() && !token.possessive);
    (of && name).then(|| sentence.refs[at + 2]).flatten()
}

/// `Mara and Tobin had been enemies`
fn pair(sentence: &Sentence, at: usize) -> Option<(BucketId, BucketId)> {
    let clause = sentence.clauses.iter().rev().find(|clause| clause.verb.1 < at && clause.lemma == "be")?;
    let direct = sentence.tokens[clause.verb.1 + 1..at]
        .iter()
        .all(|token| token.is_word() && !token.is("not") && !token.is("no"));
    let real = clause.mood == Mood::Fact && !clause.negated && clause.modal.is_none();
    let former = clause.past_perfect
        && sentence.tokens.iter().any(|token| matches!(token.lower.as_str(), "once" | "until" | "before"));
    (direct && real && !former).then_some(())?;
    let subject = clause.subject?;
    if let Some(also) = clause.also {
        return Some((sentence.refs[subject]?, sentence.refs[also]?));
    }
    None
}
