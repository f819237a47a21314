//! constant-attribute: eyes stay green until a fact says otherwise.

use std::collections::BTreeSet;

use atelier_domain::BucketId;

use super::phrase;
use crate::check::{Bytes, Ctx};
use crate::reading::lexicon::{Class, WORDS, singular};
use crate::reading::{Sentence, is_determiner};
use crate::world::Mode;

/// Classes that are said of the whole person, not of a part.
const WHOLE: [&str; 5] = ["profession", "species", "faith", "handed", "build"];

pub(super) fn check(ctx: &Ctx<'_>) {
    let (Some(bucket), Some(field), Some((_, scene))) = (ctx.rule.bucket, &ctx.rule.field, ctx.scene())
    else {
        return;
    };
    if scene.mode != Mode::Now {
        return;
    }
    for sentence in ctx.sentences() {
        let spoken = ctx.text(bucket, field, ctx.point(sentence.start));
        let ruled = ctx.rule.value.clone().map(|value| (value, None));
        let Some((value, fact)) = ruled.or(spoken) else { continue };
        let Some((at, said)) = contradiction(sentence, bucket, field, &value) else { continue };
        let name = ctx.title(bucket);
        let message = format!("{name}: {} is {value}, the text says {said}", field.replace('_', " "));
        let suggestion = format!("write {value}, or add a fact for {field} from this scene on");
        ctx.found(at, fact.as_deref(), message, suggestion);
    }
}

fn contradiction(sentence: &Sentence, who: BucketId, field: &str, value: &str) -> Option<(Bytes, String)> {
    let expected: Vec<String> = value
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let class = expected.iter().find_map(|word| WORDS.class_of(word))?;
    let nouns = nouns(field, value);
    let groups: BTreeSet<usize> = expected.iter().filter_map(|word| class.group(word)).collect();
    let differs = |words: &[usize]| -> Option<usize> {
        let known: Vec<(usize, usize)> =
            words.iter().filter_map(|at| Some((*at, class.group(&sentence.tokens[*at].lower)?))).collect();
        let agrees = known.iter().any(|(_, group)| groups.contains(group));
        known.first().filter(|_| !agrees).map(|(at, _)| *at)
    };
    if WHOLE.contains(&class.name.as_str()) {
        return identity(sentence, who, class, &groups);
    }
    if class.name == "side"
        && !nouns.iter().any(|noun| sentence.tokens.iter().any(|t| &singular(&t.lower) == noun))
    {
        return None;
    }
    let parts: Vec<String> = if class.name == "side" {
        expected.iter().filter(|w| class.group(w).is_none()).map(|w| singular(w)).collect()
    } else {
        nouns.clone()
    };
    for claim in phrase::claims(sentence, who, &|noun| parts.iter().any(|part| part == noun)) {
        let noun = singular(&sentence.tokens[claim.head].lower);
        let bloodshot = |at: usize| {
            noun == "eye" && matches!(sentence.tokens[at].lower.as_str(), "red" | "white" | "black" | "pink")
        };
        if let Some(at) = differs(&claim.words).filter(|at| claim.vouched && !bloodshot(*at)) {
            return Some((claim.bytes(sentence), sentence.tokens[at].lower.clone()));
        }
    }
    compound(sentence, who, &nouns, class, &groups)
}

/// `eye_colour` and `eyes` are about an eye.
fn nouns(field: &str, value: &str) -> Vec<String> {
    let lower = field.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let general = ["colour", "color", "of", "the", "side", "type", "style", ""];
    let mut nouns: Vec<String> = words.filter(|word| !general.contains(word)).map(singular).collect();
    nouns.extend(
        value
            .split_whitespace()
            .map(|word| singular(&word.to_lowercase()))
            .filter(|word| nouns.contains(word))
            .collect::<Vec<_>>(),
    );
    nouns
}

/// `the blue-eyed Tobin`, `Tobin, blue-eyed and silent`
fn compound(
    sentence: &Sentence,
    who: BucketId,
    nouns: &[String],
    class: &Class,
    groups: &BTreeSet<usize>,
) -> Option<(Bytes, String)> {
    if !sentence.is_plain() {
        return None;
    }
    for (at, token) in sentence.tokens.iter().enumerate() {
        let Some((value, part)) = token.lower.rsplit_once('-') else { continue };
        let part = part.strip_suffix("ed").unwrap_or_default();
        let fits = nouns.iter().any(|noun| noun == part || noun.trim_end_matches('e') == part);
        let Some(group) = class.group(value).filter(|_| fits) else { continue };
        let near = (at.saturating_sub(2)..(at + 3).min(sentence.tokens.len()))
            .any(|near| sentence.refs[near] == Some(who) && !sentence.tokens[near].possessive);
        let predicate = sentence.clause_at(at).is_some_and(|clause| {
            clause.who == Some(who) && clause.lemma == "be" && sentence.asserts(clause)
        });
        if (near || predicate) && !groups.contains(&group) {
            return Some(((token.start, token.end), token.lower.clone()));
        }
    }
    None
}

/// `Ilse was a baker`, `Ilse, the baker,`, `the baker Ilse`, `Ilse the baker`
fn identity(
    sentence: &Sentence,
    who: BucketId,
    class: &Class,
    groups: &BTreeSet<usize>,
) -> Option<(Bytes, String)> {
    if !sentence.is_plain() {
        return None;
    }
    for (at, token) in sentence.tokens.iter().enumerate() {
        let Some(group) =
            class.group(&token.lower).filter(|group| !groups.contains(group) && !token.possessive)
        else {
            continue;
        };
        let _ = group;
        let predicate = sentence.clauses.iter().any(|clause| {
            let between = sentence.tokens.get(clause.verb.1 + 1..at).unwrap_or_default();
            let direct = at > clause.verb.1
                && between.len() <= 4
                && between.iter().all(|t| {
                    t.is_word()
                        && !crate::reading::is_preposition(&t.lower)
                        && !t.possessive
                        && !matches!(t.lower.as_str(), "like" | "as" | "no")
                });
            clause.who == Some(who)
                && matches!(clause.lemma.as_str(), "be" | "remain")
                && direct
                && sentence.asserts(clause)
        });
        let word = |at: Option<usize>| at.and_then(|at| sentence.tokens.get(at));
        let determined = word(at.checked_sub(1))
            .is_some_and(|t| is_determiner(&t.lower) && matches!(t.lower.as_str(), "the" | "a" | "an"));
        let named = |at: Option<usize>| {
            at.is_some_and(|at| {
                sentence.refs.get(at).copied().flatten() == Some(who)
                    && sentence.tokens[at].name().is_some()
                    && !sentence.tokens[at].possessive
            })
        };
        let apposed = determined
            && (named(at.checked_sub(2))
                && word(Some(at + 1)).is_none_or(|t| !t.is_word() || in_verb(sentence, at + 1))
                || named(at.checked_sub(3))
                    && word(at.checked_sub(2)).is_some_and(|t| t.is_punct(','))
                    && word(Some(at + 1)).is_none_or(|t| t.is_punct(',') || t.is_punct('.'))
                || named(Some(at + 1)));
        if predicate || apposed {
            return Some(((token.start, token.end), token.lower.clone()));
        }
    }
    None
}

fn in_verb(sentence: &Sentence, at: usize) -> bool {
    sentence.clauses.iter().any(|clause| (clause.verb.0..=clause.verb.1).contains(&at))
}
