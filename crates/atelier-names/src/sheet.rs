//! A text under the pen: scanned again only where it was touched.
//!
//! Owns: the text in pieces that no name crosses, and what was found in each. Does not own: the book, which is handed in.
//!
//! **Invariant**: a sheet shows what a scan of its whole text shows.

use std::ops::Range;

use crate::book::Book;
use crate::resolve::{self, Mention};
use crate::scan::{self, Found};

/// A text with what was found in it.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pieces: Vec<Piece>,
}

/// Up to a new line that no name goes over; places in it are counted from its beginning.
#[derive(Debug, Clone)]
struct Piece {
    text: String,
    n_scalars: usize,
    found: Vec<Found>,
}

impl Sheet {
    /// Scans a text.
    pub fn new(book: &Book, text: &str) -> Self {
        let pieces = cut(text).map(|range| Piece::scan(book, &text[range])).collect();
        Self { pieces }
    }

    /// Replaces a range, in scalar values, and scans what was touched. How many bytes were scanned.
    pub fn edit(&mut self, book: &Book, range: Range<usize>, with: &str) -> usize {
        let (first, before) = self.piece_at(range.start);
        let (last, _) = self.piece_at(range.end.max(range.start));
        // What is typed at a border may open it, so the neighbours are read too.
        let window = first.saturating_sub(1)..(last + 2).min(self.pieces.len());
        let start = before - self.pieces.get(window.start..first).map_or(0, n_scalars);
        let old = self.pieces.get(window.clone()).unwrap_or_default();
        let text: String = old.iter().map(|piece| piece.text.as_str()).collect();
        let byte = |scalar: usize| text.char_indices().nth(scalar).map_or(text.len(), |(at, _)| at);
        let (from, to) =
            (byte(range.start.saturating_sub(start)), byte(range.end.max(range.start).saturating_sub(start)));
        let mut edited = String::with_capacity(text.len() + with.len());
        edited.push_str(&text[..from]);
        edited.push_str(with);
        edited.push_str(&text[to..]);
        let ranges: Vec<Range<usize>> = cut(&edited).collect();
        let n_new = ranges.len();
        let mut scanned = 0;
        let mut new = Vec::with_capacity(n_new);
        for (i, range) in ranges.into_iter().enumerate() {
            let text = &edited[range];
            let same = |piece: &&Piece| piece.text == text;
            // The first and the last are mostly what they were.
            let known = match i {
                0 => old.first().filter(same),
                i if i + 1 == n_new => old.last().filter(same),
                _ => None,
            };
            new.push(known.cloned().unwrap_or_else(|| {
                scanned += text.len();
                Piece::scan(book, text)
            }));
        }
        self.pieces.splice(window, new);
        scanned
    }

    /// Scans everything again, after the book has changed.
    pub fn rescan(&mut self, book: &Book) {
        self.pieces.iter_mut().for_each(|piece| *piece = Piece::scan(book, &piece.text));
    }

    /// The text as it is now.
    pub fn text(&self) -> String {
        self.pieces.iter().map(|piece| piece.text.as_str()).collect()
    }

    /// Whom the text speaks of.
    pub fn mentions(&self, book: &Book) -> Vec<Mention> {
        resolve::mentions(book, &self.text(), &self.found(0..self.pieces.len()).0)
    }

    /// Whom the text speaks of in the piece around a place: what a key stroke may have changed.
    pub fn mentions_around(&self, book: &Book, scalar: usize) -> Vec<Mention> {
        let (at, _) = self.piece_at(scalar);
        let own = self.pieces.get(at).map_or(0, |piece| piece.found.len());
        let shared = self.pieces.get(at).is_some_and(|piece| piece.found.iter().any(Found::is_shared));
        // Only a shared name needs to know who is near.
        let mut window = at..(at + 1).min(self.pieces.len());
        if shared {
            window = self.reach(at);
        }
        let n_before: usize =
            self.pieces.get(window.start..at).unwrap_or_default().iter().map(|p| p.found.len()).sum();
        let (found, start, text) = {
            let (found, start) = self.found(window.clone());
            let text: String = match self.pieces.get(window).unwrap_or_default() {
                pieces if shared => pieces.iter().map(|piece| piece.text.as_str()).collect(),
                _ => String::new(),
            };
            (found, start, text)
        };
        let mentions = (n_before..n_before + own).filter_map(|i| resolve::mention(book, &text, &found, i));
        mentions
            .map(|mut mention| {
                mention.start += start.scalars;
                mention.end += start.scalars;
                mention.bytes = mention.bytes.start + start.bytes..mention.bytes.end + start.bytes;
                mention
            })
            .collect()
    }

    /// The pieces around one that hold the names which may say who is meant in it.
    fn reach(&self, at: usize) -> Range<usize> {
        let n = |piece: &Piece| piece.found.len();
        let mut window = at..at + 1;
        let mut seen = 0;
        while window.start > 0 && seen < resolve::NEAR {
            window.start -= 1;
            seen += self.pieces.get(window.start).map_or(0, n);
        }
        seen = 0;
        while window.end < self.pieces.len() && seen < resolve::NEAR {
            seen += self.pieces.get(window.end).map_or(0, n);
            window.end += 1;
        }
        window
    }

    /// What was found in some pieces, counted from the first of them, and where that begins.
    fn found(&self, window: Range<usize>) -> (Vec<Found>, Start) {
        let before = self.pieces.get(..window.start).unwrap_or_default();
        let start = Start { scalars: n_scalars(before), bytes: before.iter().map(|p| p.text.len()).sum() };
        let mut found = Vec::new();
        let (mut bytes, mut scalars) = (0, 0);
        for piece in self.pieces.get(window).unwrap_or_default() {
            found.extend(piece.found.iter().map(|one| one.moved(bytes, scalars)));
            bytes += piece.text.len();
            scalars += piece.n_scalars;
        }
        (found, start)
    }

    /// The piece that holds a place, and the scalar values before it.
    fn piece_at(&self, scalar: usize) -> (usize, usize) {
        let mut before = 0;
        for (i, piece) in self.pieces.iter().enumerate() {
            if scalar < before + piece.n_scalars || i + 1 == self.pieces.len() {
                return (i, before);
            }
            before += piece.n_scalars;
        }
        (0, 0)
    }
}

struct Start {
    scalars: usize,
    bytes: usize,
}

impl Piece {
    fn scan(book: &Book, text: &str) -> Self {
        let mut found = Vec::new();
        scan::scan(book.tree(), text, &mut found);
        Self { text: text.to_owned(), n_scalars: text.chars().count(), found }
    }
}

fn n_scalars(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| piece.n_scalars).sum()
}

/// Where a text may be cut: after a line that ends with a mark, after an empty line.
fn cut(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut start = 0;
    let mut line = 0;
    let mut ends: Vec<usize> = Vec::new();
    // Only lines are looked at: a border lies where the words on its two sides are joined by a break.
    while let Some(offset) = bytes.get(line..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')) {
        let end = line + offset + 1;
        if is_border(text, line, end) {
            ends.push(end);
        }
        line = end;
    }
    ends.push(text.len());
    ends.into_iter().filter_map(move |end| {
        let range = start..end;
        start = end;
        (!range.is_empty()).then_some(range)
    })
}

/// Whether the line ends with a mark: then no name goes over its end, whatever comes next.
fn is_border(text: &str, line: usize, end: usize) -> bool {
    let last = text[line..end].trim_end().chars().next_back();
    last.is_some_and(|c| c.is_ascii_punctuation() || matches!(c, '…' | '”' | '“' | '»' | '’' | '—' | '–'))
}
