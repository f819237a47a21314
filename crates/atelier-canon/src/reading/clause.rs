//! Clauses: who does what in a sentence, and how sure the sentence is of it. Rules over words, no model.

use atelier_domain::BucketId;

use super::closed::{
    BE, MODALS, MOVES, SUBORDINATE, is_adverb, is_determiner, is_preposition, is_subject_pronoun, negative,
};
use super::lexicon::{Form, WORDS};
use super::token::{Kind, Token};

/// When a clause happens, as far as its verb says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tense {
    Past,
    /// `has`, `is`, `opens`.
    Present,
    /// A bare form, which says nothing: `saw him draw`, `they draw`.
    Bare,
    /// `drawing`
    Ing,
}

/// How a clause stands to what is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Fact,
    /// `if`, `would`, `might`, `as if`
    Hypothetical,
    /// `wanted to`, `tried to`
    Intended,
    /// `claimed that`, `believed that`
    Reported,
    /// `seemed to`
    Seeming,
}

/// A subject and what it does.
#[derive(Debug, Clone)]
pub(crate) struct Clause {
    /// Index of the subject's head, where it stands in the sentence.
    pub(crate) subject: Option<usize>,
    /// Who it is: a name, or whom a pronoun means; filled in by the reader.
    pub(crate) who: Option<BucketId>,
    /// The other half of `Mara and Tobin`.
    pub(crate) also: Option<usize>,
    /// First and last token of the verb, with its auxiliaries.
    pub(crate) verb: (usize, usize),
    pub(crate) lemma: String,
    pub(crate) tense: Tense,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) negated: bool,
    pub(crate) passive: bool,
    pub(crate) past_perfect: bool,
    pub(crate) modal: Option<String>,
    pub(crate) mood: Mood,
    /// The clause it hangs on: `knew that …`.
    pub(crate) under: Option<usize>,
    /// It has no subject of its own (coordinated, participle, infinitive).
    pub(crate) borrowed: bool,
}

/// A verb with its auxiliaries.
#[derive(Debug, Clone)]
struct Group {
    start: usize,
    end: usize,
    lemma: String,
    tense: Tense,
    negated: bool,
    passive: bool,
    past_perfect: bool,
    modal: Option<String>,
}

/// Whether what could be a verb in the present is a noun: behind a determiner, or joined to what is past.
fn is_noun(tokens: &[Token], group: &Group, last: Option<&Clause>) -> bool {
    let Some(before) = group.start.checked_sub(1).map(|at| &tokens[at]) else { return false };
    let determined =
        before.possessive || before.is_word() && is_determiner(&before.lower) && !before.is("that");
    let word = tokens[group.start].lower.as_str();
    if is_preposition(word) {
        return true;
    }
    let joined =
        matches!(before.lower.as_str(), "and" | "or") && last.is_some_and(|last| last.tense == Tense::Past);
    !BE.contains(&word) && (determined || joined)
}

