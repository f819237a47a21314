//! One line being typed, key by key.

/// What is typed so far.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    line: String,
    /// Bytes of a character that is not whole yet.
    partial: Vec<u8>,
    escape: Escape,
}

/// Where in a control sequence we are: arrows and their like are passed over.
#[derive(Debug, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    No,
    Begun,
    Inside,
}

impl Keys {
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    /// Takes what came from the keyboard; gives the lines that are finished by it.
    pub(crate) fn press(&mut self, bytes: &[u8]) -> Vec<String> {
        bytes.iter().filter_map(|byte| self.byte(*byte)).collect()
    }

    fn byte(&mut self, byte: u8) -> Option<String> {
        match self.escape {
            Escape::Begun => {
                self.escape = if matches!(byte, b'[' | b'O') { Escape::Inside } else { Escape::No };
                return None;
            }
            Escape::Inside => {
                if (0x40..0x7f).contains(&byte) {
                    self.escape = Escape::No;
                }
                return None;
            }
            Escape::No => {}
        }
        match byte {
            b'\r' | b'\n' => return Some(std::mem::take(&mut self.line)),
            0x1b => self.escape = Escape::Begun,
            0x08 | 0x7f => drop(self.line.pop()),
            0x15 => self.line.clear(),
            0x17 => self.cut_word(),
            0x00..0x20 => {}
            _ => self.letter(byte),
        }
        None
    }

    fn letter(&mut self, byte: u8) {
        self.partial.push(byte);
        match std::str::from_utf8(&self.partial) {
            Ok(text) => {
                self.line.push_str(text);
                self.partial.clear();
            }
            Err(error) if error.error_len().is_some() => self.partial.clear(),
            Err(_) => {}
        }
    }

    fn cut_word(&mut self) {
        let kept = self.line.trim_end().rfind(char::is_whitespace).map_or(0, |at| at + 1);
        self.line.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_typed_corrected_and_sent() {
        let mut keys = Keys::default();
        assert_eq!(keys.press("mor\u{7f}re fög\r".as_bytes()), ["more fög"]);
        assert!(keys.press(b"one two \x17").is_empty());
        assert_eq!(keys.line(), "one ");
        keys.press(b"\x15\x1b[Dx\x1bOA");
        assert_eq!(keys.line(), "x");
        keys.press(&[0xff, b'y']);
        assert_eq!(keys.press(b"\n"), ["xy"]);
    }
}
