//! How many tokens a text is for models whose tokenizer we do not have.
//!
//! The figures were set so that the estimate is above the count of a small English vocabulary (SmolLM2's 49 k entries)
//! also for other languages, JSON and code; that is half too many for English prose with it, more with larger ones.
//! Invariant: pure, so that the same text always takes the same room in a context.

/// Letters in one token of a word that the vocabulary does not have.
const LETTERS: usize = 3;

/// Rather too many than too few.
pub fn estimate_tokens(text: &str) -> u32 {
    let mut quarters = 0usize;
    let mut run = Run::None;
    for c in text.chars() {
        let next = Run::of(c);
        quarters += cost_in_quarters(c, next, &mut run);
    }
    u32::try_from(quarters.div_ceil(4)).unwrap_or(u32::MAX)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    None,
    Word(usize),
    Space,
    Other,
}

impl Run {
    fn of(c: char) -> Self {
        match c {
            'a'..='z' | 'A'..='Z' => Self::Word(1),
            ' ' => Self::Space,
            _ => Self::Other,
        }
    }
}

fn cost_in_quarters(c: char, next: Run, run: &mut Run) -> usize {
    let before = std::mem::replace(run, next);
    match (before, next) {
        (Run::Word(n), Run::Word(_)) => {
            *run = Run::Word(n + 1);
            if n % LETTERS == 0 { 4 } else { 0 }
        }
        (_, Run::Word(_)) => 4,
        // One space belongs to the word behind it; more of them share tokens.
        (Run::Space, Run::Space) => 1,
        (_, Run::Space) => 0,
        _ => cost_of_other(c),
    }
}

fn cost_of_other(c: char) -> usize {
    match u32::from(c) {
        // Punctuation and digits.
        0..=0x7f => 4,
        // Greek and Cyrillic letters.
        0x370..=0x52f => 5,
        // Accented letters tear the word around them into pieces.
        0x80..=0x36f => 6,
        // Scripts and ideographs up to the end of the first plane.
        0x530..=0xffff => 8,
        _ => 12,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_lie_above_known_counts_and_not_far_off() {
        // Counts of the o200k vocabulary.
        let known = [
            ("The lighthouse keeper had not spoken to anyone for eleven days.", 13),
            ("{\"title\": \"The Glass Harbour\", \"chapters\": [1, 2, 3]}", 20),
            ("Internationalization", 2),
            ("", 0),
        ];
        for (text, real) in known {
            let estimate = estimate_tokens(text);
            assert!(estimate >= real, "{text}: {estimate} < {real}");
            assert!(estimate <= real * 2 + 4, "{text}: {estimate} is too far above {real}");
        }
    }

    #[test]
    fn no_text_is_free_and_longer_is_never_less() {
        let text = "A wörd, 漢字 and 🦀🦀 \n\n\t  end.";
        let mut last = 0;
        for (at, c) in text.char_indices() {
            let now = estimate_tokens(&text[..at + c.len_utf8()]);
            assert!(now >= last, "{c:?}");
            last = now;
        }
        assert!(last >= 12);
    }
}
