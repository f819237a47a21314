//! Numbers and spans of time as prose writes them: `forty-one`, `a dozen`, `half a day`, `ninth`.
//!
//! Owns: words to numbers, in thousandths where a half matters. Knows nothing of sentences.

/// The number at the beginning of these lower-case words, and how many of them it takes.
pub fn cardinal(words: &[&str]) -> Option<(i64, usize)> {
    if let Some(number) = words.first().and_then(|word| digits(word)) {
        return Some((number, 1));
    }
    let mut total = 0;
    let mut group = 0;
    let mut taken = 0;
    for (at, word) in words.iter().enumerate() {
        let next = match *word {
            "and"
                if at > 0
                    && taken == at
                    && words.get(at + 1).is_some_and(|next| small(next).is_some())
                    && group % 100 == 0 =>
            {
                continue;
            }
            "a" | "an" if at == 0 && words.get(1).is_some_and(|next| scale(next).is_some()) => {
                group = 1;
                taken = 1;
                continue;
            }
            word => word,
        };
        if let Some(scale) = scale(next) {
            if taken == 0 && next != "dozen" {
                return None;
            }
            group = group.max(1) * scale;
            if scale >= 1000 {
                total += group;
                group = 0;
            }
        } else if let Some(value) = small(next).filter(|_| taken == at || words[at - 1] == "and") {
            let tens = group % 100 >= 20 && group % 10 == 0 && value < 10;
            if group % 100 != 0 && !tens {
                break;
            }
            group += value;
        } else {
            break;
        }
        taken = at + 1;
    }
    (taken > 0 && !(taken == 1 && matches!(words[0], "a" | "an"))).then_some((total + group, taken))
}

/// `ninth`, `21st`, `twenty-first`: the number, where the word is an ordinal.
pub fn ordinal(word: &str) -> Option<i64> {
    let suffixed = ["st", "nd", "rd", "th"].iter().find_map(|end| digits(word.strip_suffix(end)?));
    if suffixed.is_some() {
        return suffixed;
    }
    if let Some((tens, unit)) = word.split_once('-') {
        return Some(small(tens)? + ordinal(unit)?);
    }
    ORDINALS.iter().position(|ordinal| *ordinal == word).map(|at| at as i64 + 1).or(match word {
        "thirtieth" => Some(30),
        "fortieth" => Some(40),
        "fiftieth" => Some(50),
        "sixtieth" => Some(60),
        "seventieth" => Some(70),
        "eightieth" => Some(80),
        "ninetieth" => Some(90),
        "hundredth" => Some(100),
        _ => None,
    })
}

const ORDINALS: [&str; 20] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

fn small(word: &str) -> Option<i64> {
    if let Some(at) = SMALL.iter().position(|small| *small == word) {
        return Some(at as i64);
    }
    if let Some(at) = TENS.iter().position(|tens| *tens == word) {
        return Some((at as i64 + 2) * 10);
    }
    let (tens, unit) = word.split_once('-')?;
    let tens = TENS.iter().position(|word| *word == tens)? as i64 + 2;
    let unit = SMALL[1..10].iter().position(|word| *word == unit)? as i64 + 1;
    Some(tens * 10 + unit)
}

fn scale(word: &str) -> Option<i64> {
    match word {
        "dozen" => Some(12),
        "score" => Some(20),
        "hundred" => Some(100),
        "thousand" => Some(1000),
        "million" => Some(1_000_000),
        _ => None,
    }
}

fn digits(word: &str) -> Option<i64> {
    let plain: String = word.chars().filter(|c| *c != ',').collect();
    let fits = !plain.is_empty() && plain.len() <= 12 && plain.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| plain.parse().ok()).flatten()
}

/// A span of time in prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// How long, in thousandths of a day.
    pub milli_days: i64,
    /// How far from it something may be and still be called so: half of its unit, and a third of the whole.
    pub tolerance: i64,
    /// How many words it takes.
    pub taken: usize,
}

