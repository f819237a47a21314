//! Whom pronouns mean, and who speaks.

use std::collections::BTreeMap;

use atelier_domain::BucketId;

use super::lexicon::WORDS;
use super::{Kind, Sentence, Voice};

/// Which pronouns go with somebody or something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gender {
    /// she, her
    She,
    /// he, him
    He,
    /// they, them
    They,
    /// it: a thing or a place
    It,
    /// A person whose pronouns nobody wrote down: any of she, he and they.
    Anyone,
}

impl Gender {
    /// From the field `pronouns`, such as `she/her`.
    pub fn of(pronouns: &str) -> Option<Self> {
        let first = pronouns.split(['/', ',', ' ']).next().unwrap_or_default().trim().to_lowercase();
        Some(match first.as_str() {
            "she" | "her" => Self::She,
            "he" | "him" => Self::He,
            "they" | "them" => Self::They,
            "it" | "its" => Self::It,
            _ => return None,
        })
    }

    fn fits(self, pronoun: Self) -> bool {
        self == pronoun || (self == Self::Anyone && pronoun != Self::It)
    }
}

fn pronoun(word: &str) -> Option<(Gender, Role)> {
    Some(match word {
        "she" => (Gender::She, Role::Subject),
        "he" => (Gender::He, Role::Subject),
        "they" => (Gender::They, Role::Subject),
        "it" => (Gender::It, Role::Subject),
        "her" => (Gender::She, Role::Either),
        "his" => (Gender::He, Role::Possessive),
        "him" => (Gender::He, Role::Object),
        "them" => (Gender::They, Role::Object),
        "their" => (Gender::They, Role::Possessive),
        "its" => (Gender::It, Role::Possessive),
        "herself" | "hers" => (Gender::She, Role::Possessive),
        "himself" => (Gender::He, Role::Possessive),
        _ => return None,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Subject,
    Object,
    Possessive,
    Either,
}

/// Who was spoken of last, the latest first.
#[derive(Default)]
struct Focus {
    /// The subject of the last sentence that had one.
    subject: Vec<BucketId>,
    named: Vec<(BucketId, usize)>,
}

/// Fills in whom every pronoun means, the subjects of clauses, and the speakers.
pub(crate) fn resolve(
    sentences: &mut [Sentence],
    genders: &BTreeMap<BucketId, Gender>,
    narrator: Option<BucketId>,
) {
    let mut focus = Focus::default();
    for (at, sentence) in sentences.iter_mut().enumerate() {
        if sentence.voice == Voice::Narrator {
            refer(sentence, at, &mut focus, genders, narrator);
        }
    }
    speakers(sentences);
    let mut focus = Focus::default();
    for (at, sentence) in sentences.iter_mut().enumerate() {
        match sentence.voice {
            Voice::Narrator => remember(sentence, at, &mut focus),
            Voice::Speech(speaker) => refer(sentence, at, &mut focus, genders, speaker),
        }
    }
}

fn refer(
    sentence: &mut Sentence,
    at: usize,
    focus: &mut Focus,
    genders: &BTreeMap<BucketId, Gender>,
    me: Option<BucketId>,
) {
    for token in 0..sentence.tokens.len() {
        if sentence.refs[token].is_some() || !sentence.tokens[token].is_word() {
            continue;
        }
        let word = sentence.tokens[token].lower.as_str();
        if matches!(word, "i" | "me" | "my" | "mine" | "myself") {
            sentence.refs[token] = me;
        } else if let Some((gender, role)) = pronoun(word) {
            let found = candidate(sentence, token, at, gender, role, focus, genders);
            // A scene may begin with `she`: whoever it is told through.
            let told = me.filter(|me| {
                sentence.voice == Voice::Narrator && genders.get(me).is_some_and(|of| *of == gender)
            });
            sentence.refs[token] = found.or(told);
        }
    }
    for clause in &mut sentence.clauses {
        clause.who = clause.subject.and_then(|subject| {
            let token = &sentence.tokens[subject];
            if token.possessive || matches!(token.lower.as_str(), "her" | "his" | "their" | "its" | "my") {
                None
            } else {
                sentence.refs[subject]
            }
        });
    }
    remember(sentence, at, focus);
}

fn remember(sentence: &Sentence, at: usize, focus: &mut Focus) {
    let subjects: Vec<BucketId> = sentence
        .clauses
        .iter()
        .flat_map(|clause| [clause.who, clause.also.and_then(|at| sentence.refs[at])])
        .flatten()
        .collect();
    if let Some(first) = subjects.first() {
        focus.subject = subjects.clone();
        focus.subject.retain(|who| who != first);
        focus.subject.insert(0, *first);
    }
    for (token, who) in sentence.refs.iter().enumerate() {
        if let Some(who) = who.filter(|_| sentence.tokens[token].name().is_some()) {
            focus.named.retain(|(other, _)| *other != who);
            focus.named.push((who, at));
        }
    }
}

fn candidate(
    sentence: &Sentence,
    token: usize,
    at: usize,
    gender: Gender,
    role: Role,
    focus: &Focus,
    genders: &BTreeMap<BucketId, Gender>,
) -> Option<BucketId> {
    let fits = |who: &BucketId| genders.get(who).is_some_and(|of| of.fits(gender));
    let before: Vec<BucketId> = (0..token).filter_map(|at| sentence.refs[at]).collect();
    // The subject of the clause this stands in: `Mara brushed her hair`, but not `Mara saw her`.
    let governing = sentence
        .clauses
        .iter()
        .filter(|clause| clause.verb.0 < token)
        .filter_map(|clause| clause.subject.filter(|subject| *subject < token))
        .next_back()
        .and_then(|subject| sentence.refs[subject]);
    let object = role == Role::Object || (role == Role::Either && !is_possessive(sentence, token));
    if role == Role::Subject {
        // The subject of an earlier clause of this sentence, then that of the last sentence.
        let earlier =
            sentence.clauses.iter().filter_map(|clause| clause.subject).filter(|subject| *subject < token);
        let earlier: Vec<BucketId> = earlier.filter_map(|subject| sentence.refs[subject]).collect();
        if let Some(who) = earlier.iter().find(|who| fits(who)) {
            return Some(*who);
        }
    } else if !object && let Some(who) = governing.filter(fits) {
        return Some(who);
    }
    let excluded = |who: &BucketId| object && governing == Some(*who);
    if let Some(who) = before.iter().rev().find(|who| fits(who) && !excluded(who)) {
        return Some(*who);
    }
    if let Some(who) = focus.subject.iter().find(|who| fits(who) && !excluded(who)) {
        return Some(*who);
    }
    let near = focus.named.iter().rev().filter(|(_, when)| at.saturating_sub(*when) <= 8);
    if let Some(who) = near.map(|(who, _)| *who).find(|who| fits(who) && !excluded(who)) {
        return Some(who);
    }
    // `With the blade in his hand, Tobin …`: the name stands behind.
    let behind =
        sentence.clauses.first().and_then(|clause| clause.subject).filter(|subject| *subject > token);
    behind
        .and_then(|subject| sentence.refs[subject])
        .filter(|who| fits(who) && sentence.tokens[..token].iter().all(|t| !t.is_punct(',')))
}

/// `her` before a noun is a possessive; before a mark, a preposition or a verb it is an object.
pub(crate) fn is_possessive(sentence: &Sentence, token: usize) -> bool {
    sentence.tokens.get(token + 1).is_some_and(|next| {
        (next.is_word() || next.name().is_some())
            && !super::is_preposition(&next.lower)
            && !super::is_determiner(&next.lower)
            && !matches!(
                next.lower.as_str(),
                "and" | "but" | "or" | "when" | "while" | "as" | "because" | "that" | "so" | "again"
            )
    })
}

/// Who speaks: the tag (`said Mara`), else whoever acts beside the speech, else nobody we could name.
fn speakers(sentences: &mut [Sentence]) {
    let mut at = 0;
    while at < sentences.len() {
        let paragraph = sentences[at].paragraph;
        let end = (at..sentences.len())
            .find(|next| sentences[*next].paragraph != paragraph)
            .unwrap_or(sentences.len());
        let speaker = paragraph_speaker(&sentences[at..end]);
        for sentence in &mut sentences[at..end] {
            if let Voice::Speech(by) = &mut sentence.voice {
                *by = speaker;
            }
        }
        at = end;
    }
}

fn paragraph_speaker(sentences: &[Sentence]) -> Option<BucketId> {
    let narration = || sentences.iter().filter(|sentence| sentence.voice == Voice::Narrator);
    let has_speech =
        |sentence: &&Sentence| sentence.tokens.iter().any(|token| matches!(token.kind, Kind::Speech(_)));
    let tagged = narration().filter(has_speech).find_map(|sentence| {
        let tag = sentence.clauses.iter().find(|clause| WORDS.speech.contains(&clause.lemma));
        tag.map(|clause| clause.who)
    });
    if let Some(by) = tagged {
        return by;
    }
    let beats: Vec<BucketId> =
        narration().filter_map(|sentence| sentence.clauses.first().and_then(|clause| clause.who)).collect();
    let one = beats.first().copied();
    one.filter(|one| beats.iter().all(|other| other == one))
}
