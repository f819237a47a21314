//! alive: the dead do nothing, and the absent do nothing here.

use crate::check::Ctx;
use crate::reading::lexicon::WORDS;
use crate::reading::{Mood, Tense, Voice};
use crate::world::Mode;

pub(super) fn check(ctx: &Ctx<'_>) {
    if ctx.scene().is_none_or(|(_, scene)| scene.mode != Mode::Now) {
        return;
    }
    for sentence in
        ctx.sentences().iter().filter(|sentence| sentence.voice == Voice::Narrator && sentence.is_plain())
    {
        for clause in &sentence.clauses {
            let acts = !clause.passive
                && clause.mood == Mood::Fact
                && clause.tense != Tense::Ing
                && !WORDS.stative.contains(&clause.lemma)
                && clause.modal.as_deref().is_none_or(|modal| modal == "do");
            let also = clause.also.and_then(|at| sentence.refs[at]);
            for who in [clause.who, also].into_iter().flatten().filter(|_| acts && sentence.asserts(clause)) {
                if ctx.rule.bucket.is_some_and(|bucket| bucket != who) {
                    continue;
                }
                let Some((status, fact)) = ctx.text(who, "status", ctx.point(sentence.start)) else {
                    continue;
                };
                let status = status.to_lowercase();
                if !matches!(status.as_str(), "dead" | "absent") {
                    continue;
                }
                let subject = clause.subject.unwrap_or(clause.verb.0);
                let first = subject.min(clause.verb.0);
                let at = (sentence.tokens[first].start, sentence.tokens[subject.max(clause.verb.1)].end);
                let name = ctx.title(who);
                let message = format!("{name} is {status} here, and yet acts");
                let suggestion =
                    format!("let somebody else do it, or change the status of {name} before this scene");
                ctx.found(at, fact.as_deref(), message, suggestion);
            }
        }
    }
}