/// The verb that begins here.
fn group(tokens: &[Token], from: usize) -> Option<Group> {
    let mut at = from;
    let mut found = Group {
        start: from,
        end: from,
        lemma: String::new(),
        tense: Tense::Bare,
        negated: false,
        passive: false,
        past_perfect: false,
        modal: None,
    };
    let (mut be, mut have, mut done) = (false, false, false);
    let mut first = true;
    while let Some(token) = tokens.get(at).filter(|token| token.is_word() && !token.possessive) {
        let plain = negative(&token.lower);
        found.negated |= plain.is_some()
            || matches!(token.lower.as_str(), "not" | "never" | "hardly" | "nor" | "neither")
            || (token.is("longer") && at > 0 && tokens[at - 1].is("no"));
        let word = plain.unwrap_or(&token.lower);
        if let Some(modal) = MODALS.iter().find(|modal| **modal == word) {
            if found.modal.is_some() || be || have {
                break;
            }
            found.modal = Some((*modal).to_owned());
        } else if BE.contains(&word) {
            if be && word != "being" && word != "been" {
                break;
            }
            be = true;
            if first {
                found.tense = if matches!(word, "was" | "were") { Tense::Past } else { Tense::Present };
            }
            "be".clone_into(&mut found.lemma);
            found.end = at;
            done = false;
        } else if matches!(word, "have" | "has" | "had" | "having" | "'ve") && !have && !be {
            have = true;
            found.past_perfect = word == "had" && found.modal.is_none();
            if first {
                found.tense = match word {
                    "had" => Tense::Past,
                    "having" => Tense::Ing,
                    "has" => Tense::Present,
                    _ => Tense::Bare,
                };
            }
            "have".clone_into(&mut found.lemma);
            found.end = at;
        } else if matches!(word, "do" | "does" | "did") && first && auxiliary_do(tokens, at) {
            found.tense = match word {
                "did" => Tense::Past,
                "does" => Tense::Present,
                _ => Tense::Bare,
            };
            found.modal = Some("do".to_owned());
        } else if is_adverb(word)
            && at > from
            && (!matches!(word, "at" | "no" | "all" | "both") || adverbial(tokens, at))
        {
            at += 1;
            continue;
        } else {
            done = main_verb(&mut found, word, at, be, have, first);
            break;
        }
        first = false;
        at += 1;
    }
    let auxiliary_only = !done && found.lemma.is_empty();
    if auxiliary_only {
        return None;
    }
    // `had a knife`: nothing was perfect about it.
    if found.lemma == "have" {
        found.past_perfect = false;
    }
    // `had to go`, `used to go`, `was going to go`
    let to = tokens.get(found.end + 1).is_some_and(|next| next.is("to"));
    if to && (found.lemma == "have" || tokens[found.end].is("used") || tokens[found.end].is("going")) {
        found.modal = Some("to".to_owned());
    }
    Some(found)
}

fn adverbial(tokens: &[Token], at: usize) -> bool {
    let pair = tokens.get(at + 1).map(|next| next.lower.as_str());
    matches!((tokens[at].lower.as_str(), pair), ("at", Some("last" | "once")) | ("no", Some("longer")))
        || (tokens[at].is("all") && pair.is_some_and(|next| WORDS.is_verb(next)))
}

/// `did` before a bare verb; else it is the verb itself.
fn auxiliary_do(tokens: &[Token], at: usize) -> bool {
    tokens[at].lower.ends_with("n't")
        || tokens[at + 1..]
            .iter()
            .take(3)
            .any(|next| next.is("not") || next.is("never") || WORDS.verb(&next.lower, Form::Base).is_some())
}

/// Takes the main verb in; says whether there was one.
fn main_verb(found: &mut Group, word: &str, at: usize, be: bool, have: bool, first: bool) -> bool {
    let as_form = |form| WORDS.verb(word, form);
    let (lemma, tense) = if be || have {
        match (as_form(Form::Participle), as_form(Form::Ing)) {
            (Some(lemma), _) => {
                found.passive = be;
                (lemma, None)
            }
            (None, Some(lemma)) if be => (lemma, None),
            _ => return true,
        }
    } else if found.modal.is_some() {
        match as_form(Form::Base) {
            Some(lemma) => (lemma, None),
            None if found.modal.as_deref() == Some("do") => return false,
            None => (word.to_owned(), None),
        }
    } else if let Some(lemma) = as_form(Form::Past) {
        (lemma, Some(if WORDS.verb(word, Form::Base).is_some() { Tense::Bare } else { Tense::Past }))
    } else if let Some(lemma) = as_form(Form::Third) {
        (lemma, Some(Tense::Present))
    } else if let Some(lemma) = as_form(Form::Base) {
        (lemma, Some(Tense::Bare))
    } else if let Some(lemma) = as_form(Form::Ing) {
        (lemma, Some(Tense::Ing))
    } else {
        return false;
    };
    if let Some(tense) = tense.filter(|_| first) {
        found.tense = tense;
    }
    found.lemma = lemma;
    found.end = at;
    true
}

