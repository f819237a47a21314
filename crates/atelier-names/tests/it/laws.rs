//! Laws: equal to a matcher that tries every name everywhere; changed bit by bit equal to made at once.

use atelier_names::{Book, Case, Entity, EntityId, Name, Sheet, Sort};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const PIECES: [&str; 30] = [
    "Mara",
    "mara",
    "MARA",
    "Maras",
    "Quell",
    "Quells",
    "Qu",
    "ell",
    "Ödger",
    "O\u{308}dger",
    "e\u{301}",
    "s",
    "美",
    "咲",
    "Vann",
    "Vanxes",
    "Vanx",
    "7",
    " ",
    " ",
    " ",
    " ",
    "-",
    "’",
    "'",
    "\n",
    ". ",
    ".\n",
    "\n\n",
    ", ",
];

fn text(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..most).prop_map(|pieces| pieces.concat())
}

fn names() -> impl Strategy<Value = Vec<String>> {
    let name =
        prop::collection::vec(prop::sample::select(&PIECES[..24]), 1..5).prop_map(|pieces| pieces.concat());
    prop::collection::vec(name, 0..8)
}

fn entity(name: &str) -> Entity {
    let names = vec![Name { text: name.to_owned(), case: Case::Any }];
    Entity { sort: Sort::Thing, names, ..Entity::default() }
}

fn book(names: &[String]) -> Book {
    Book::of((0..).map(EntityId).zip(names.iter().map(|name| entity(name))))
}

/// A word: its place in scalar values, what it is when folded, and the marks before it.
struct Word {
    start: usize,
    end: usize,
    folded: String,
    before: String,
}

fn folded(text: &[char]) -> String {
    text.iter().collect::<String>().nfc().flat_map(char::to_lowercase).nfc().collect()
}

fn words(text: &str) -> Vec<Word> {
    let chars: Vec<char> = text.chars().collect();
    let is_word = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let mut words: Vec<Word> = Vec::new();
    let mut before = String::new();
    let mut i = 0;
    while i < chars.len() {
        if !is_word(chars[i]) {
            before.push(chars[i]);
            i += 1;
            continue;
        }
        let start = i;
        i += 1;
        while i < chars.len()
            && (is_combining_mark(chars[i])
                || (!is_han(chars[start]) && is_word(chars[i]) && !is_han(chars[i])))
        {
            i += 1;
        }
        words.push(Word {
            start,
            end: i,
            folded: folded(&chars[start..i]),
            before: std::mem::take(&mut before),
        });
    }
    words
}

/// What may stand between two words of a name in a text, told in one word.
fn joint(marks: &str) -> &'static str {
    let lines = marks.matches('\n').count();
    let seen = marks.trim();
    match seen {
        _ if lines > 1 => "break",
        "" if marks.is_empty() => "nothing",
        "" => "space",
        _ if lines == 1 => "break",
        "-" if marks.len() == 1 => "hyphen",
        "’" | "'" if marks.chars().count() == 1 => "apostrophe",
        "." if marks.starts_with('.') => "dot",
        _ => "marks",
    }
}

