//! Noun phrases: whose eyes, whose gates, and what stands beside them.

use atelier_domain::BucketId;

use crate::reading::lexicon::{WORDS, singular};
use crate::reading::{Clause, Kind, Mood, Sentence, Tense, is_adverb, is_determiner, is_preposition};

/// Something said of a part of somebody: `Mara's blue eyes`, `her eyes were blue`.
#[derive(Debug)]
pub(crate) struct Claim {
    /// The noun.
    pub(crate) head: usize,
    /// The words beside it that may be its value.
    pub(crate) words: Vec<usize>,
    /// Whether the sentence vouches for it.
    pub(crate) vouched: bool,
}

impl Claim {
    /// From the first to the last token, in bytes.
    pub(crate) fn bytes(&self, sentence: &Sentence) -> (usize, usize) {
        let all = || self.words.iter().copied().chain([self.head]);
        let first = all().min().unwrap_or(self.head);
        let last = all().max().unwrap_or(self.head);
        (sentence.tokens[first].start, sentence.tokens[last].end)
    }
}

/// Whether the token is somebody's `'s` or a possessive pronoun of theirs.
pub(crate) fn possesses(sentence: &Sentence, at: usize, who: BucketId) -> bool {
    let token = &sentence.tokens[at];
    let pronoun = matches!(token.lower.as_str(), "her" | "his" | "their" | "its" | "my") && token.is_word();
    sentence.refs[at] == Some(who) && (token.possessive || pronoun)
}

/// Who possesses what stands behind this token.
pub(crate) fn possessor(sentence: &Sentence, at: usize) -> Option<BucketId> {
    sentence.refs[at].filter(|who| possesses(sentence, at, *who))
}

fn is_modifier(sentence: &Sentence, at: usize) -> bool {
    let token = &sentence.tokens[at];
    let word = token.lower.as_str();
    token.is_word()
        && !token.possessive
        && !is_preposition(word)
        && !matches!(
            word,
            "and"
                | "whose"
                | "or"
                | "but"
                | "that"
                | "who"
                | "which"
                | "when"
                | "while"
                | "as"
                | "was"
                | "were"
                | "is"
                | "had"
                | "has"
                | "have"
        )
}

/// The first of the words before a noun that belong to it, and what stands before those.
fn before(sentence: &Sentence, head: usize) -> (Vec<usize>, Option<usize>) {
    let mut words = Vec::new();
    let mut at = head;
    while let Some(next) = at.checked_sub(1).filter(|_| head - at < 7) {
        let token = &sentence.tokens[next];
        let listed = token.is_punct(',')
            && next > 0
            && is_modifier(sentence, next - 1)
            && at < head
            && !is_determiner(&sentence.tokens[next - 1].lower);
        let joined = token.is("and")
            && next > 0
            && at < head
            && is_modifier(sentence, next - 1)
            && WORDS.class_of(&sentence.tokens[next - 1].lower).is_some();
        // In a list of adjectives each is one word: `long, golden hair`, but `a thin mouth, brown eyes`.
        if (listed && one_word(sentence, next)) || joined {
            at = next;
            continue;
        }
        let verb = WORDS.verb(&token.lower, crate::reading::lexicon::Form::Past).is_some()
            && in_verb(sentence, next);
        let owns = matches!(token.lower.as_str(), "her" | "his" | "their" | "its" | "my") && token.is_word();
        if !is_modifier(sentence, next)
            || is_determiner(&token.lower) && !matches!(token.lower.as_str(), "all" | "both")
            || verb
            || owns
        {
            break;
        }
        words.push(next);
        at = next;
    }
    words.reverse();
    (words, at.checked_sub(1))
}

/// Whether what stands before this comma is one word behind a possessor, a determiner or another comma.
fn one_word(sentence: &Sentence, comma: usize) -> bool {
    let Some(before) = comma.checked_sub(2) else { return false };
    let token = &sentence.tokens[before];
    let opens = token.possessive || token.is_punct(',') || is_determiner(&token.lower);
    opens || matches!(token.lower.as_str(), "her" | "his" | "their" | "its" | "my" | "had" | "with")
}

fn in_verb(sentence: &Sentence, at: usize) -> bool {
    sentence.clauses.iter().any(|clause| (clause.verb.0..=clause.verb.1).contains(&at))
}

/// Everything the sentence says of the parts of `who` that are called by one of these nouns (singular).
pub(crate) fn claims(sentence: &Sentence, who: BucketId, is_noun: &dyn Fn(&str) -> bool) -> Vec<Claim> {
    let mut found = Vec::new();
    for head in 0..sentence.tokens.len() {
        let token = &sentence.tokens[head];
        if !token.is_word() || !is_noun(&singular(&token.lower)) {
            continue;
        }
        let (words, stop) = before(sentence, head);
        let Some(vouched) = owned(sentence, head, stop, &words, who) else { continue };
        let mut claim = Claim { head, words, vouched: vouched && base(sentence) };
        complement(sentence, &mut claim);
        found.push(claim);
    }
    found
}

/// Narration of the present, without question or doubt, and no condition over it.
fn base(sentence: &Sentence) -> bool {
    sentence.is_plain()
        && !sentence
            .clauses
            .iter()
            .all(|clause| clause.mood == Mood::Hypothetical && !sentence.clauses.is_empty())
        || sentence.is_plain() && sentence.clauses.is_empty()
}

