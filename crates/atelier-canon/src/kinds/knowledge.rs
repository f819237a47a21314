//! knowledge: nobody uses what they were never told.

use std::collections::BTreeSet;

use atelier_domain::BucketId;

use crate::check::Ctx;
use crate::facts::{Fact, Value};
use crate::reading::lexicon::{Form, WORDS, singular};
use crate::reading::{Frame, Mood, Sentence, Voice};
use crate::world::Mode;

const GUESSES: [&str; 12] = [
    "guess", "suppose", "suspect", "think", "wonder", "bet", "imagine", "believe", "might", "maybe", "if",
    "must",
];

pub(super) fn check(ctx: &Ctx<'_>) {
    let Some(fact) =
        ctx.rule.args.get("fact").and_then(|fact| fact.parse().ok()).and_then(|fact| ctx.fact(fact))
    else {
        return;
    };
    let Some((scene, _)) = ctx.scene().filter(|(_, scene)| scene.mode == Mode::Now) else { return };
    let Some(end) = ctx.order().end(scene) else { return };
    let signs = Signs::of(ctx, &fact);
    for sentence in ctx
        .sentences()
        .iter()
        .filter(|sentence| sentence.frame != Frame::Dream && !sentence.question && !sentence.hedged)
    {
        let Some(at) = signs.spoken(sentence) else { continue };
        let Some(who) = knower(sentence, at, &signs.stems) else { continue };
        let known = who == fact.bucket || !ctx.is_person(who) || ctx.may(who, fact.id, end).may;
        if !known {
            let name = ctx.title(who);
            let message = format!("{name} cannot know this here");
            let suggestion = format!("let {name} be told, or read or overhear it before, or make it a guess");
            ctx.found((sentence.start, sentence.end), Some(&fact), message, suggestion);
        }
    }
}

/// What a sentence has to hold to speak of a fact.
struct Signs {
    about: BucketId,
    to: Option<BucketId>,
    stems: BTreeSet<String>,
}

impl Signs {
    fn of(ctx: &Ctx<'_>, fact: &Fact) -> Self {
        let (text, to) = match &fact.value {
            Value::Text(text) => (text.clone(), None),
            Value::To(to) => (fact.field.replace('_', " "), Some(*to)),
        };
        let stems =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| is_content(word)).map(stem).collect();
        // A plain attribute says little without its field: `eyes: green` is about eyes.
        let _ = ctx;
        Self { about: fact.bucket, to, stems }
    }

    /// The token from which on the sentence speaks of the fact.
    fn spoken(&self, sentence: &Sentence) -> Option<usize> {
        let about = sentence.refs.iter().position(|who| *who == Some(self.about))?;
        let to = self.to.map(|to| sentence.refs.iter().position(|who| *who == Some(to)));
        let to = match to {
            Some(None) => return None,
            Some(Some(at)) => at,
            None => about,
        };
        let words: BTreeSet<String> = sentence.tokens.iter().map(|token| stem(&token.lower)).collect();
        let found = self.stems.iter().filter(|stem| words.contains(*stem)).count();
        let needed = if self.stems.len() <= 2 { self.stems.len() } else { self.stems.len() * 2 / 3 };
        let first =
            (0..sentence.tokens.len()).find(|at| self.stems.contains(&stem(&sentence.tokens[*at].lower)));
        (found >= needed && found > 0).then(|| about.min(to).min(first.unwrap_or(about)))
    }
}

fn is_content(word: &str) -> bool {
    word.chars().count() > 2
        && !matches!(
            word.to_lowercase().as_str(),
            "the"
                | "and"
                | "for"
                | "her"
                | "his"
                | "was"
                | "were"
                | "has"
                | "had"
                | "with"
                | "from"
                | "that"
                | "their"
                | "not"
        )
}

fn stem(word: &str) -> String {
    let lower = word.to_lowercase();
    let forms = [Form::Past, Form::Participle, Form::Third, Form::Ing, Form::Base];
    let verb = forms.iter().find_map(|form| WORDS.verb(&lower, *form).filter(|_| WORDS.is_verb(&lower)));
    verb.unwrap_or_else(|| singular(&lower))
}

/// Who is shown to know what the sentence says from this token on.
fn knower(sentence: &Sentence, at: usize, stems: &BTreeSet<String>) -> Option<BucketId> {
    // `Tobin did not poison the king`; that she could not eat is another matter.
    let denied = |from: usize| {
        let negated = sentence.clauses.iter().filter(|clause| clause.verb.0 >= from && clause.negated);
        negated.into_iter().any(|clause| {
            clause.lemma == "be" || stems.contains(&stem(&sentence.tokens[clause.verb.1].lower))
        })
    };
    if let Voice::Speech(speaker) = sentence.voice {
        let guess = sentence.tokens.iter().any(|token| GUESSES.contains(&token.lower.as_str()))
            || sentence
                .clauses
                .iter()
                .any(|clause| matches!(clause.mood, Mood::Hypothetical | Mood::Seeming));
        return speaker.filter(|_| !guess && !denied(0));
    }
    let knowing = sentence.clauses.iter().rev().find(|clause| {
        let verb = matches!(
            clause.lemma.as_str(),
            "know"
                | "realise"
                | "realize"
                | "remember"
                | "recall"
                | "understand"
                | "think"
                | "tell"
                | "say"
                | "explain"
                | "reveal"
                | "mention"
                | "admit"
                | "whisper"
                | "announce"
                | "warn"
        );
        verb && clause.who.is_some()
            && clause.verb.1 < at.max(clause.verb.1 + 1)
            && clause.verb.1 < sentence.tokens.len()
            && clause.verb.0 < at.max(1)
    })?;
    let after = sentence.tokens.get(knowing.verb.1 + 1).map(|token| token.lower.as_str()).unwrap_or_default();
    // `thought that …` is an opinion, `thought of …` is not; `told him` may be a lie, but it shows the thing is known.
    let opinion = knowing.lemma == "think" && after != "of" && after != "about";
    let real = knowing.mood == Mood::Fact
        && !knowing.negated
        && knowing.modal.as_deref().is_none_or(|modal| modal == "do");
    knowing.who.filter(|_| real && !opinion && !denied(knowing.verb.1 + 1))
}
