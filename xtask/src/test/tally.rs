//! Counts of tests, read from what `cargo nextest`, `cargo test` and `vitest` say.

/// How many tests went how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) ignored: u32,
}

impl Tally {
    /// Adds up all summary lines.
    pub(crate) fn read(said: &str) -> Self {
        let mut sum = Self::default();
        for line in said.lines().map(plain) {
            let line = line.as_str();
            // A line of `cargo test` that is indented is nextest's quotation of a failed test.
            if let Some(counts) = line.strip_prefix("test result:") {
                sum.add(Self { ignored: before(counts, "ignored"), ..Self::of(counts) });
            } else if line.trim_start().starts_with("Summary [") && line.contains("run:") {
                let failed = before(line, "failed") + before(line, "timed out") + before(line, "exec failed");
                sum.add(Self { failed, ignored: before(line, "skipped"), ..Self::of(line) });
            } else if let Some(counts) = line.trim_start().strip_prefix("Tests  ") {
                let counts = counts.replace('|', " ");
                sum.add(Self { ignored: before(&counts, "skipped"), ..Self::of(&counts) });
            }
        }
        sum
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }

    fn of(line: &str) -> Self {
        Self { passed: before(line, "passed"), failed: before(line, "failed"), ignored: 0 }
    }
}

/// The number that stands before a word: `3 passed`.
fn before(line: &str, word: &str) -> u32 {
    let words: Vec<&str> =
        line.split([' ', ',', ';', '(', ')', '.']).filter(|word| !word.is_empty()).collect();
    let wanted: Vec<&str> = word.split(' ').collect();
    let found = words.windows(wanted.len() + 1).find(|window| window[1..] == wanted[..]);
    found.and_then(|window| window[0].parse().ok()).unwrap_or(0)
}

/// Without the escapes that colour a line.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn nextest_is_read_with_and_without_colour() {
        let said =
            "     Summary [   0.010s] 7 tests run: 4 passed (1 slow), 2 failed, 1 timed out, 3 skipped\n";
        assert_eq!(Tally::read(said), Tally { passed: 4, failed: 3, ignored: 3 });
        let said = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.010s] 2 tests run: \u{1b}[1m2\u{1b}[0m passed, 0 skipped";
        assert_eq!(Tally::read(said), Tally { passed: 2, failed: 0, ignored: 0 });
    }

    #[test]
    fn vitest_is_read_with_and_without_colour() {
        let said =
            " Test Files  1 failed | 6 passed (7)\n      Tests  2 failed | 67 passed | 1 skipped (70)\n";
        assert_eq!(Tally::read(said), Tally { passed: 67, failed: 2, ignored: 1 });
        let said =
            "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m70 passed\u{1b}[39m\u{1b}[22m\u{1b}[90m (70)";
        assert_eq!(Tally::read(said), Tally { passed: 70, failed: 0, ignored: 0 });
    }

    #[test]
    fn the_results_of_all_test_binaries_are_added_up() {
        let said = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                    noise\ntest result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(Tally::read(said), Tally { passed: 5, failed: 1, ignored: 1 });
    }

    #[test]
    fn what_nextest_quotes_is_not_counted_again() {
        let said = "    test result: FAILED. 0 passed; 1 failed; 0 ignored\n  Summary [ 1s] 2 tests run: 1 passed, 1 failed";
        assert_eq!(Tally::read(said), Tally { passed: 1, failed: 1, ignored: 0 });
    }

    #[test]
    fn noise_is_no_result() {
        assert_eq!(Tally::read("12 passed by, 3 failed\n"), Tally::default());
    }
}