/// Where the subject of a verb was found.
enum Left {
    Subject {
        at: usize,
        from: usize,
        also: Option<usize>,
    },
    /// It shares the subject of the clause before.
    Same,
    /// `to draw`
    Infinitive,
    /// `said Mara`: it stands behind the verb.
    Inverted,
    None,
}

/// All clauses of a sentence, in order.
pub(crate) fn clauses(tokens: &[Token]) -> Vec<Clause> {
    let mut found: Vec<Clause> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let Some(group) = group(tokens, at) else {
            at += 1;
            continue;
        };
        let floor = found.last().map_or(0, |clause: &Clause| clause.verb.1 + 1);
        let mut group = group;
        let adverbs = tokens.get(floor..group.start).unwrap_or_default().iter().rev();
        group.negated |= group.start > floor && tokens[group.start - 1].is("without");
        group.negated |= adverbs.take_while(|token| is_adverb(&token.lower)).any(|token| {
            matches!(token.lower.as_str(), "never" | "not" | "hardly" | "neither" | "nor" | "scarcely")
        });
        let left = left(tokens, &group, floor, found.last());
        let clause = match left {
            // `a rod and guards`: a plural beside a past is no verb.
            _ if group.start == group.end
                && matches!(group.tense, Tense::Present | Tense::Bare)
                && is_noun(tokens, &group, found.last()) =>
            {
                at += 1;
                continue;
            }
            Left::None => {
                at += 1;
                continue;
            }
            Left::Subject { at: subject, from, also } => begin(&group, Some(subject), also, from, false),
            Left::Same => begin(&group, found.last().and_then(|last| last.subject), None, group.start, true),
            Left::Infinitive => {
                let mut clause =
                    begin(&group, found.last().and_then(|last| last.subject), None, group.start, true);
                let real = found.last().is_some_and(|last| {
                    matches!(
                        last.lemma.as_str(),
                        "begin" | "start" | "come" | "go" | "manage" | "continue" | "turn" | "dare" | "rise"
                    ) && !last.negated
                });
                clause.mood = if real { Mood::Fact } else { Mood::Intended };
                clause
            }
            Left::Inverted => {
                let subject = following_subject(tokens, group.end + 1);
                begin(&group, subject, None, group.start, false)
            }
        };
        at = clause.verb.1 + 1;
        found.push(clause);
    }
    finish(tokens, &mut found);
    found
}

fn begin(group: &Group, subject: Option<usize>, also: Option<usize>, from: usize, borrowed: bool) -> Clause {
    Clause {
        subject,
        who: None,
        also,
        verb: (group.start, group.end),
        lemma: group.lemma.clone(),
        tense: group.tense,
        from,
        to: group.end + 1,
        negated: group.negated,
        passive: group.passive,
        past_perfect: group.past_perfect,
        modal: group.modal.clone(),
        mood: Mood::Fact,
        under: None,
        borrowed,
    }
}

fn following_subject(tokens: &[Token], from: usize) -> Option<usize> {
    let near = tokens.iter().enumerate().skip(from).take(4);
    near.take_while(|(_, token)| !matches!(token.kind, Kind::Punct(_) | Kind::Speech(_)))
        .find(|(_, token)| token.name().is_some() || is_subject_pronoun(&token.lower))
        .map(|(at, _)| at)
}

