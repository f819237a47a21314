//! When two words are the same word: composed the same way (NFC), in lower case, without what cannot be seen.
//!
//! **Invariant**: [`hash`] of a word equals the hash of what [`fold`] makes of it.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// Below this no character composes with its neighbour.
const FIRST_COMBINING: char = '\u{300}';

/// Characters inside a word that nobody sees: soft hyphen, joiners, marks of direction.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200c}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// Writes a word's folded form into `folded`.
pub(crate) fn fold(word: &str, folded: &mut String) {
    folded.clear();
    if word.is_ascii() {
        folded.push_str(word);
        folded.make_ascii_lowercase();
        return;
    }
    let seen = word.chars().filter(|c| !is_invisible(*c));
    let plain = word.chars().all(|c| c < FIRST_COMBINING) || is_nfc_quick(seen.clone()) == IsNormalized::Yes;
    if plain {
        seen.for_each(|c| lower(c, folded));
        return;
    }
    let mut lowered = String::with_capacity(word.len());
    seen.nfc().for_each(|c| lower(c, &mut lowered));
    // Lower case may fall apart again (İ), so it is composed last.
    folded.extend(lowered.nfc());
}

fn lower(c: char, folded: &mut String) {
    match c {
        // At the end of a word and inside it sigma looks different and is the same letter.
        'ς' => folded.push('σ'),
        c => folded.extend(c.to_lowercase()),
    }
}

/// The hash of a folded word.
pub(crate) fn hash(folded: &str) -> u64 {
    folded.bytes().fold(SEED, step)
}

/// The hash of an ASCII word as it is written.
pub(crate) fn hash_ascii(word: &[u8]) -> u64 {
    word.iter().fold(SEED, |hash, byte| step(hash, byte.to_ascii_lowercase()))
}

/// One byte further.
#[inline]
pub(crate) fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(PRIME)
}

pub(crate) const fn begin() -> u64 {
    SEED
}

/// Spreads a hash over all its bits, for tables that look at the low or the high ones.
#[inline]
pub(crate) fn spread(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_of_writing_a_word_fold_to_one() {
        let mut folded = String::new();
        for (written, expected) in [
            ("Mara", "mara"),
            ("ØDGER", "ødger"),
            ("Zoe\u{308}", "zoë"),
            ("Zo\u{eb}", "zoë"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευσ"),
            ("Οδυσσεύς", "οδυσσεύσ"),
            ("Ma\u{ad}ra", "mara"),
            ("Маra", "маra"),
        ] {
            fold(written, &mut folded);
            assert_eq!(folded, expected, "{written}");
        }
        assert_eq!(hash("mara"), hash_ascii(b"MaRA"));
    }
}