/// The names of a text by trying all of them everywhere: start, end, number.
fn naively(names: &[String], text: &str) -> Vec<(usize, usize, Vec<u128>)> {
    let text_words = words(text);
    let mut found = Vec::new();
    let mut i = 0;
    while i < text_words.len() {
        let first = &text_words[i];
        if joint(&first.before) == "apostrophe" && i > 0 && ["s"].contains(&first.folded.as_str()) {
            i += 1;
            continue;
        }
        // The longest first; of the same length one without an ending.
        let mut best: Option<(usize, bool, usize, Vec<u128>)> = None;
        for (number, name) in names.iter().enumerate() {
            let name_words = words(name);
            if name_words.is_empty() || i + name_words.len() > text_words.len() {
                continue;
            }
            let short = |n: usize| name_words[n - 1].folded.chars().count() == 1;
            let joints_fit = (1..name_words.len()).all(|n| {
                let own = match joint(&name_words[n].before) {
                    "break" => "space",
                    own => own,
                };
                let here = joint(&text_words[i + n].before);
                own == here
            }) || (1..name_words.len()).all(|n| {
                let own = match joint(&name_words[n].before) {
                    "break" => "space",
                    own => own,
                };
                let swapped = match own {
                    "dot" => "space",
                    "space" if short(n) => "dot",
                    own => own,
                };
                swapped == joint(&text_words[i + n].before)
            });
            let last = name_words.len() - 1;
            let body_fits = (0..last).all(|n| name_words[n].folded == text_words[i + n].folded);
            if !joints_fit || !body_fits {
                continue;
            }
            let (wanted, seen) = (&name_words[last].folded, &text_words[i + last]);
            let long_enough = wanted.chars().count() >= 3 && !wanted.ends_with('s');
            let ending = if *wanted == seen.folded {
                Some(0)
            } else if seen.folded == format!("{wanted}s") && long_enough {
                Some(1)
            } else if seen.folded == format!("{wanted}es") && wanted.ends_with('x') {
                Some(2)
            } else {
                None
            };
            let Some(ending) = ending else { continue };
            // With marks that compose, the whole word is shown.
            let cut = if seen.end - seen.start == seen.folded.chars().count() { ending } else { 0 };
            let candidate = (last, ending == 0, seen.end - cut, vec![number as u128]);
            best = match best {
                Some(b) if (b.0, b.1) > (candidate.0, candidate.1) => Some(b),
                Some(mut b) if (b.0, b.1) == (candidate.0, candidate.1) && b.2 == candidate.2 => {
                    b.3.extend(candidate.3);
                    Some(b)
                }
                _ => Some(candidate),
            };
        }
        match best {
            Some((last, _, end, who)) => {
                found.push((first.start, end, who));
                i += last + 1;
            }
            None => i += 1,
        }
    }
    found
}

fn seen(book: &Book, text: &str) -> Vec<(usize, usize, Vec<u128>)> {
    let all = book.scan(text).into_iter();
    all.map(|m| (m.start, m.end, m.entities.iter().map(|id| id.0).collect())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_scan_is_what_trying_every_name_everywhere_finds(names in names(), text in text(30)) {
        prop_assert_eq!(seen(&book(&names), &text), naively(&names, &text));
    }

    #[test]
    fn a_book_changed_bit_by_bit_is_a_book_made_at_once(
        changes in prop::collection::vec((0u128..6, prop::option::of(names())), 0..12),
        text in text(30),
    ) {
        let mut changed = Book::default();
        let mut now = std::collections::BTreeMap::new();
        for (id, names) in changes {
            match names {
                None => {
                    changed.remove(&EntityId(id));
                    now.remove(&id);
                }
                Some(names) => {
                    let names = names.iter().map(|name| Name::from(name.as_str())).collect();
                    let entity = Entity { names, sort: Sort::Person, descriptions: vec!["box".into()], ..Entity::default() };
                    changed.set(EntityId(id), entity.clone());
                    now.insert(id, entity);
                }
            }
        }
        let rebuilt = Book::of(now.into_iter().map(|(id, entity)| (EntityId(id), entity)));
        prop_assert_eq!(changed.scan(&text), rebuilt.scan(&text));
    }

    #[test]
    fn a_sheet_edited_bit_by_bit_shows_what_a_scan_shows(
        names in names(),
        start in text(40),
        edits in prop::collection::vec((0usize..150, 0usize..12, text(4)), 0..12),
    ) {
        let book = book(&names);
        let mut sheet = Sheet::new(&book, &start);
        let mut whole: Vec<char> = start.chars().collect();
        for (at, length, with) in edits {
            let at = at.min(whole.len());
            let to = (at + length).min(whole.len());
            sheet.edit(&book, at..to, &with);
            whole.splice(at..to, with.chars());
            let text: String = whole.iter().collect();
            prop_assert_eq!(&sheet.text(), &text);
            let mentions = book.scan(&text);
            prop_assert_eq!(&sheet.mentions(&book), &mentions);
            let around = sheet.mentions_around(&book, at);
            prop_assert!(around.iter().all(|mention| mentions.contains(mention)));
        }
    }
}

#[test]
fn a_key_stroke_reads_its_paragraph_and_no_more() {
    let names: Vec<String> = (0..100).map(|n| format!("Name{n}")).collect();
    let book = book(&names);
    let text = "The river ran past Name7 and on to the sea, where Name9 sat.\n".repeat(2_000);
    let mut sheet = Sheet::new(&book, &text);
    let middle = text.chars().count() / 2 + 20;
    let scanned = sheet.edit(&book, middle..middle, "x");
    assert!(scanned <= 2 * 62, "{scanned} bytes were read");
}