fn left(tokens: &[Token], group: &Group, floor: usize, last: Option<&Clause>) -> Left {
    let mut at = group.start;
    while at > floor
        && tokens[at - 1].is_word()
        && is_adverb(&tokens[at - 1].lower)
        && !tokens[at - 1].is("there")
    {
        at -= 1;
    }
    let finite = group.tense == Tense::Past || group.tense == Tense::Present || group.modal.is_some();
    let Some(before) = at.checked_sub(1).filter(|before| *before >= floor).map(|before| &tokens[before])
    else {
        return match group.tense {
            // `Swimming hard, Mara …`, and `tried to`, and `saw it fall`
            Tense::Ing => Left::Same,
            _ if floor == 0 && finite => Left::Inverted,
            _ => Left::None,
        };
    };
    let before_at = at - 1;
    match before.kind {
        Kind::Name(_) if !before.possessive => named(tokens, group, before_at, floor),
        Kind::Speech(_) if finite => Left::Inverted,
        Kind::Punct(',') => behind_comma(tokens, group, before_at, floor, last),
        Kind::Punct(';' | ':' | '—' | '–') if finite && last.is_some() => Left::Same,
        Kind::Punct(_) | Kind::Speech(_) | Kind::Name(_) => Left::None,
        Kind::Word => match before.lower.as_str() {
            word if is_subject_pronoun(word) => Left::Subject { at: before_at, from: before_at, also: None },
            "to" => Left::Infinitive,
            "and" | "but" | "or" | "then" | "nor"
                if last.is_some() && (finite || group.tense == Tense::Ing || group.tense == Tense::Bare) =>
            {
                Left::Same
            }
            "who" | "which" | "that" => match antecedent(tokens, before_at, floor) {
                Some(subject) => Left::Subject { at: subject, from: before_at, also: None },
                None => Left::None,
            },
            word if group.tense == Tense::Ing
                && (is_preposition(word) || matches!(word, "while" | "when" | "after" | "before")) =>
            {
                Left::Same
            }
            _ if group.tense == Tense::Ing => Left::Same,
            word if is_preposition(word) || is_determiner(word) => Left::None,
            "had" | "if" | "when" | "while" | "as" => Left::None,
            // `Across the yard came King Aldric`
            _ if group.tense == Tense::Past && fronted(tokens, group, before_at, floor) => Left::Inverted,
            _ if group.tense == Tense::Past || group.modal.is_some() || plain_present(tokens, group) => {
                Left::Subject { at: before_at, from: phrase_start(tokens, before_at, floor), also: None }
            }
            _ => Left::None,
        },
    }
}

/// Whether a place stands in front of the verb and the name behind it.
fn fronted(tokens: &[Token], group: &Group, before: usize, floor: usize) -> bool {
    let start = phrase_start(tokens, before, floor);
    let place = tokens[start].is_word() && is_preposition(&tokens[start].lower);
    let name = tokens.get(group.end + 1).is_some_and(|token| token.name().is_some() && !token.possessive);
    place
        && name
        && start < before
        && WORDS.verb(&tokens[group.end].lower, Form::Past).is_some_and(|verb| MOVES.contains(&verb.as_str()))
}

/// `is`, `has`, `does`: forms that are nothing but verbs.
fn plain_present(tokens: &[Token], group: &Group) -> bool {
    matches!(
        tokens[group.start].lower.as_str(),
        "is" | "has" | "does" | "are" | "isn't" | "hasn't" | "doesn't" | "aren't"
    )
}

/// A name directly before the verb: its subject, unless a preposition or a possessor rules over it.
fn named(tokens: &[Token], group: &Group, at: usize, floor: usize) -> Left {
    let ruled =
        at.checked_sub(1).filter(|before| *before >= floor).map(|before| tokens[before].lower.as_str());
    match ruled {
        // `Mara of Harrow drew`
        Some("of") if at >= floor + 2 && tokens[at - 2].name().is_some() && !tokens[at - 2].possessive => {
            Left::Subject { at: at - 2, from: at - 2, also: None }
        }
        // `the eyes of Mara were`: the head stands before the `of`.
        Some("of") if at >= floor + 2 && tokens[at - 2].is_word() => {
            Left::Subject { at: at - 2, from: phrase_start(tokens, at - 2, floor), also: None }
        }
        Some(word)
            if is_preposition(word)
                && !matches!(word, "like" | "than" | "past")
                && group.tense != Tense::Bare =>
        {
            // `before him Tobin drew`, `in the hall Aldric laughed`: a comma may be missing behind a place.
            if at >= floor + 2
                && !matches!(
                    word,
                    "with"
                        | "by"
                        | "for"
                        | "to"
                        | "from"
                        | "at"
                        | "on"
                        | "in"
                        | "into"
                        | "beside"
                        | "behind"
                        | "near"
                        | "about"
                        | "against"
                        | "toward"
                        | "towards"
                        | "under"
                        | "over"
                        | "between"
                        | "among"
                        | "around"
                        | "opposite"
                        | "without"
                        | "except"
                )
            {
                Left::Subject { at, from: at, also: None }
            } else {
                Left::None
            }
        }
        Some("and") if at >= floor + 2 && tokens[at - 2].name().is_some() && !tokens[at - 2].possessive => {
            Left::Subject { at: at - 2, from: at - 2, also: Some(at) }
        }
        _ => Left::Subject { at, from: at, also: None },
    }
}

