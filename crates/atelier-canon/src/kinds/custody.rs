//! custody: a thing is handled by whoever has it.

use std::sync::Arc;

use atelier_domain::BucketId;

use super::phrase::{next_person, possessor};
use crate::check::Ctx;
use crate::facts::{Fact, Value};
use crate::reading::lexicon::WORDS;
use crate::reading::{Clause, Sentence, is_preposition};
use crate::world::Mode;

const BODY: [&str; 17] = [
    "hand", "hands", "belt", "hip", "side", "back", "shoulder", "pocket", "fist", "grip", "neck", "lap",
    "arms", "arm", "fingers", "palm", "sleeve",
];

pub(super) fn check(ctx: &Ctx<'_>) {
    let Some(thing) =
        ctx.rule.bucket.filter(|_| ctx.scene().is_some_and(|(_, scene)| scene.mode == Mode::Now))
    else {
        return;
    };
    // Whom the text itself has handed it to, and who had it by the facts when it did.
    let mut given: Option<(Option<BucketId>, Option<BucketId>)> = None;
    for sentence in ctx.sentences() {
        let (by_facts, fact) = holder(ctx, thing, sentence);
        if given.is_some_and(|(_, then)| then != by_facts) {
            given = None;
        }
        for (what, at) in handlings(ctx, sentence, thing) {
            let holder = given.map_or(by_facts, |(to, _)| to);
            match what {
                Handling::Has(who) | Handling::Gives(who, _)
                    if holder.is_some_and(|holder| holder != who) =>
                {
                    let (name, owner) =
                        (ctx.title(who), holder.map(|holder| ctx.title(holder)).unwrap_or_default());
                    let message = format!("{name} handles {}, which {owner} has", ctx.title(thing));
                    let suggestion = format!("let {owner} hand it over first, or add a fact for its holder");
                    ctx.found(at, fact.as_deref(), message, suggestion);
                }
                Handling::Gives(_, to) => given = Some((to, by_facts)),
                Handling::Takes(who) => given = Some((Some(who), by_facts)),
                Handling::Has(_) => {}
            }
        }
    }
}

fn holder(ctx: &Ctx<'_>, thing: BucketId, sentence: &Sentence) -> (Option<BucketId>, Option<Arc<Fact>>) {
    match ctx.value(thing, "holder", ctx.point(sentence.start)) {
        Some((Value::To(holder), fact)) => (Some(holder), fact),
        Some((Value::Text(title), fact)) => (ctx.named(&title), fact),
        None => (None, None),
    }
}

#[derive(Clone, Copy)]
enum Handling {
    Has(BucketId),
    Gives(BucketId, Option<BucketId>),
    Takes(BucketId),
}

fn handlings(ctx: &Ctx<'_>, sentence: &Sentence, thing: BucketId) -> Vec<(Handling, (usize, usize))> {
    let mut found = Vec::new();
    let person = |who: BucketId| ctx.is_person(who);
    for (at, who) in sentence.refs.iter().enumerate() {
        if *who != Some(thing) || sentence.tokens[at].possessive || !sentence.is_plain() {
            continue;
        }
        let name = sentence.tokens[at].name().is_some();
        let bytes = |other: usize| {
            let (first, last) = (at.min(other), at.max(other));
            (sentence.tokens[first].start, sentence.tokens[last].end)
        };
        if let Some(before) = at.checked_sub(1)
            && let Some(owner) = possessor(sentence, before).filter(|owner| name && person(*owner))
        {
            found.push((Handling::Has(owner), bytes(before)));
            continue;
        }
        if let Some((owner, until)) = at_body(sentence, at).filter(|(owner, _)| person(*owner)) {
            found.push((Handling::Has(owner), bytes(until)));
            continue;
        }
        let Some(clause) = governing(sentence, at) else { continue };
        if !sentence.asserts(clause) || clause.modal.as_deref().is_some_and(|modal| modal != "do") {
            continue;
        }
        let gives = WORDS.gives.contains(&clause.lemma);
        if clause.passive && clause.subject == Some(at) {
            let by = (clause.verb.1..clause.to).find(|at| sentence.tokens[*at].is("by"));
            let agent = by.and_then(|by| next_person(sentence, by + 1, by + 4, &person));
            let to = next_person(sentence, clause.verb.1 + 1, clause.to, &person);
            match agent {
                Some(agent) if gives => {
                    found.push((Handling::Gives(agent, to.filter(|to| *to != agent)), bytes(clause.verb.1)));
                }
                Some(agent) => found.push((Handling::Has(agent), bytes(by.unwrap_or(at) + 1))),
                None if gives => found.push((Handling::Takes(to.unwrap_or(thing)), bytes(clause.verb.1))),
                None => {}
            }
            continue;
        }
        let Some(subject) = clause.who.filter(|who| person(*who) && at > clause.verb.1) else { continue };
        let far = clause.verb.1 + 1..at;
        let direct = sentence.tokens[far.clone()].iter().all(|token| {
            (token.is_word() || token.name().is_some())
                && (!is_preposition(&token.lower)
                    || matches!(token.lower.as_str(), "up" | "out" | "off" | "down" | "back"))
        });
        if gives && direct {
            let between = next_person(sentence, far.start, far.end, &person);
            let behind = next_person(sentence, at + 1, clause.to.max(at + 1), &person);
            found.push((Handling::Gives(subject, between.or(behind)), bytes(clause.subject.unwrap_or(at))));
        } else if WORDS.takes.contains(&clause.lemma) && direct {
            found.push((Handling::Takes(subject), bytes(clause.verb.0)));
        } else if WORDS.possess.contains(&clause.lemma) && direct && !clause.passive {
            found.push((
                Handling::Has(subject),
                bytes(clause.subject.filter(|subject| *subject < at).unwrap_or(clause.verb.0)),
            ));
        }
    }
    found
}

/// `… in Tobin's hand`, `… hung at his belt`
fn at_body(sentence: &Sentence, thing: usize) -> Option<(BucketId, usize)> {
    let mut at = thing + 1;
    let clause = sentence.clauses.iter().find(|clause| clause.subject == Some(thing) && !clause.borrowed);
    if let Some(clause) = clause {
        let rests = matches!(
            clause.lemma.as_str(),
            "hang" | "lie" | "rest" | "be" | "gleam" | "swing" | "sit" | "stay" | "remain"
        );
        if !rests || !sentence.asserts(clause) {
            return None;
        }
        at = clause.verb.1 + 1;
    }
    let preposition = sentence.tokens.get(at).is_some_and(|token| {
        matches!(token.lower.as_str(), "in" | "at" | "on" | "from" | "across" | "over" | "under" | "against")
    });
    if !preposition || at + 1 >= sentence.tokens.len() {
        return None;
    }
    let owner = possessor(sentence, at + 1)?;
    let body = (at + 2..at + 4)
        .find(|at| sentence.tokens.get(*at).is_some_and(|token| BODY.contains(&token.lower.as_str())))?;
    Some((owner, body))
}

fn governing(sentence: &Sentence, at: usize) -> Option<&Clause> {
    let passive = sentence.clauses.iter().find(|clause| clause.subject == Some(at) && !clause.borrowed);
    passive.or_else(|| sentence.clauses.iter().rev().find(|clause| clause.verb.1 < at && at < clause.to))
}
