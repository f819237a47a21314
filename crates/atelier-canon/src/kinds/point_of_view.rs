//! point-of-view: one mind at a time, or none, or all.

use crate::check::Ctx;
use crate::reading::lexicon::WORDS;
use crate::reading::{Frame, Mood, Tense, Voice};
use crate::world::Mode;

pub(super) fn check(ctx: &Ctx<'_>) {
    let (Some(value), Some((_, scene))) = (&ctx.rule.value, ctx.scene()) else { return };
    if scene.mode == Mode::Letter {
        return;
    }
    let first = value == "first";
    for sentence in ctx.sentences().iter().filter(|sentence| sentence.voice == Voice::Narrator) {
        let me = sentence.tokens.iter().find(|token| {
            token.is_word() && matches!(token.lower.as_str(), "i" | "me" | "my" | "myself" | "mine")
        });
        if let Some(token) = me.filter(|_| !first) {
            ctx.found(
                (token.start, token.end),
                None,
                "the narrator is no I here".into(),
                "tell it in the third person".into(),
            );
            continue;
        }
        if value == "omniscient" || sentence.question {
            continue;
        }
        for clause in &sentence.clauses {
            let Some(who) = clause.who.filter(|who| ctx.is_person(*who)) else { continue };
            let subject = clause.subject.unwrap_or(clause.verb.0);
            let bytes = (
                sentence.tokens[subject.min(clause.verb.0)].start,
                sentence.tokens[subject.max(clause.verb.1)].end,
            );
            if Some(who) == scene.pov {
                if first && sentence.tokens[subject].name().is_some() && sentence.asserts(clause) {
                    ctx.found(
                        bytes,
                        None,
                        format!("{} tells this, and is I", ctx.title(who)),
                        "tell it in the first person".into(),
                    );
                }
                continue;
            }
            let inner = WORDS.mind.contains(&clause.lemma)
                && !matches!(clause.lemma.as_str(), "consider" | "love" | "hate" | "decide")
                && !clause.passive
                && clause.tense != Tense::Ing
                && clause.tense != Tense::Bare;
            let real = clause.mood == Mood::Fact
                && clause.modal.as_deref().is_none_or(|modal| matches!(modal, "do" | "could"))
                && clause.under.is_none();
            let memory = matches!(clause.lemma.as_str(), "remember" | "recall");
            let here = sentence.frame == Frame::Now || sentence.frame == Frame::Past && memory;
            if scene.pov.is_some() && inner && real && here && !sentence.hedged {
                let pov = scene.pov.map(|pov| ctx.title(pov)).unwrap_or_default();
                let message = format!("the scene is {pov}'s, and this is the mind of {}", ctx.title(who));
                ctx.found(bytes, None, message, format!("show what {pov} can see of it"));
            }
        }
    }
}
