//! tense: narration stays in its tense.

use crate::check::Ctx;
use crate::reading::lexicon::{Form, WORDS};
use crate::reading::{Clause, Frame, Mood, Sentence, Tense, Voice, is_subject_pronoun};
use crate::world::Mode;

pub(super) fn check(ctx: &Ctx<'_>) {
    let Some(value) = &ctx.rule.value else { return };
    if ctx.scene().is_none_or(|(_, scene)| !matches!(scene.mode, Mode::Now | Mode::Alternate)) {
        return;
    }
    let slips = if value == "present" { slips_into_past } else { slips_into_present };
    for sentence in ctx
        .sentences()
        .iter()
        .filter(|sentence| sentence.voice == Voice::Narrator && sentence.frame == Frame::Now)
    {
        if let Some(clause) =
            sentence.clauses.iter().find(|clause| is_somebody(sentence, clause) && slips(sentence, clause))
        {
            let at = (sentence.tokens[clause.verb.0].start, sentence.tokens[clause.verb.1].end);
            ctx.found(
                at,
                None,
                format!("the narration is in the {value} tense"),
                format!("put the verb into the {value} tense"),
            );
        }
    }
}

/// A person or a pronoun: `the sea is salt` is true at all times.
fn is_somebody(sentence: &Sentence, clause: &Clause) -> bool {
    let subject = clause.subject.map(|subject| &sentence.tokens[subject]);
    let pronoun = subject
        .is_some_and(|subject| is_subject_pronoun(&subject.lower) && !subject.is("it") && !subject.is("you"));
    let inverted = clause.subject.is_some_and(|subject| subject > clause.verb.0);
    (clause.who.is_some() || pronoun) && !inverted && clause.mood == Mood::Fact
}

fn slips_into_present(sentence: &Sentence, clause: &Clause) -> bool {
    let word = &sentence.tokens[clause.verb.0].lower;
    let sure =
        matches!(word.as_str(), "is" | "has" | "does" | "isn't" | "hasn't" | "doesn't" | "'s" | "am" | "are")
            || WORDS.verb(word, Form::Third).is_some() && WORDS.verb(word, Form::Past).is_none();
    clause.tense == Tense::Present && sure && clause.under.is_none()
}

fn slips_into_past(sentence: &Sentence, clause: &Clause) -> bool {
    let before = ["yesterday", "ago", "earlier", "once", "last", "before", "already"];
    let told = sentence.tokens.iter().any(|token| before.contains(&token.lower.as_str()));
    clause.tense == Tense::Past
        && clause.modal.is_none()
        && !clause.past_perfect
        && clause.under.is_none()
        && !told
        && !clause.passive
}