/// Behind a comma: the end of an apposition (`Mara, the captain, drew`), or a further verb (`rose, drew`).
fn behind_comma(tokens: &[Token], group: &Group, comma: usize, floor: usize, last: Option<&Clause>) -> Left {
    if group.tense == Tense::Ing {
        return Left::Same;
    }
    let opening = (floor..comma).rev().find(|at| tokens[*at].is_punct(','));
    if let Some(open) = opening.filter(|open| comma - open < 16 && *open > floor) {
        let holder = &tokens[open - 1];
        let is_holder = (holder.name().is_some() && !holder.possessive) || is_subject_pronoun(&holder.lower);
        if is_holder {
            return Left::Subject { at: open - 1, from: open - 1, also: None };
        }
    }
    // `Mara, gasping, swam`: the participle in between is the last clause.
    if let Some(inner) = last.filter(|last| last.tense == Tense::Ing && last.verb.0 >= 2) {
        let holder = inner.verb.0 - 2;
        let name = tokens[holder].name().is_some() && !tokens[holder].possessive;
        if tokens[holder + 1].is_punct(',') && (name || is_subject_pronoun(&tokens[holder].lower)) {
            return Left::Subject { at: holder, from: holder, also: None };
        }
    }
    // `Mara, whose hair was red, stood`: the clause in between is the last one, its holder stands before its comma.
    if let Some(inner) = last.filter(|last| last.from > 0 || last.subject.is_some()) {
        let before = inner.from.min(inner.subject.unwrap_or(inner.from));
        let open = (0..=before).rev().take(4).find(|at| tokens[*at].is_punct(',')).filter(|open| *open > 0);
        if let Some(holder) = open.map(|open| open - 1) {
            let opener = tokens.get(holder + 2).map_or("", |token| token.lower.as_str());
            let relative = matches!(opener, "who" | "which" | "whose" | "whom");
            let aside = relative
                || matches!(
                    opener,
                    "once" | "when" | "after" | "as" | "while" | "though" | "although" | "because"
                );
            let copula = tokens[group.start].is_word() && BE.contains(&tokens[group.start].lower.as_str());
            let noun = tokens[holder].is_word() && copula && !is_adverb(&tokens[holder].lower);
            if aside && noun || relative && tokens[holder].name().is_some() {
                return Left::Subject { at: holder, from: holder, also: None };
            }
        }
    }
    let directly = comma.checked_sub(1).is_some_and(|at| at >= floor && tokens[at].name().is_some());
    let finite = group.tense != Tense::Bare || group.modal.is_some();
    if last.is_some() && finite && !directly { Left::Same } else { Left::None }
}

/// Whom a relative pronoun stands for.
fn antecedent(tokens: &[Token], pronoun: usize, _floor: usize) -> Option<usize> {
    let mut at = pronoun.checked_sub(1)?;
    if tokens[at].is_punct(',') {
        at = at.checked_sub(1)?;
    }
    let token = &tokens[at];
    let verb = WORDS.verb(&token.lower, Form::Past).is_some() && token.is_word();
    ((token.is_word() && !verb && !is_adverb(&token.lower)) || token.name().is_some()).then_some(at)
}

