//! Lines out of bytes that come in pieces: for server-sent events and for newline-delimited JSON.
//!
//! Invariants: a line ends at LF, CR or CRLF, wherever the pieces are cut; no line is longer than the cap, so that a
//! server that never ends one cannot fill the memory.

pub(crate) const LINE_CAP: usize = 1024 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Lines {
    buffer: Vec<u8>,
    /// Where the first line that was not given yet begins.
    start: usize,
    /// Up to where no line end was found.
    scanned: usize,
    /// The last line ended with CR: an LF right after it belongs to that.
    skip_lf: bool,
    past_bom: bool,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line is longer than {LINE_CAP} bytes")]
pub(crate) struct LineTooLong;

impl Lines {
    pub(crate) fn feed(&mut self, piece: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.scanned -= self.start;
            self.start = 0;
        }
        self.buffer.extend_from_slice(piece);
    }

    /// The next whole line, without its end.
    pub(crate) fn next_line(&mut self) -> Result<Option<&[u8]>, LineTooLong> {
        self.skip();
        let fresh = &self.buffer[self.scanned..];
        let Some(length) = fresh.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            self.scanned = self.buffer.len();
            return if self.scanned - self.start > LINE_CAP { Err(LineTooLong) } else { Ok(None) };
        };
        // Only the very first bytes can be a mark of the byte order.
        self.past_bom = true;
        let (begin, end) = (self.start, self.scanned + length);
        self.skip_lf = self.buffer[end] == b'\r';
        self.start = end + 1;
        self.scanned = self.start;
        if end - begin > LINE_CAP { Err(LineTooLong) } else { Ok(Some(&self.buffer[begin..end])) }
    }

    /// What is left when nothing more comes: a last line without an end.
    pub(crate) fn rest(&mut self) -> Option<&[u8]> {
        self.skip();
        Some(&self.buffer[self.start..]).filter(|rest| !rest.is_empty())
    }

    fn skip(&mut self) {
        let ahead = &self.buffer[self.start..];
        let mut n = 0;
        if !self.past_bom && ahead.len() >= 3 {
            self.past_bom = true;
            n = if ahead.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        }
        if self.skip_lf && !ahead.is_empty() {
            self.skip_lf = false;
            n += usize::from(ahead[0] == b'\n');
        }
        self.start += n;
        self.scanned = self.scanned.max(self.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for piece in pieces {
            lines.feed(piece);
            while let Some(line) = lines.next_line().unwrap() {
                found.push(String::from_utf8(line.to_vec()).unwrap());
            }
        }
        found.extend(lines.rest().map(|rest| format!("rest:{}", String::from_utf8_lossy(rest))));
        found
    }

    #[test]
    fn lines_are_the_same_wherever_the_pieces_are_cut() {
        let whole = "\u{feff}one\r\ntwo\n\nthree\rfour\r\n\r\nfünf".as_bytes();
        let expected = ["one", "two", "", "three", "four", "", "rest:fünf"];
        assert_eq!(lines_of(&[whole]), expected);
        let bytes: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(lines_of(&bytes), expected);
        for cut in 0..whole.len() {
            assert_eq!(lines_of(&[&whole[..cut], &whole[cut..]]), expected, "cut at {cut}");
        }
    }

    #[test]
    fn a_line_without_end_is_refused_at_the_cap() {
        let mut lines = Lines::default();
        lines.feed(&vec![b'x'; LINE_CAP]);
        assert_eq!(lines.next_line(), Ok(None));
        lines.feed(b"x");
        assert_eq!(lines.next_line(), Err(LineTooLong));
        let mut whole = Lines::default();
        whole.feed(&[vec![b'x'; LINE_CAP + 1], vec![b'\n']].concat());
        assert_eq!(whole.next_line(), Err(LineTooLong));
    }
}
