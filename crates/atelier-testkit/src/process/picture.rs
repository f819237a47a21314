//! What a terminal shows after some bytes: text, line ends, the few control sequences that move the cursor or erase.
//!
//! Does not own: colours, which are passed over. A sequence that it does not know is a mistake of the test's, and said.

/// Lines as a person sees them, those that scrolled away first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    lines: Vec<Vec<char>>,
    columns: usize,
    rows: usize,
    /// The cursor: line among all, column.
    at: (usize, usize),
}

impl Picture {
    pub(super) fn of(bytes: &str, columns: usize, rows: usize) -> Self {
        let mut picture = Self { lines: vec![Vec::new()], columns, rows, at: (0, 0) };
        let mut rest = bytes.chars();
        while let Some(c) = rest.next() {
            match c {
                '\u{1b}' => {
                    let mut sequence = String::new();
                    // A sequence that has not come whole yet ends the picture.
                    let Some('[') = rest.next() else { break };
                    for c in rest.by_ref() {
                        sequence.push(c);
                        if ('@'..='~').contains(&c) {
                            break;
                        }
                    }
                    picture.control(&sequence);
                }
                '\r' => picture.at.1 = 0,
                '\n' => picture.down(),
                '\u{7}' => {}
                '\u{8}' => picture.at.1 = picture.at.1.saturating_sub(1),
                c => picture.put(c),
            }
        }
        picture
    }

    /// All of it, without blanks at the ends of lines.
    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    pub fn lines(&self) -> Vec<String> {
        self.lines.iter().map(|line| line.iter().collect::<String>().trim_end().to_owned()).collect()
    }

    fn control(&mut self, sequence: &str) {
        let Some(last) = sequence.chars().last() else { return };
        let number = sequence[..sequence.len() - 1].parse().unwrap_or(0usize);
        match last {
            'A' => self.at.0 = self.at.0.saturating_sub(number.max(1)).max(self.top()),
            'B' => self.at.0 = (self.at.0 + number.max(1)).min(self.lines.len() - 1),
            'C' => self.at.1 = (self.at.1 + number.max(1)).min(self.columns - 1),
            'D' => self.at.1 = self.at.1.saturating_sub(number.max(1)),
            'G' => self.at.1 = number.max(1) - 1,
            'J' => {
                self.lines.truncate(self.at.0 + 1);
                self.lines[self.at.0].truncate(self.at.1);
            }
            'K' => self.lines[self.at.0].truncate(self.at.1),
            'm' | 'h' | 'l' => {}
            _ => panic!("a control sequence that the picture does not know: {sequence:?}"),
        }
    }

    /// The first line that has not scrolled away: nothing moves the cursor above it.
    fn top(&self) -> usize {
        self.lines.len().saturating_sub(self.rows)
    }

    fn down(&mut self) {
        self.at.0 += 1;
        if self.at.0 == self.lines.len() {
            self.lines.push(Vec::new());
        }
    }

    fn put(&mut self, c: char) {
        if self.at.1 == self.columns {
            self.at.1 = 0;
            self.down();
        }
        let line = &mut self.lines[self.at.0];
        if line.len() <= self.at.1 {
            line.resize(self.at.1 + 1, ' ');
        }
        line[self.at.1] = c;
        self.at.1 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::Picture;

    fn shown(bytes: &str) -> String {
        Picture::of(bytes, 10, 3).text()
    }

    #[test]
    fn text_is_written_wrapped_and_written_over() {
        assert_eq!(shown("one\r\ntwo\rT"), "one\nTwo");
        assert_eq!(shown("0123456789ab"), "0123456789\nab");
    }

    #[test]
    fn what_is_erased_is_gone_and_colours_are_passed_over() {
        assert_eq!(shown("a\r\nb\r\nc\r\u{1b}[1A\u{1b}[Jd"), "a\nd");
        assert_eq!(shown("\u{1b}[1;31mred\u{1b}[0m"), "red");
    }

    #[test]
    fn what_scrolled_away_cannot_be_reached() {
        assert_eq!(shown("a\r\nb\r\nc\r\nd\r\u{1b}[9A\u{1b}[Jx"), "a\nx");
    }

    #[test]
    fn half_a_sequence_shows_nothing() {
        assert_eq!(shown("a\u{1b}"), "a");
    }
}