/// Where the noun phrase begins whose head stands at `head`.
fn phrase_start(tokens: &[Token], head: usize, floor: usize) -> usize {
    let mut at = head;
    while at > floor {
        let before = &tokens[at - 1];
        let stops = !(before.is_word() || before.name().is_some())
            || is_subject_pronoun(&before.lower)
            || matches!(
                before.lower.as_str(),
                "and" | "but" | "or" | "that" | "when" | "while" | "if" | "because" | "as"
            );
        if stops {
            break;
        }
        at -= 1;
    }
    at
}

/// Ends the clauses, and says how each stands to what is so.
fn finish(tokens: &[Token], clauses: &mut [Clause]) {
    let n = clauses.len();
    for at in 0..n {
        let behind = clauses[at].verb.1;
        let end = clauses.get(at + 1).map_or(tokens.len(), |next| {
            let own = if next.from > behind { next.from } else { next.verb.0 };
            own.max(behind + 1)
        });
        clauses[at].to = end;
        // What stands before the first subject belongs to it: `With the blade in his hand, Tobin …`.
        if at == 0 {
            clauses[at].from = 0;
        }
    }
    // A participle at the front borrows the subject that follows it.
    for at in (0..n.saturating_sub(1)).rev() {
        if clauses[at].subject.is_none() {
            clauses[at].subject = clauses[at + 1].subject;
        }
    }
    let inverted =
        tokens.first().is_some_and(|first| matches!(first.lower.as_str(), "had" | "were" | "should"))
            && tokens.get(1).is_some_and(|next| {
                next.name().is_some() || is_subject_pronoun(&next.lower) || is_determiner(&next.lower)
            });
    let conditional = inverted
        || tokens.iter().enumerate().any(|(at, token)| {
            token.is("if")
                && !(at > 0
                    && (tokens[at - 1].is("as") || WORDS.verb(&tokens[at - 1].lower, Form::Past).is_some()))
        });
    for at in 0..n {
        let marker = subordinator(tokens, &clauses[at], at.checked_sub(1).map(|before| &clauses[before]));
        let governed = governor(tokens, clauses, at);
        clauses[at].under = governed;
        let modal = clauses[at].modal.as_deref();
        let unreal = modal.is_some_and(|modal| !matches!(modal, "do" | "could" | "can" | "to"));
        let by = governed.map(|by| (clauses[by].mood, clauses[by].lemma.clone(), clauses[by].negated));
        let mood = if clauses[at].mood == Mood::Intended {
            Mood::Intended
        } else if unreal || conditional || marker {
            Mood::Hypothetical
        } else {
            match by {
                Some((Mood::Fact, lemma, negated)) => report(&lemma, negated),
                Some((other, ..)) => other,
                None if is_seeming(tokens, &clauses[at]) => Mood::Seeming,
                None => Mood::Fact,
            }
        };
        clauses[at].mood = mood;
        if clauses[at].borrowed && at > 0 && clauses[at].under.is_none() {
            inherit(tokens, clauses, at);
        }
    }
}

/// `seemed cold`, `appeared to sleep`; whoever simply appeared is there.
fn is_seeming(tokens: &[Token], clause: &Clause) -> bool {
    let to = tokens.get(clause.verb.1 + 1).is_some_and(|next| next.is("to"));
    clause.lemma == "seem" || clause.lemma == "appear" && to
}

