//! A terminal with a person before it: what is finished scrolls away, what grows stands below, and below that is what
//! is being typed.

use console::{Style, Term, measure_text_width, truncate_str};

use super::teller::{Call, Teller, Word};
use crate::output;
use crate::text::clean;

/// Lines of a growing text that are shown at most.
const TAIL: usize = 10;

#[derive(Debug)]
pub(crate) struct Screen {
    plain: bool,
    typed: bool,
    /// The living part, as it was drawn last.
    drawn: Vec<String>,
    /// Kept from the last picture, because finished texts are told with it.
    colours: super::crew::Crew,
}

impl Screen {
    pub(crate) fn new(plain: bool, typed: bool) -> Self {
        Self { plain, typed, drawn: Vec::new(), colours: super::crew::Crew::default() }
    }

    /// Things that happened: above the living part, for good.
    pub(crate) fn told(&mut self, words: &[Word]) {
        if words.is_empty() {
            return;
        }
        let width = width();
        let mut text = self.erase();
        for word in words {
            match word {
                Word::Line(line) => {
                    text.push_str(&format!("{}\n", self.paint(&clean(line), &Style::new().dim())));
                }
                Word::Alarm(line) => {
                    text.push_str(&format!("{}\n", self.paint(&clean(line), &Style::new().red())));
                }
                Word::Text { agent, place, text: written } => {
                    text.push_str(&format!("\n{}\n", self.heading(agent, place, "")));
                    for line in wrapped(&clean(written), width.saturating_sub(2)) {
                        text.push_str(&format!("  {line}\n"));
                    }
                    text.push('\n');
                }
            }
        }
        text.push_str(&self.drawn.join("\n"));
        output::talk_raw(&text);
    }

    /// The living part anew.
    pub(crate) fn draw(&mut self, teller: &Teller, typed: &str) {
        self.colours = teller.crew.clone();
        let (height, width) = Term::stderr().size();
        let (height, width) = (usize::from(height), usize::from(width).max(20));
        let room = height.saturating_sub(4) / teller.calls.len().max(1);
        let tail = room.saturating_sub(2).clamp(1, TAIL);
        let mut lines = Vec::new();
        for ((path, _), call) in &teller.calls {
            lines.push(self.heading(&call.agent, path, &self.call(call)));
            let text = wrapped(&clean(&call.text.shown()), width.saturating_sub(3));
            let from = text.len().saturating_sub(tail);
            lines.extend(text[from..].iter().map(|line| format!("  {line}")));
        }
        lines.push(self.status(teller));
        if self.typed {
            lines.push(format!("› {}", end_of(typed, width.saturating_sub(4))));
        }
        let lines: Vec<String> = lines
            .iter()
            .rev()
            .take(height.saturating_sub(1))
            .rev()
            .map(|line| truncate_str(line, width - 1, "…").into_owned())
            .collect();
        if lines != self.drawn {
            let text = self.erase() + &lines.join("\n");
            self.drawn = lines;
            output::talk_raw(&text);
        }
    }

    /// What takes the living part away.
    fn erase(&self) -> String {
        match self.drawn.len() {
            0 => String::new(),
            1 => "\r\u{1b}[J".to_owned(),
            n => format!("\r\u{1b}[{}A\u{1b}[J", n - 1),
        }
    }

    fn heading(&self, agent: &str, place: &str, more: &str) -> String {
        let colour = self.colours.colour(agent);
        let name = if agent.is_empty() { place.to_owned() } else { self.colours.name(agent) };
        let name = self.paint(&format!("● {name}"), &Style::new().fg(colour).bold());
        let place = if agent.is_empty() { String::new() } else { format!("  {place}") };
        format!("{name}{}", self.paint(&format!("{place}{more}"), &Style::new().dim()))
    }

    fn call(&self, call: &Call) -> String {
        format!(" · {} · {} s", call.model, call.since.elapsed().as_secs())
    }

    fn status(&self, teller: &Teller) -> String {
        let how = if self.typed { "type to tell the crew something · " } else { "" };
        let text =
            format!("{} steps done, {} calls at work · {how}Ctrl-C pauses", teller.done, teller.calls.len());
        self.paint(&text, &Style::new().dim())
    }

    fn paint(&self, text: &str, style: &Style) -> String {
        if self.plain {
            text.to_owned()
        } else {
            style.clone().force_styling(true).apply_to(text).to_string()
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        output::talk_raw(&self.erase());
    }
}

fn width() -> usize {
    usize::from(Term::stderr().size().1).max(20)
}

/// The last so many columns of a line.
fn end_of(line: &str, columns: usize) -> String {
    let mut kept: Vec<char> = Vec::new();
    let mut width = 0;
    for c in line.chars().rev() {
        width += measure_text_width(c.encode_utf8(&mut [0; 4]));
        if width > columns {
            break;
        }
        kept.push(c);
    }
    kept.into_iter().rev().collect()
}

/// Lines of at most so many columns, broken between words; a longer word stands alone and is cut where it is drawn.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut out = Vec::new();
    for line in text.lines() {
        let indent: String = line.chars().take_while(|c| *c == ' ').collect();
        let mut current = indent.clone();
        for word in line.split_whitespace() {
            let longer = measure_text_width(&current) + 1 + measure_text_width(word);
            if longer > columns && current.trim() != "" {
                out.push(std::mem::replace(&mut current, indent.clone()));
            }
            if current.trim() != "" {
                current.push(' ');
            }
            current.push_str(word);
        }
        out.push(current);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_keep_their_indent() {
        assert_eq!(wrapped("  one two three\nfour", 9), ["  one two", "  three", "four"]);
        assert_eq!(wrapped("", 9), Vec::<String>::new());
    }

    #[test]
    fn the_end_of_a_long_line_is_what_is_seen() {
        assert_eq!(end_of("abcdef", 3), "def");
        assert_eq!(end_of("ab漢字", 4), "漢字");
    }
}