/// Whether the noun is a part of `who`; inside, whether the sentence vouches for it.
fn owned(
    sentence: &Sentence,
    head: usize,
    stop: Option<usize>,
    words: &[usize],
    who: BucketId,
) -> Option<bool> {
    if let Some(stop) = stop {
        if possesses(sentence, stop, who) {
            return Some(true);
        }
        let token = &sentence.tokens[stop];
        if token.is("whose") {
            let holder = (0..stop).rev().take(2).find_map(|at| sentence.refs[at]);
            return (holder == Some(who)).then_some(true);
        }
        // `Mara, with blue eyes,` and `with the blue eyes`
        let with = if is_determiner(&token.lower) { stop.checked_sub(1) } else { Some(stop) };
        if let Some(with) = with.filter(|with| sentence.tokens[*with].is("with")) {
            let beside = with
                .checked_sub(1)
                .map(|at| if sentence.tokens[at].is_punct(',') { at.saturating_sub(1) } else { at });
            if beside.is_some_and(|at| sentence.refs[at] == Some(who) && sentence.tokens[at].name().is_some())
            {
                return Some(true);
            }
        }
        // A list of features behind a colon: `Mara studied it: a thin mouth, brown eyes`.
        let colon = (0..=stop).rev().find(|at| sentence.tokens[*at].is_punct(':'));
        if let Some(colon) = colon.filter(|_| token.is_punct(',') || token.is_punct(':')) {
            let one = sentence
                .clauses
                .first()
                .is_some_and(|clause| clause.who == Some(who) && clause.verb.1 < colon);
            let alone = sentence
                .refs
                .iter()
                .flatten()
                .all(|other| *other == who || sentence.clauses.iter().all(|c| c.who != Some(*other)));
            return (one && alone && !words.is_empty()).then_some(true);
        }
    }
    // `the eyes of Mara`
    if sentence.tokens.get(head + 1).is_some_and(|token| token.is("of")) {
        let determiner = sentence.tokens.get(head + 2).is_some_and(|token| is_determiner(&token.lower));
        let name = head + 2 + usize::from(determiner);
        if sentence.refs.get(name) == Some(&Some(who)) && !sentence.tokens[name].possessive {
            return Some(true);
        }
    }
    // `Tobin had blue eyes`
    let clause = sentence.clauses.iter().rev().find(|clause| clause.verb.1 < head)?;
    let holder = subject_of(sentence, clause);
    let start = words.first().copied().unwrap_or(head);
    let between = sentence.tokens.get(clause.verb.1 + 1..start).unwrap_or_default();
    let open =
        between.iter().all(|token| token.is_word() && !is_preposition(&token.lower) || token.is_punct(','));
    let takes = matches!(clause.lemma.as_str(), "have" | "possess" | "boast") && clause.tense != Tense::Ing;
    (takes && holder == Some(who) && open && head < clause.to).then(|| sentence.asserts(clause))
}

/// Whom a clause is about: its subject, or the name in `the city of Harrow`.
pub(crate) fn subject_of(sentence: &Sentence, clause: &Clause) -> Option<BucketId> {
    clause.who.or_else(|| {
        let head = clause.subject?;
        let of = sentence.tokens.get(head + 1).is_some_and(|token| token.is("of"));
        let place = matches!(
            sentence.tokens[head].lower.as_str(),
            "city"
                | "town"
                | "village"
                | "kingdom"
                | "island"
                | "port"
                | "house"
                | "castle"
                | "country"
                | "land"
        );
        (of && place).then(|| sentence.refs.get(head + 2).copied().flatten()).flatten()
    })
}

/// Adds what is said of the noun as a subject (`her eyes were blue`) or right behind it (`her eyes, blue as the sea,`).
fn complement(sentence: &Sentence, claim: &mut Claim) {
    let behind = claim.head + 1;
    if sentence.tokens.get(behind).is_some_and(|token| token.is_punct(',')) {
        let apposed =
            sentence.tokens.get(behind + 1).is_some_and(|token| WORDS.class_of(&token.lower).is_some());
        if apposed {
            claim.words.push(behind + 1);
        }
    }
    let Some(clause) = sentence
        .clauses
        .iter()
        .find(|clause| clause.subject == Some(claim.head) && clause.lemma == "be" && !clause.borrowed)
    else {
        return;
    };
    let mut at = clause.verb.1 + 1;
    let mut words = Vec::new();
    while let Some(token) = sentence.tokens.get(at).filter(|_| at < clause.to && at - clause.verb.1 < 7) {
        let word = token.lower.as_str();
        if !token.is_word() || is_preposition(word) && word != "like" {
            break;
        }
        if !is_adverb(word) && !is_determiner(word) {
            words.push(at);
        }
        at += 1;
    }
    // `red from the smoke`, `wide with fear`: not how they are, only how they look now.
    let passing = sentence.tokens.get(at).is_some_and(|token| token.is("from") || token.is("with"));
    if !sentence.asserts(clause) {
        claim.vouched = false;
    }
    if !passing {
        claim.words.extend(words);
    }
}

/// The person named or meant nearest behind a token.
pub(crate) fn next_person(
    sentence: &Sentence,
    from: usize,
    to: usize,
    is_person: &dyn Fn(BucketId) -> bool,
) -> Option<BucketId> {
    (from..to.min(sentence.tokens.len())).find_map(|at| {
        let token = &sentence.tokens[at];
        sentence.refs[at]
            .filter(|who| is_person(*who) && !token.possessive && !matches!(token.kind, Kind::Punct(_)))
    })
}