/// `without drawing`, `refused to draw`, `wanted to draw and swing`.
fn inherit(tokens: &[Token], clauses: &mut [Clause], at: usize) {
    let before =
        clauses[at].verb.0.checked_sub(1).map(|before| tokens[before].lower.clone()).unwrap_or_default();
    if before == "without" {
        clauses[at].negated = true;
    }
    let last = clauses[at - 1].clone();
    let seeming = matches!(last.lemma.as_str(), "seem" | "appear" | "pretend");
    if clauses[at].mood == Mood::Intended && seeming {
        clauses[at].mood = Mood::Seeming;
    }
    if clauses[at].tense == Tense::Ing
        && matches!(last.lemma.as_str(), "imagine" | "dream" | "avoid" | "consider" | "picture" | "stop")
    {
        clauses[at].mood = Mood::Hypothetical;
    }
    if clauses[at].tense == Tense::Bare && last.mood != Mood::Fact {
        clauses[at].mood = last.mood;
    }
    if last.past_perfect && clauses[at].tense == Tense::Past && !clauses[at].past_perfect {
        // `had risen and called`: what follows is as far back.
        clauses[at].past_perfect =
            before == "and" && WORDS.verb(&tokens[clauses[at].verb.1].lower, Form::Participle).is_some();
    }
}

/// What a clause under this verb is worth.
fn report(lemma: &str, negated: bool) -> Mood {
    match lemma {
        "know" | "realise" | "realize" | "see" | "notice" | "find" | "discover" | "learn" | "watch"
        | "feel" | "be" | "remember" | "understand" | "recall"
            if !negated || lemma == "know" =>
        {
            Mood::Fact
        }
        _ => Mood::Reported,
    }
}

/// Whether the clause begins with `if`, `as though`, `whether` and the like.
fn subordinator(tokens: &[Token], clause: &Clause, before: Option<&Clause>) -> bool {
    let from = before.map_or(0, |before| before.verb.1 + 1);
    let head = clause
        .subject
        .filter(|subject| *subject < clause.verb.0 && *subject >= from)
        .unwrap_or(clause.verb.0);
    let window = &tokens[from.min(head)..head];
    let near = window.iter().rev().take(6).take_while(|token| !token.is_punct(',') && !token.is_punct(';'));
    near.into_iter().any(|token| {
        SUBORDINATE.contains(&token.lower.as_str()) && (!token.is("though") || follows_as(tokens, token))
    })
}

fn follows_as(tokens: &[Token], token: &Token) -> bool {
    let at = tokens.iter().position(|other| other.start == token.start).unwrap_or(0);
    at > 0 && tokens[at - 1].is("as")
}

/// The clause of saying or thinking that this one hangs on.
fn governor(tokens: &[Token], clauses: &[Clause], at: usize) -> Option<usize> {
    let by = at.checked_sub(1)?;
    let above = &clauses[by];
    let behind = |head: &usize| *head > above.verb.1;
    let own = clauses[at].subject.filter(behind).or(Some(clauses[at].from).filter(behind));
    let head = own.unwrap_or(clauses[at].verb.0);
    let between = tokens.get(above.verb.1 + 1..head.min(clauses[at].verb.0)).unwrap_or_default();
    let thinking = WORDS.mind.contains(&above.lemma)
        || WORDS.speech.contains(&above.lemma)
        || matches!(
            above.lemma.as_str(),
            "tell" | "hear" | "see" | "learn" | "pretend" | "picture" | "discover" | "find" | "swear"
        );
    let opened = between.iter().any(|token| {
        matches!(token.lower.as_str(), "that" | "how" | "why" | "whether" | "who" | "whom" | "where" | "what")
    });
    let cut = between
        .iter()
        .any(|token| token.is_punct(';') || token.is_punct('.') || token.is("and") || token.is("but"));
    let comma = between.iter().any(|token| token.is_punct(','));
    let directly =
        between.iter().all(|token| is_determiner(&token.lower) || token.is_word() && is_adverb(&token.lower));
    let own = !clauses[at].borrowed;
    if thinking && own && (opened && !cut || directly && !comma && above.tense != Tense::Ing) {
        return Some(by);
    }
    // A second verb under the same governor, and a clause inside of one that hangs.
    let continued =
        (clauses[at].borrowed || between.iter().any(|token| token.is("and"))) && above.under.is_some();
    continued.then_some(above.under).flatten()
}
