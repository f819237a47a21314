//! ability: who cannot swim does not swim; who can is not shown unable.

use crate::check::Ctx;
use crate::reading::lexicon::{WORDS, singular};
use crate::reading::{Clause, Mood, Sentence};
use crate::world::Mode;

pub(super) fn check(ctx: &Ctx<'_>) {
    let (Some(bucket), Some(value)) = (ctx.rule.bucket, &ctx.rule.value) else { return };
    if ctx.scene().is_none_or(|(_, scene)| scene.mode != Mode::Now) {
        return;
    }
    let has =
        ctx.rule.args.get("has").is_none_or(|has| !matches!(has.to_lowercase().as_str(), "no" | "false"));
    let lower = value.to_lowercase();
    let mut words = lower
        .split_whitespace()
        .filter(|word| !matches!(*word, "to" | "the" | "a" | "an" | "can" | "cannot"));
    let Some(head) = words.next() else { return };
    let forms = WORDS.forms_of(head);
    let rest: Vec<String> = words.map(singular).collect();
    for sentence in ctx.sentences().iter().filter(|sentence| sentence.is_plain()) {
        for clause in sentence.clauses.iter().filter(|clause| clause.who == Some(bucket) && !clause.passive) {
            let verb = &sentence.tokens[clause.verb.1];
            let does = forms.contains(&verb.lower) && said(sentence, clause, &rest);
            let broken = does && if has { is_unable(sentence, clause) } else { is_able(sentence, clause) };
            if broken {
                let subject = clause.subject.unwrap_or(clause.verb.0);
                let (first, last) = (subject.min(clause.verb.0), subject.max(clause.verb.1));
                let name = ctx.title(bucket);
                let can = if has { "can" } else { "cannot" };
                let at = (sentence.tokens[first].start, sentence.tokens[last].end);
                let suggestion =
                    "let it happen otherwise, or end the rule's scope before this scene".to_owned();
                ctx.found(at, None, format!("{name} {can} {value}"), suggestion);
            }
        }
    }
}

/// Whether the rest of the verb phrase stands behind the verb.
fn said(sentence: &Sentence, clause: &Clause, rest: &[String]) -> bool {
    let behind = sentence.tokens.get(clause.verb.1 + 1..clause.to).unwrap_or_default();
    rest.iter().all(|word| behind.iter().any(|token| singular(&token.lower) == *word))
}

fn is_able(sentence: &Sentence, clause: &Clause) -> bool {
    let modal = clause.modal.as_deref().is_none_or(|modal| matches!(modal, "do" | "could" | "can"));
    modal && sentence.asserts(clause)
}

fn is_unable(sentence: &Sentence, clause: &Clause) -> bool {
    let could = clause.negated
        && clause.mood == Mood::Fact
        && clause.modal.as_deref().is_some_and(|modal| matches!(modal, "could" | "can"));
    let before: Vec<&str> =
        sentence.tokens[..clause.verb.0].iter().map(|token| token.lower.as_str()).collect();
    let unable = before.len() >= 2 && matches!(before[before.len() - 2..], ["unable" | "incapable", "to"]);
    let untaught = before.last() == Some(&"to")
        && sentence.clauses.iter().any(|other| {
            other.verb.1 < clause.verb.0
                && clause.verb.0 - other.verb.1 <= 3
                && other.negated
                && other.mood == Mood::Fact
                && matches!(other.lemma.as_str(), "learn" | "know" | "be")
        });
    could || unable && !before.iter().any(|word| *word == "not" || *word == "never") || untaught
}
