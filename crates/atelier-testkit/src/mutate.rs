//! Inputs that nobody would write: a corpus of good and bad examples, changed at random, always in the same way.
//!
//! Does not own: what must hold of a parser. The usual law: it answers, and never panics; more laws are the test's.

use std::path::Path;

/// The files of a folder, in the order of their names, and after them `n` mutations of them.
pub fn corpus_and_mutations(folder: &Path, n: usize) -> impl Iterator<Item = Vec<u8>> {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|e| panic!("no corpus in {}: {e}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let corpus: Vec<Vec<u8>> =
        paths.iter().map(|path| std::fs::read(path).expect("a file of the corpus")).collect();
    assert!(!corpus.is_empty(), "an empty corpus in {}", folder.display());
    let changed = mutations(corpus.clone(), n);
    corpus.into_iter().chain(changed)
}

/// `n` changed inputs, each made of one or two of these by one to four changes.
pub fn mutations(corpus: Vec<Vec<u8>>, n: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    (0..n).map(move |_| {
        let mut bytes = corpus[random.below(corpus.len())].clone();
        for _ in 0..=random.below(4) {
            let other = &corpus[random.below(corpus.len())];
            change(&mut bytes, other, &mut random);
        }
        bytes
    })
}

/// Bytes that mean something to somebody: ends, quotes, brackets, the edges of numbers, what is no UTF-8.
const LOADED: [&[u8]; 22] = [
    b"\0",
    b"\n",
    b"\r\n",
    b"\n\n",
    b"\"",
    b"\\",
    b"\\u",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"- ",
    b"&a *a",
    b"---\n",
    b"data: ",
    b"1e999",
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x00\x00\x00\x00\x00\x00\x00\x80",
    b"\xc3\x28",
    "\u{202e}".as_bytes(),
];

fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let end = (at + random.below(16)).min(bytes.len());
    match random.below(8) {
        0 if !bytes.is_empty() => {
            let at = at.min(bytes.len() - 1);
            bytes[at] ^= 1 << random.below(8);
        }
        1 => bytes.truncate(at),
        2 => drop(bytes.drain(at..end)),
        3 => drop(bytes.splice(at..at, LOADED[random.below(LOADED.len())].iter().copied())),
        4 => drop(bytes.splice(at..end, LOADED[random.below(LOADED.len())].iter().copied())),
        5 => {
            let part = bytes[at..end].repeat(1 + random.below(40));
            bytes.splice(at..at, part);
        }
        6 => {
            let from = random.below(other.len() + 1);
            bytes.splice(at.., other[from..].iter().copied());
        }
        _ => {
            let number = [0u64, 1, 255, u64::from(u32::MAX), i64::MAX as u64, u64::MAX][random.below(6)];
            for (place, byte) in bytes[at..].iter_mut().zip(number.to_le_bytes()) {
                *place = byte;
            }
        }
    }
}

/// A small generator with a seed, so that a failure can be had again.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::mutations;

    #[test]
    fn mutations_are_many_and_always_the_same() {
        let made = || mutations(vec![b"one: two".to_vec(), b"{\"a\": 1}".to_vec()], 500).collect::<Vec<_>>();
        let first = made();
        assert_eq!(first, made());
        let different: std::collections::BTreeSet<_> = first.iter().collect();
        assert!(different.len() > 400, "{}", different.len());
    }
}
