//! `names`: who is spoken of in a scene of 2,000 words, with ten and a hundred thousand names, and a key stroke in it.
//!
//! The shape of the data is that of the peers' measurement: names of one to three made-up words, sixty of them in the scene.

use std::hint::black_box;

use atelier_names::{Book, Entity, EntityId, Name, Sheet, Sort};
use atelier_runtime::Failure;

use super::Bench;
use super::figure::{Figure, figure, quantile, timed};

const SYLLABLES: [&str; 32] = [
    "ka", "ri", "mo", "ven", "tal", "or", "esh", "dra", "lin", "qua", "bel", "nor", "thu", "sa", "vi", "ren",
    "ul", "gar", "ith", "mar", "zo", "phe", "dun", "wy", "ell", "cas", "tor", "ba", "ne", "ji", "ost", "ik",
];
const WORDS: [&str; 56] = [
    "the", "of", "and", "a", "to", "in", "he", "was", "that", "it", "his", "her", "with", "as", "had", "for",
    "she", "not", "at", "but", "on", "be", "which", "from", "by", "they", "him", "were", "all", "so", "said",
    "when", "there", "one", "no", "an", "their", "my", "would", "what", "up", "out", "if", "them", "hand",
    "eyes", "river", "door", "light", "stone", "night", "water", "road", "voice", "fire", "letter",
];
const SIZES: [usize; 3] = [100, 10_000, 100_000];
const SCANS: usize = 400;
const STROKES: usize = 2_000;

pub(super) async fn measure(_: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    tokio::task::block_in_place(|| {
        let mut figures = Vec::new();
        for size in SIZES {
            measured(size, &mut figures);
        }
        Ok(figures)
    })
}

fn measured(size: usize, figures: &mut Vec<Figure>) {
    let mut dice = Dice(11);
    let names = names(size, &mut dice);
    let scene = scene(&names, &mut dice);
    let (mut book, built) = timed(|| book(&names));
    let scans = scans(&book, &scene, SCANS);
    let n_found = book.scan(&scene).len();
    figures.push(figure(
        format!("scan of 2,000 words, {size} names, p50"),
        quantile(&scans, 0.5) * 1e3,
        "ms",
        SCANS,
    ));
    figures.push(figure(
        format!("the same, p99 ({n_found} found)"),
        quantile(&scans, 0.99) * 1e3,
        "ms",
        SCANS,
    ));
    let strokes = strokes(&book, &scene);
    let n = strokes.len();
    figures.push(figure(format!("key stroke, {size} names, p50"), quantile(&strokes, 0.5) * 1e3, "ms", n));
    figures.push(figure("the same, p99", quantile(&strokes, 0.99) * 1e3, "ms", n));
    let added: Vec<f64> = (0..1_000u128)
        .map(|n| {
            let entity = entity(&format!("Newcomer{n} {}", dice.name()));
            timed(|| book.set(EntityId(u128::MAX - n), entity)).1
        })
        .collect();
    figures.push(figure(
        format!("one more name among {size}, p50"),
        quantile(&added, 0.5) * 1e3,
        "ms",
        added.len(),
    ));
    figures.push(figure(format!("book of {size} names made anew"), built * 1e3, "ms", 1));
}

pub(super) fn book(names: &[String]) -> Book {
    Book::of((0..).map(EntityId).zip(names.iter().map(|name| entity(name))))
}

/// Times of single scans, in seconds.
pub(super) fn scans(book: &Book, scene: &str, n: usize) -> Vec<f64> {
    (0..n).map(|_| timed(|| black_box(book.scan(black_box(scene)))).1).collect()
}

/// Letters typed and taken away again all over the text.
fn strokes(book: &Book, scene: &str) -> Vec<f64> {
    let mut sheet = Sheet::new(book, scene);
    let length = scene.chars().count();
    let stroke = |n: usize| {
        let at = (n / 2 * 7_919) % length;
        let (range, with) = if n.is_multiple_of(2) { (at..at, "e") } else { (at..at + 1, "") };
        let work = || {
            sheet.edit(book, range, with);
            black_box(sheet.mentions_around(book, at)).len()
        };
        timed(work).1
    };
    (0..STROKES).map(stroke).collect()
}

fn entity(name: &str) -> Entity {
    Entity { sort: Sort::Person, names: vec![Name::from(name)], ..Entity::default() }
}

fn names(n: usize, dice: &mut Dice) -> Vec<String> {
    let mut names = std::collections::BTreeSet::new();
    while names.len() < n {
        names.insert(dice.name());
    }
    names.into_iter().collect()
}

/// Paragraphs of about eighty words.
fn scene(names: &[String], dice: &mut Dice) -> String {
    let mut words: Vec<String> = (0..2_000).map(|_| dice.one_of(&WORDS).to_owned()).collect();
    for _ in 0..60 {
        let at = dice.below(words.len());
        words[at] = names[dice.below(names.len())].clone();
    }
    words.chunks(80).map(|paragraph| paragraph.join(" ") + ".\n").collect()
}

/// The same numbers every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words.get(self.below(words.len())).copied().unwrap_or_default()
    }

    fn name(&mut self) -> String {
        let n_words = [1, 1, 1, 1, 1, 1, 2, 2, 2, 3][self.below(10)];
        let word = |dice: &mut Self| {
            let n = 2 + dice.below(3);
            let word: String = (0..n).map(|_| dice.one_of(&SYLLABLES)).collect();
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
                .collect::<String>()
        };
        (0..n_words).map(|_| word(self)).collect::<Vec<_>>().join(" ")
    }
}
