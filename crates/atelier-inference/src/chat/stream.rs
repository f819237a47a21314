//! Bytes of tokens to text that can be shown.
//!
//! Invariants: only whole characters leave; text that may be the start of a stop text waits.

pub(super) struct Stream {
    text: String,
    /// How much of the text has left.
    shown: usize,
    /// The start of a character whose end has not come.
    partial: Vec<u8>,
    stops: Vec<String>,
    stopped: bool,
}

impl Stream {
    pub(super) fn new(stops: &[String]) -> Self {
        Self { text: String::new(), shown: 0, partial: Vec::new(), stops: stops.to_vec(), stopped: false }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.stopped {
            return;
        }
        self.partial.extend_from_slice(bytes);
        let bytes = std::mem::take(&mut self.partial);
        for chunk in bytes.utf8_chunks() {
            self.text.push_str(chunk.valid());
            let invalid = chunk.invalid();
            let last = invalid.as_ptr_range().end == bytes.as_ptr_range().end;
            if last && is_start(invalid) {
                self.partial = invalid.to_vec();
            } else if !invalid.is_empty() {
                self.text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        self.stop();
    }

    /// What may be shown now; each piece is given once.
    pub(super) fn ready(&mut self) -> &str {
        let held = if self.stopped { 0 } else { self.held() };
        self.show(self.text.len() - held)
    }

    /// All that is left at the end of the answer. Half a character is dropped.
    pub(super) fn rest(&mut self) -> &str {
        self.show(self.text.len())
    }

    pub(super) fn stopped(&self) -> bool {
        self.stopped
    }

    /// The text that left.
    pub(super) fn into_text(mut self) -> String {
        self.text.truncate(self.shown);
        self.text
    }

    fn show(&mut self, end: usize) -> &str {
        let start = self.shown;
        self.shown = end.max(start);
        &self.text[start..self.shown]
    }

    fn stop(&mut self) {
        let unseen = &self.text[self.shown..];
        let found = self.stops.iter().filter_map(|stop| unseen.find(stop.as_str())).min();
        if let Some(at) = found {
            self.text.truncate(self.shown + at);
            self.stopped = true;
        }
    }

    /// Length of the longest end of the text that a stop text begins with.
    fn held(&self) -> usize {
        let unseen = &self.text[self.shown..];
        let starts = |stop: &String| {
            (1..stop.len())
                .rev()
                .filter(|length| stop.is_char_boundary(*length))
                .find(|length| unseen.ends_with(&stop[..*length]))
        };
        self.stops.iter().filter_map(starts).max().unwrap_or(0)
    }
}

/// Bytes that more bytes could make a character.
fn is_start(bytes: &[u8]) -> bool {
    let wanted = match bytes.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => return false,
    };
    bytes.len() < wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(stops: &[&str], chunks: &[&[u8]]) -> Vec<String> {
        let stops: Vec<String> = stops.iter().map(|stop| (*stop).to_owned()).collect();
        let mut stream = Stream::new(&stops);
        let mut out = Vec::new();
        for chunk in chunks {
            stream.push(chunk);
            out.push(stream.ready().to_owned());
        }
        out.push(stream.rest().to_owned());
        assert_eq!(stream.into_text(), out.concat());
        out
    }

    #[test]
    fn a_character_is_never_split() {
        let bytes = "aé🐉".as_bytes();
        let chunks: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(pieces(&[], &chunks), ["a", "", "é", "", "", "", "🐉", ""]);
    }

    #[test]
    fn wrong_bytes_become_the_replacement_character() {
        assert_eq!(pieces(&[], &[b"a\xff", b"\xe2\x82", b"b"]), ["a\u{fffd}", "", "\u{fffd}b", ""]);
    }

    #[test]
    fn a_stop_text_ends_the_answer_and_is_not_shown() {
        assert_eq!(pieces(&["END"], &[b"one E", b"ND two"]), ["one ", "", ""]);
        assert_eq!(pieces(&["END"], &[b"one E", b"nough"]), ["one ", "Enough", ""]);
        assert_eq!(pieces(&["END"], &[b"one EN"]), ["one ", "EN"]);
    }
}
