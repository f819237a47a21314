//! The reader of sentences: who does what in a text, in whose voice, and how much of it the text itself vouches for.
//!
//! Owns: sentences, clauses, subjects, pronouns, speech and its speakers, dreams and memories. Names come in as spans; nothing here
//! looks for them, and nothing here knows what is true. Rules over words, so that the same text is always read alike.
//!
//! **Invariant**: any text, and any spans over it, give a reading; none makes it fail.

mod clause;
mod closed;
mod frame;
pub(crate) mod lexicon;
mod refer;
#[cfg(test)]
mod tests;
mod token;

use std::collections::BTreeMap;

use atelier_domain::BucketId;

pub(crate) use clause::{Clause, Mood, Tense};
pub(crate) use closed::{is_adverb, is_determiner, is_preposition, is_subject_pronoun};
pub(crate) use frame::Frame;
pub use refer::Gender;
pub use token::Mention;
pub(crate) use token::{Kind, Token};

/// Whose words a sentence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    Narrator,
    /// Somebody speaks or thinks; the speaker where it could be told.
    Speech(Option<BucketId>),
}

/// A sentence, read.
#[derive(Debug, Clone)]
pub(crate) struct Sentence {
    pub(crate) voice: Voice,
    pub(crate) paragraph: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) tokens: Vec<Token>,
    /// Whom each token means, where it means somebody.
    pub(crate) refs: Vec<Option<BucketId>>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) frame: Frame,
    pub(crate) question: bool,
    pub(crate) hedged: bool,
}

/// A text, read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    pub(crate) sentences: Vec<Sentence>,
}

/// Reads a text in which names were found. `genders` says which pronouns go with whom; `narrator` is who `I` is.
pub fn read(
    text: &str,
    mentions: &[Mention],
    genders: &BTreeMap<BucketId, Gender>,
    narrator: Option<BucketId>,
) -> Reading {
    let mut mentions = mentions.to_vec();
    mentions.retain(|m| m.start < m.end && text.get(m.start..m.end).is_some());
    mentions.sort_by_key(|m| (m.start, std::cmp::Reverse(m.end)));
    mentions.dedup_by(|later, before| later.start < before.end);
    let mut sentences = Vec::new();
    for (paragraph, (from, to)) in token::paragraphs(text).into_iter().enumerate() {
        paragraph_of(text, from, to, paragraph, &mentions, &mut sentences);
    }
    frame::mark(&mut sentences);
    refer::resolve(&mut sentences, genders, narrator);
    Reading { sentences }
}

fn paragraph_of(
    text: &str,
    from: usize,
    to: usize,
    paragraph: usize,
    mentions: &[Mention],
    found: &mut Vec<Sentence>,
) {
    let speech = token::speech(text, from, to);
    let narration = token::tokens(text, from, to, mentions, &speech);
    for (first, last) in token::sentences(text, &narration, &speech) {
        let tokens = narration[first..last].to_vec();
        let inner: Vec<usize> = tokens
            .iter()
            .filter_map(|token| match token.kind {
                Kind::Speech(n) => Some(n),
                _ => None,
            })
            .collect();
        found.push(Sentence::new(Voice::Narrator, paragraph, tokens));
        for n in inner {
            let (_, _, inside, end) = speech[n];
            let words = token::tokens(text, inside, end, mentions, &[]);
            for (first, last) in token::sentences(text, &words, &[]) {
                found.push(Sentence::new(Voice::Speech(None), paragraph, words[first..last].to_vec()));
            }
        }
    }
}

impl Sentence {
    fn new(voice: Voice, paragraph: usize, tokens: Vec<Token>) -> Self {
        let clauses = clause::clauses(&tokens);
        let start = tokens.first().map_or(0, |token| token.start);
        let end = tokens.last().map_or(start, |token| token.end);
        let question = tokens.iter().rev().take(2).any(|token| token.is_punct('?'));
        let hedged = tokens.iter().any(|token| HEDGES.contains(&token.lower.as_str()));
        let refs = tokens.iter().map(Token::name).collect();
        Self { voice, paragraph, start, end, tokens, refs, clauses, frame: Frame::Now, question, hedged }
    }

    /// Whether the narrator says it here and now: no speech, no dream, no memory, no question, no `perhaps`.
    pub(crate) fn is_plain(&self) -> bool {
        self.voice == Voice::Narrator && self.frame == Frame::Now && !self.question && !self.hedged
    }

    /// Whether the sentence vouches for this clause: it happens now, and is neither denied nor imagined.
    pub(crate) fn asserts(&self, clause: &Clause) -> bool {
        self.is_plain()
            && clause.mood == Mood::Fact
            && !clause.negated
            && !clause.past_perfect
            && !self.is_habit(clause)
    }

    /// `always`, `used to`, `once`: what somebody did in former times.
    fn is_habit(&self, clause: &Clause) -> bool {
        let used = self.tokens[clause.verb.0].is("used") || clause.lemma == "use" && clause.modal.is_some();
        let from = clause.from.min(clause.verb.0);
        let near = || (from..=clause.verb.1).map(|at| (at, self.tokens[at].lower.as_str()));
        // `once he had wiped them` is no habit; `she once laughed` is.
        let joins = |at: usize| {
            let next = &self.tokens[at + 1];
            next.name().is_some() || is_subject_pronoun(&next.lower) || is_determiner(&next.lower)
        };
        used || near().any(|(at, word)| matches!(word, "always" | "formerly") || word == "once" && !joins(at))
    }

    /// The clause a token stands in.
    pub(crate) fn clause_at(&self, token: usize) -> Option<&Clause> {
        self.clauses
            .iter()
            .rev()
            .find(|clause| (clause.from..clause.to).contains(&token))
            .or(self.clauses.first())
    }

    /// The lower-case words from a token on, marks included as themselves.
    pub(crate) fn words(&self, from: usize) -> Vec<&str> {
        self.tokens.iter().skip(from).map(|token| token.lower.as_str()).collect()
    }
}

const HEDGES: [&str; 12] = [
    "perhaps",
    "maybe",
    "probably",
    "possibly",
    "apparently",
    "allegedly",
    "supposedly",
    "reportedly",
    "rumour",
    "rumours",
    "legend",
    "legends",
];
