//! A text as a row of words with what stands between them.
//!
//! Owns: where a word begins and ends, and the joint before it. Scripts that put no space between words are read
//! character by character.
//!
//! **Invariant**: the words of a text cut at a [`Joint::Break`] that has a new line are the words of its two halves.

use unicode_normalization::char::is_combining_mark;

use crate::fold;

/// What stands between two words of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Joint {
    /// White space, with at most one new line.
    Space,
    /// One hyphen.
    Hyphen,
    /// One apostrophe.
    Apostrophe,
    /// A full stop and maybe a space: `Mr. Vale`, `J.R.`
    Dot,
    /// Nothing: two characters of a script without spaces.
    Nothing,
    /// Any other marks on one line: `Vale & Sons`.
    Marks,
    /// No name goes on over this: the end of a line after a mark, an empty line, the beginning of the text.
    Break,
}

/// A word of a text, by bytes and by scalar values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Scalar values before it are its start in bytes less these.
    pub(crate) surplus: usize,
    /// Scalar values inside it are its bytes less these.
    pub(crate) own_surplus: usize,
    /// Of its folded form.
    pub(crate) hash: u64,
    /// What stands before it.
    pub(crate) joint: Joint,
    /// Whether a sentence, a line or a speech may begin with it.
    pub(crate) begins: bool,
}

impl Word {
    pub(crate) fn start_scalar(&self) -> usize {
        self.start - self.surplus
    }

    pub(crate) fn end_scalar(&self) -> usize {
        self.end - self.surplus - self.own_surplus
    }

    pub(crate) fn text<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start..self.end]
    }

    pub(crate) fn is_capitalised(&self, text: &str) -> bool {
        self.text(text).chars().next().is_some_and(|c| c.is_uppercase() || is_titlecase(c))
    }
}

fn is_titlecase(c: char) -> bool {
    !c.is_lowercase() && c.is_alphabetic() && c.to_lowercase().next() != Some(c)
}

/// The words of a text, in order. Cheap to clone, to look ahead.
#[derive(Debug, Clone)]
pub(crate) struct Words<'t> {
    text: &'t str,
    at: usize,
    surplus: usize,
}

const LETTER: u8 = 1;
const BEYOND: u8 = 2;

/// What each byte is: a letter or digit, the beginning or middle of a character beyond ASCII, or neither.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => LETTER,
            128.. => BEYOND,
            _ => 0,
        };
        byte += 1;
    }
    class
};

impl<'t> Words<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0, surplus: 0 }
    }

    /// The character here and its bytes.
    fn here(&self) -> Option<(char, usize)> {
        let c = self.text[self.at..].chars().next()?;
        Some((c, c.len_utf8()))
    }

    /// Goes over what is no word.
    fn joint(&mut self) -> (Joint, bool) {
        let bytes = self.text.as_bytes();
        let start = self.at;
        // Most joints are one space.
        if start > 0
            && bytes.get(start) == Some(&b' ')
            && bytes.get(start + 1).is_some_and(|b| CLASS[*b as usize] == LETTER)
        {
            self.at += 1;
            return (Joint::Space, false);
        }
        let mut seen = Between::default();
        while let Some(byte) = bytes.get(self.at) {
            match CLASS[*byte as usize] {
                LETTER => break,
                BEYOND => {
                    let Some((c, length)) = self.here() else { break };
                    if fold::is_invisible(c) {
                        self.take(length);
                        continue;
                    }
                    if is_word(c) {
                        break;
                    }
                    seen.note(c);
                    self.at += length;
                    self.surplus += length - 1;
                }
                _ => {
                    seen.note(char::from(*byte));
                    self.at += 1;
                }
            }
        }
        if start == 0 { (Joint::Break, true) } else { (seen.joint(), seen.begins()) }
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        let (joint, begins) = self.joint();
        let bytes = self.text.as_bytes();
        let (start, surplus) = (self.at, self.surplus);
        let mut hash = fold::begin();
        let mut at = start;
        while let Some(byte) = bytes.get(at)
            && CLASS[*byte as usize] == LETTER
        {
            hash = fold::step(hash, byte.to_ascii_lowercase());
            at += 1;
        }
        self.at = at;
        if bytes.get(at).is_some_and(|byte| CLASS[*byte as usize] == BEYOND) {
            let ascii_only = at;
            self.beyond_ascii(start);
            if self.at > ascii_only {
                let mut folded = String::new();
                fold::fold(&self.text[start..self.at], &mut folded);
                hash = fold::hash(&folded);
            }
        }
        if self.at == start {
            return None;
        }
        let own_surplus = self.surplus - surplus;
        Some(Word { start, end: self.at, surplus, own_surplus, hash, joint, begins })
    }
}

