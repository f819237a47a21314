//! A text cut into paragraphs, speech and tokens. Names come in as spans; nothing here looks for them.

use atelier_domain::BucketId;

/// A name that was found in a text, in bytes; the name without its inflection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// Whose name it is.
    pub bucket: BucketId,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Name(BucketId),
    Punct(char),
    /// A whole stretch of speech, standing in the narration as one token.
    Speech(usize),
}

/// A word, a name, a mark or a stretch of speech.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Kind,
    /// Lower case, with a straight apostrophe; of a name, its last word.
    pub(crate) lower: String,
    pub(crate) possessive: bool,
    pub(crate) capital: bool,
}

impl Token {
    pub(crate) fn is(&self, word: &str) -> bool {
        self.lower == word
    }

    pub(crate) fn name(&self) -> Option<BucketId> {
        match self.kind {
            Kind::Name(bucket) => Some(bucket),
            _ => None,
        }
    }

    pub(crate) fn is_punct(&self, c: char) -> bool {
        self.kind == Kind::Punct(c)
    }

    pub(crate) fn is_word(&self) -> bool {
        self.kind == Kind::Word
    }
}

/// The paragraphs of a text, in bytes. Headings and lines of ornament are none.
pub(crate) fn paragraphs(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let inner = line.trim();
        let ornament = inner.starts_with('#') || !inner.contains(char::is_alphanumeric);
        if !ornament {
            let from = at + (line.len() - line.trim_start().len());
            found.push((from, from + inner.len()));
        }
        at += line.len();
    }
    found
}

/// Stretches of speech (or of thought, in italics) in a paragraph: the outer and the inner span.
pub(crate) fn speech(text: &str, from: usize, to: usize) -> Vec<(usize, usize, usize, usize)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, char, usize)> = None;
    let dash = text[from..to].starts_with(['—', '–']) && text[from..to].len() > 4;
    if dash {
        return vec![(from, to, from + '—'.len_utf8(), to)];
    }
    for (at, c) in text[from..to].char_indices().map(|(at, c)| (from + at, c)) {
        let before = text[from..at].chars().next_back();
        let after = text[at + c.len_utf8()..to].chars().next();
        match open {
            None => {
                let begins =
                    before.is_none_or(|b| !b.is_alphanumeric()) && after.is_some_and(|a| !a.is_whitespace());
                let close = match c {
                    '"' => Some('"'),
                    '“' | '„' => Some('”'),
                    '«' => Some('»'),
                    '‘' => Some('’'),
                    '*' | '_' => Some(c),
                    '\'' if after.is_some_and(char::is_uppercase) => Some('\''),
                    _ => None,
                };
                if let Some(close) = close.filter(|_| begins) {
                    open = Some((at, close, at + c.len_utf8()));
                }
            }
            Some((start, close, inner)) => {
                let same = c == close || (close == '”' && matches!(c, '“' | '"'));
                let apostrophe = matches!(close, '’' | '\'')
                    && (after.is_some_and(char::is_alphanumeric)
                        || !before.is_some_and(|b| ".,!?…—".contains(b)));
                if same && !apostrophe && at > inner {
                    found.push((start, at + c.len_utf8(), inner, at));
                    open = None;
                }
            }
        }
    }
    // Speech that goes on in the next paragraph is not closed here; a lone mark of another kind opened nothing.
    if let Some((start, close, inner)) = open.filter(|(_, close, _)| matches!(close, '"' | '”' | '»')) {
        let _ = close;
        found.push((start, to, inner, to));
    }
    found
}

/// The tokens of a stretch of text. `speech` are the outer spans that stand as one token.
pub(crate) fn tokens(
    text: &str,
    from: usize,
    to: usize,
    mentions: &[Mention],
    speech: &[(usize, usize, usize, usize)],
) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut at = from;
    while at < to {
        if let Some((n, span)) = speech.iter().enumerate().find(|(_, span)| span.0 == at && span.1 <= to) {
            found.push(Token::mark(at, span.1, Kind::Speech(n)));
            at = span.1;
            continue;
        }
        let name = mentions.partition_point(|mention| mention.start < at);
        if let Some(mention) = mentions.get(name).filter(|m| m.start == at && m.end <= to && m.end > at) {
            let mut token = word(text, at, mention.end);
            token.kind = Kind::Name(mention.bucket);
            token.lower = token.lower.rsplit(' ').next().unwrap_or_default().to_owned();
            at = mention.end;
            let rest = &text[at..to];
            if let Some(end) = ["'s", "’s", "'", "’"].iter().find(|end| rest.starts_with(**end)) {
                let goes_on = rest[end.len()..].starts_with(char::is_alphanumeric);
                token.possessive = !goes_on;
                at += if goes_on { 0 } else { end.len() };
            }
            found.push(token);
            continue;
        }
        let Some(c) = text[at..].chars().next() else { break };
        if c.is_whitespace() {
            at += c.len_utf8();
        } else if c.is_alphanumeric() {
            let limit = mentions.get(name).map_or(to, |mention| mention.start.clamp(at + c.len_utf8(), to));
            at = push_word(text, at, limit, &mut found);
        } else {
            found.push(Token::mark(at, at + c.len_utf8(), Kind::Punct(c)));
            at += c.len_utf8();
        }
    }
    found
}

