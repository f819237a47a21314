//! Server-sent events: the data of each event, out of bytes that come in pieces.
//!
//! Owns: lines into events as the HTML standard has them (several data lines are joined by LF, comments and other
//! fields are passed over). Does not own: what the data mean.
//! Invariant: one event's data is never longer than a line may be.

use crate::lines::{LINE_CAP, LineTooLong, Lines};

#[derive(Debug, Default)]
pub(crate) struct Sse {
    lines: Lines,
    data: Vec<u8>,
    has_data: bool,
    given: bool,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SseError {
    #[error(transparent)]
    TooLong(#[from] LineTooLong),
    #[error("an event is not UTF-8")]
    NotText,
}

impl Sse {
    pub(crate) fn feed(&mut self, piece: &[u8]) {
        self.lines.feed(piece);
    }

    /// The data of the next whole event.
    pub(crate) fn next_event(&mut self) -> Result<Option<&str>, SseError> {
        if std::mem::take(&mut self.given) {
            self.data.clear();
            self.has_data = false;
        }
        while let Some(line) = self.lines.next_line()? {
            if line.is_empty() {
                if self.has_data {
                    return self.give().map(Some);
                }
            } else if let Some(value) = data_of(line) {
                append(&mut self.data, &mut self.has_data, value)?;
            }
        }
        Ok(None)
    }

    /// What an ended stream left: the standard drops it, but servers leave out the last empty line.
    pub(crate) fn last_event(&mut self) -> Result<Option<&str>, SseError> {
        if let Some(value) = self.lines.rest().and_then(data_of) {
            append(&mut self.data, &mut self.has_data, value)?;
        }
        if self.has_data && !self.given { self.give().map(Some) } else { Ok(None) }
    }

    fn give(&mut self) -> Result<&str, SseError> {
        self.given = true;
        std::str::from_utf8(&self.data).map_err(|_| SseError::NotText)
    }
}

fn append(data: &mut Vec<u8>, has_data: &mut bool, value: &[u8]) -> Result<(), SseError> {
    if std::mem::replace(has_data, true) {
        data.push(b'\n');
    }
    if data.len() + value.len() > LINE_CAP {
        return Err(LineTooLong.into());
    }
    data.extend_from_slice(value);
    Ok(())
}

fn data_of(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"data")?;
    if rest.is_empty() {
        return Some(rest);
    }
    let value = rest.strip_prefix(b":")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<String> {
        let mut sse = Sse::default();
        let mut found = Vec::new();
        for piece in pieces {
            sse.feed(piece);
            while let Some(data) = sse.next_event().unwrap() {
                found.push(data.to_owned());
            }
        }
        found.extend(sse.last_event().unwrap().map(str::to_owned));
        found
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(events(&[text.as_bytes()]), expected, "whole");
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(events(&bytes), expected, "byte by byte");
    }

    #[test]
    fn events_are_divided_by_empty_lines_of_any_kind() {
        check("data: a\n\ndata: b\r\n\r\ndata: c\r\rdata:d\n\n", &["a", "b", "c", "d"]);
    }

    #[test]
    fn data_lines_are_joined_and_only_one_space_is_dropped() {
        check("data: a\ndata:  b\ndata\n\n", &["a\n b\n"]);
    }

    #[test]
    fn comments_and_other_fields_are_passed_over() {
        check("\u{feff}: hello\nevent: x\nid: 7\nretry: 1\ndatax: no\ndata: ü\n\n: bye\n\n", &["ü"]);
    }

    #[test]
    fn an_event_at_the_end_needs_no_empty_line() {
        check("data: a\n\ndata: [DONE]\n", &["a", "[DONE]"]);
        check("data: [DONE]", &["[DONE]"]);
        check("", &[]);
    }

    #[test]
    fn what_is_not_text_or_too_long_is_an_error() {
        let mut sse = Sse::default();
        sse.feed(b"data: \xff\xfe\n\n");
        assert_eq!(sse.next_event(), Err(SseError::NotText));
        let mut sse = Sse::default();
        let line = [b"data: ".as_slice(), &vec![b'x'; LINE_CAP / 2], b"\n"].concat();
        for _ in 0..3 {
            sse.feed(&line);
        }
        assert_eq!(sse.next_event(), Err(SseError::TooLong(LineTooLong)));
    }

    /// All events of a stream that comes in pieces of so many bytes; nothing more after an error.
    fn in_pieces(bytes: &[u8], size: usize) -> Vec<Result<String, SseError>> {
        let mut sse = Sse::default();
        let mut all = Vec::new();
        for piece in bytes.chunks(size) {
            sse.feed(piece);
            loop {
                match sse.next_event() {
                    Ok(Some(event)) => all.push(Ok(event.to_owned())),
                    Ok(None) => break,
                    Err(error) => {
                        all.push(Err(error));
                        return all;
                    }
                }
            }
        }
        match sse.last_event() {
            Ok(event) => all.extend(event.map(|event| Ok(event.to_owned()))),
            Err(error) => all.push(Err(error)),
        }
        all
    }

    #[test]
    fn any_bytes_give_the_same_events_in_whatever_pieces_they_come() {
        let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/sse");
        for bytes in atelier_testkit::corpus_and_mutations(&corpus, 3_000) {
            let whole = in_pieces(&bytes, bytes.len().max(1));
            for size in [1, 2, 3, 7] {
                assert_eq!(
                    in_pieces(&bytes, size),
                    whole,
                    "in pieces of {size}: {:?}",
                    String::from_utf8_lossy(&bytes)
                );
            }
        }
    }
}