impl Words<'_> {
    /// Goes on to the end of a word that has characters beyond ASCII.
    fn beyond_ascii(&mut self, start: usize) {
        while let Some((c, length)) = self.here() {
            if is_alone(c) {
                if self.at > start {
                    return;
                }
                self.take(length);
                while let Some((mark, length)) = self.here()
                    && (is_combining_mark(mark) || fold::is_invisible(mark))
                {
                    self.take(length);
                }
                return;
            }
            if !is_word(c) {
                return;
            }
            self.take(length);
        }
    }

    fn take(&mut self, length: usize) {
        self.at += length;
        self.surplus += length - 1;
    }
}

/// Whether a character is part of a word.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || fold::is_invisible(c)
}

/// Whether a character is a word by itself: scripts that put no space between words.
fn is_alone(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3fffd}')
}

/// Whether two characters side by side are one foreign word in Japanese: no name ends between them.
pub(crate) fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30fe}')
}

/// What was seen between two words.
#[derive(Debug, Default)]
struct Between {
    n: usize,
    n_lines: usize,
    spaces: usize,
    hyphens: usize,
    apostrophes: usize,
    dots: usize,
    dot_first: bool,
    begins: bool,
}

impl Between {
    fn note(&mut self, c: char) {
        if c == '\n' || c == '\u{2028}' || c == '\u{2029}' {
            self.n_lines += 1;
        }
        match c {
            c if c.is_whitespace() => self.spaces += 1,
            '-' | '\u{2010}' | '\u{2011}' => self.hyphens += 1,
            '\'' | '\u{2019}' | '\u{2bc}' | '`' => self.apostrophes += 1,
            '.' => {
                self.dots += 1;
                self.dot_first |= self.n == 0;
                self.begins = true;
            }
            '!' | '?' | '…' | ':' | ';' | '—' | '–' | '"' | '“' | '”' | '„' | '«' | '»' | '‘' | '(' | '*'
            | '#' | '>' | '_' => {
                self.begins = true;
            }
            _ => {}
        }
        self.n += 1;
    }

    fn joint(&self) -> Joint {
        match self.n - self.spaces {
            _ if self.n_lines > 1 => Joint::Break,
            0 if self.n == 0 => Joint::Nothing,
            0 => Joint::Space,
            _ if self.n_lines == 1 => Joint::Break,
            1 if self.n == 1 && self.hyphens == 1 => Joint::Hyphen,
            1 if self.n == 1 && self.apostrophes == 1 => Joint::Apostrophe,
            1 if self.dots == 1 && self.dot_first => Joint::Dot,
            _ => Joint::Marks,
        }
    }

    fn begins(&self) -> bool {
        self.begins || self.n_lines > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Joint, usize, usize)> {
        let word = |w: Word| (w.text(text).to_owned(), w.joint, w.start_scalar(), w.end_scalar());
        Words::new(text).map(word).collect()
    }

    #[test]
    fn words_have_borders_joints_and_places_in_scalar_values() {
        use Joint::{Apostrophe, Break, Dot, Hyphen, Nothing, Space};
        let w = |text: &str, joint, start, end| (text.to_owned(), joint, start, end);
        assert_eq!(
            read("  Zoë’s Anna-Lena"),
            [
                w("Zoë", Break, 2, 5),
                w("s", Apostrophe, 6, 7),
                w("Anna", Space, 8, 12),
                w("Lena", Hyphen, 13, 17)
            ]
        );
        assert_eq!(
            read("Mr. Vale\nsat"),
            [w("Mr", Break, 0, 2), w("Vale", Dot, 4, 8), w("sat", Space, 9, 12)]
        );
        assert_eq!(read("a.\nb")[1].1, Break);
        assert_eq!(read("a\n\nb")[1].1, Break);
        assert_eq!(
            read("美咲とMara"),
            [w("美", Break, 0, 1), w("咲", Nothing, 1, 2), w("と", Nothing, 2, 3), w("Mara", Nothing, 3, 7)]
        );
        assert_eq!(read("Zoe\u{308}!"), [w("Zoe\u{308}", Break, 0, 4)]);
        assert!(read("… !").is_empty());
    }
}