/// `three weeks`, `a day and a half`, `half a day`, `ten-day`: the span of time at the beginning of these words.
pub fn stretch(words: &[&str]) -> Option<Stretch> {
    let first = *words.first()?;
    let of = |count_milli: i64, unit: i64, taken| {
        let whole = count_milli * unit / 1000;
        let tolerance = (unit / 2 - 1).min(whole / 3).max(0);
        Some(Stretch { milli_days: count_milli * unit / 1000, tolerance, taken })
    };
    if let Some((count, unit)) = first.rsplit_once('-').filter(|_| words.len() == 1 || unit(first).is_none())
        && let (Some((count, 1)), Some(unit)) = (cardinal(&[count]), unit_milli(unit))
    {
        return of(count * 1000, unit, 1);
    }
    if first == "half" || (matches!(first, "a" | "an") && words.get(1) == Some(&"half")) {
        let at = words.iter().position(|word| !matches!(*word, "half" | "a" | "an" | "of"))?;
        return of(500, unit_milli(words[at])?, at + 1);
    }
    if matches!(first, "fortnight" | "fortnight's") {
        return of(1000, 14_000, 1);
    }
    let (count, taken) = match cardinal(words) {
        Some(found) => found,
        None if matches!(first, "a" | "an" | "one") => (1, 1),
        None => return None,
    };
    let mut at = taken;
    while words
        .get(at)
        .is_some_and(|word| matches!(*word, "single" | "full" | "whole" | "long" | "short" | "more"))
    {
        at += 1;
    }
    if words.get(at..at + 3) == Some(&["and", "a", "half"]) {
        return of(count * 1000 + 500, unit_milli(words.get(at + 3)?)?, at + 4);
    }
    let unit = unit_milli(words.get(at)?)?;
    if words.get(at + 1..at + 4) == Some(&["and", "a", "half"]) {
        return of(count * 1000 + 500, unit, at + 4);
    }
    of(count * 1000, unit, at + 1)
}

fn unit(word: &str) -> Option<i64> {
    unit_milli(word)
}

/// A unit of time in thousandths of a day.
fn unit_milli(word: &str) -> Option<i64> {
    let word = word.trim_end_matches("'s").trim_end_matches("’s").trim_end_matches(['\'', '’']);
    Some(match word.strip_suffix('s').unwrap_or(word) {
        "hour" => 42,
        "day" | "night" | "morning" | "evening" => 1000,
        "week" => 7000,
        "fortnight" => 14_000,
        "month" | "moon" => 30_436,
        "year" | "winter" | "summer" => 365_242,
        "decade" => 3_652_420,
        "century" | "centurie" => 36_524_200,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{cardinal, ordinal, stretch};

    fn words(text: &str) -> Vec<&str> {
        text.split(' ').collect()
    }

    #[test]
    fn numbers_are_read_as_prose_writes_them() {
        let cases = [
            ("forty-one", Some((41, 1))),
            ("twenty one days", Some((21, 2))),
            ("a hundred and five men", Some((105, 4))),
            ("two thousand three hundred", Some((2300, 4))),
            ("a dozen eggs", Some((12, 2))),
            ("two dozen", Some((24, 2))),
            ("1,200 riders", Some((1200, 1))),
            ("one of them", Some((1, 1))),
            ("a man", None),
            ("and five", None),
            ("three and four", Some((3, 1))),
            ("twenty-six that spring", Some((26, 1))),
        ];
        for (text, want) in cases {
            assert_eq!(cardinal(&words(text)), want, "{text}");
        }
    }

    #[test]
    fn ordinals_are_read() {
        for (word, want) in [("ninth", 9), ("21st", 21), ("twenty-first", 21), ("30th", 30)] {
            assert_eq!(ordinal(word), Some(want));
        }
        assert_eq!(ordinal("north"), None);
    }

    #[test]
    fn spans_of_time_are_read() {
        let cases = [
            ("three weeks later", 21_000, 2),
            ("half a day's ride", 500, 3),
            ("a day and a half", 1500, 5),
            ("one and a half days", 1500, 5),
            ("ten-day siege", 10_000, 1),
            ("a fortnight", 14_000, 2),
            ("fortnight", 14_000, 1),
            ("a single day", 1000, 3),
            ("twelve hours", 504, 2),
        ];
        for (text, milli, taken) in cases {
            let found = stretch(&words(text)).map(|s| (s.milli_days, s.taken));
            assert_eq!(found, Some((milli, taken)), "{text}");
        }
        assert_eq!(stretch(&words("three gates")), None);
        assert_eq!(stretch(&words("day")), None);
    }
}