fn push_word(text: &str, at: usize, to: usize, found: &mut Vec<Token>) -> usize {
    let mut end = at;
    let mut chars = text[at..to].char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        let joins = matches!(c, '-' | '\'' | '’' | ':' | '.' | ',');
        let next = chars.peek().map(|(_, next)| *next);
        let digits = matches!(c, ':' | '.' | ',');
        let before = text[at..at + offset].chars().next_back();
        let joined = joins
            && next.is_some_and(|next| if digits { next.is_ascii_digit() } else { next.is_alphanumeric() })
            && (!digits || before.is_some_and(|before| before.is_ascii_digit()));
        if c.is_alphanumeric() || is_combining(c) || joined {
            end = at + offset + c.len_utf8();
        } else {
            break;
        }
    }
    let mut token = word(text, at, end.max(at + 1));
    let contraction = ["'d", "'ll", "'re", "'ve", "'m", "'s"].iter().find(|short| {
        let stem = token.lower.strip_suffix(**short).unwrap_or_default();
        matches!(stem, "i" | "you" | "he" | "she" | "it" | "we" | "they" | "that" | "there" | "who" | "what")
    });
    if let Some(short) = contraction {
        let stem_bytes = token.lower.len() - short.len();
        let split = at + text[at..end].chars().take(stem_bytes).map(char::len_utf8).sum::<usize>();
        token.lower.truncate(stem_bytes);
        token.end = split;
        found.push(token);
        found.push(Token { lower: (*short).to_owned(), ..Token::mark(split, end, Kind::Word) });
        return end;
    }
    for tail in ["'s", "s'"] {
        if token.lower.ends_with(tail) {
            token.possessive = true;
            let keep = token.lower.len() - if tail == "'s" { 2 } else { 1 };
            token.lower.truncate(keep);
        }
    }
    found.push(token);
    end
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}')
}

fn word(text: &str, start: usize, end: usize) -> Token {
    let raw = &text[start..end];
    let lower = raw.to_lowercase().replace('’', "'");
    let capital = raw.starts_with(char::is_uppercase);
    Token { start, end, kind: Kind::Word, lower, possessive: false, capital }
}

impl Token {
    fn mark(start: usize, end: usize, kind: Kind) -> Self {
        Self { start, end, kind, lower: String::new(), possessive: false, capital: false }
    }
}

/// Cuts tokens into sentences: ranges of indices.
pub(crate) fn sentences(
    text: &str,
    tokens: &[Token],
    speech: &[(usize, usize, usize, usize)],
) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        let ends = match token.kind {
            Kind::Punct('.' | '!' | '?' | '…') => next.is_none_or(|next| {
                let big = next.capital
                    || matches!(next.kind, Kind::Speech(_))
                    || next.lower.starts_with(|c: char| c.is_ascii_digit());
                big && !(token.is_punct('.') && at > from && is_abbreviation(text, &tokens[at - 1]))
            }),
            Kind::Speech(n) => match (speech.get(n), next) {
                (_, None) => true,
                (Some(span), Some(next)) => {
                    let last = text[span.2..span.3].trim_end().chars().next_back().unwrap_or(' ');
                    let tag = tokens.get(at + 2).is_some_and(|verb| {
                        super::lexicon::WORDS
                            .verb(&verb.lower, super::lexicon::Form::Past)
                            .is_some_and(|base| super::lexicon::WORDS.speech.contains(&base))
                    });
                    match last {
                        '.' => next.capital || matches!(next.kind, Kind::Speech(_)),
                        '!' | '?' | '…' | '—' => next.capital && !tag,
                        _ => false,
                    }
                }
                (None, _) => false,
            },
            _ => false,
        };
        if ends {
            found.push((from, at + 1));
            from = at + 1;
        }
    }
    if from < tokens.len() {
        found.push((from, tokens.len()));
    }
    found
}

fn is_abbreviation(text: &str, token: &Token) -> bool {
    let raw = &text[token.start..token.end];
    matches!(raw, "Mr" | "Mrs" | "Ms" | "Dr" | "St" | "Sr" | "Jr" | "Prof" | "Capt" | "Lt" | "Col" | "Gen")
        || (raw.chars().count() == 1 && raw != "I" && token.capital)
}
