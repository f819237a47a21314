//! The few facts of a GGUF file that are needed before its model is loaded: its context and its size.
//!
//! Invariant: only the head is read, and no length in it is believed beyond what a head can be.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// Longer names, or more entries, than any real file has.
const LONGEST_TEXT: u64 = 16 * 1024 * 1024;
const MOST_ENTRIES: u64 = 4_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) context_tokens: Option<u32>,
    pub(crate) n_parameters: u64,
}

pub(crate) fn read_facts(path: &Path) -> io::Result<Facts> {
    read_head(&mut Head { from: BufReader::with_capacity(1 << 16, File::open(path)?) })
}

struct Head<R> {
    from: R,
}

fn read_head<R: Read>(head: &mut Head<R>) -> io::Result<Facts> {
    if &head.bytes::<4>()? != b"GGUF" {
        return Err(bad("it does not begin like a GGUF file"));
    }
    if !(2..=3).contains(&head.u32()?) {
        return Err(bad("its version is not known"));
    }
    let n_tensors = head.count()?;
    let n_entries = head.count()?;
    let mut context_tokens = None;
    for _ in 0..n_entries {
        let key = head.text()?;
        let kind = head.u32()?;
        let number = head.value(kind)?;
        if key.ends_with(b".context_length") {
            context_tokens = number.and_then(|n| u32::try_from(n).ok());
        }
    }
    let mut n_parameters = 0u64;
    for _ in 0..n_tensors {
        n_parameters = n_parameters.saturating_add(head.tensor()?);
    }
    Ok(Facts { context_tokens, n_parameters })
}

impl<R: Read> Head<R> {
    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn u32(&mut self) -> io::Result<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> io::Result<u64> {
        self.bytes().map(u64::from_le_bytes)
    }

    fn count(&mut self) -> io::Result<u64> {
        let n = self.u64()?;
        if n <= MOST_ENTRIES { Ok(n) } else { Err(bad("it claims more entries than a file has")) }
    }

    fn text(&mut self) -> io::Result<Vec<u8>> {
        let length = self.u64()?;
        if length > LONGEST_TEXT {
            return Err(bad("it claims a text that is too long"));
        }
        let mut text = Vec::new();
        let n = (&mut self.from).take(length).read_to_end(&mut text)?;
        if u64::try_from(n).is_ok_and(|n| n == length) { Ok(text) } else { Err(bad("it ends too early")) }
    }

    /// Reads over a value; gives it where it is a whole number.
    fn value(&mut self, kind: u32) -> io::Result<Option<u64>> {
        Ok(match kind {
            0 | 1 | 7 => Some(u64::from(self.bytes::<1>()?[0])),
            2 | 3 => Some(u64::from(u16::from_le_bytes(self.bytes()?))),
            4 | 5 => Some(u64::from(self.u32()?)),
            10 | 11 => Some(self.u64()?),
            6 => {
                self.bytes::<4>()?;
                None
            }
            12 => {
                self.bytes::<8>()?;
                None
            }
            8 => {
                self.text()?;
                None
            }
            9 => {
                let of = self.u32()?;
                if of == 9 {
                    return Err(bad("it has lists of lists"));
                }
                for _ in 0..self.count()? {
                    self.value(of)?;
                }
                None
            }
            _ => return Err(bad("it has a value of an unknown kind")),
        })
    }

    /// How many parameters the next tensor has.
    fn tensor(&mut self) -> io::Result<u64> {
        self.text()?;
        let n_dimensions = self.u32()?;
        if n_dimensions > 8 {
            return Err(bad("it has a tensor of too many dimensions"));
        }
        let mut n = 1u64;
        for _ in 0..n_dimensions {
            n = n.saturating_mul(self.u64()?);
        }
        self.u32()?;
        self.u64()?;
        Ok(n)
    }
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(out: &mut Vec<u8>, text: &str) {
        out.extend((text.len() as u64).to_le_bytes());
        out.extend(text.as_bytes());
    }

    fn file() -> Vec<u8> {
        let mut out = b"GGUF".to_vec();
        out.extend(3u32.to_le_bytes());
        out.extend(1u64.to_le_bytes());
        out.extend(2u64.to_le_bytes());
        text(&mut out, "tokenizer.ggml.tokens");
        out.extend(9u32.to_le_bytes());
        out.extend(8u32.to_le_bytes());
        out.extend(1u64.to_le_bytes());
        text(&mut out, "a token");
        text(&mut out, "llama.context_length");
        out.extend(4u32.to_le_bytes());
        out.extend(8192u32.to_le_bytes());
        text(&mut out, "weights");
        out.extend(2u32.to_le_bytes());
        out.extend(30u64.to_le_bytes());
        out.extend(20u64.to_le_bytes());
        out.extend([0; 12]);
        out
    }

    fn read(bytes: &[u8]) -> io::Result<Facts> {
        read_head(&mut Head { from: bytes })
    }

    #[test]
    fn the_context_and_the_parameters_are_read_from_the_head() {
        assert_eq!(read(&file()).unwrap(), Facts { context_tokens: Some(8192), n_parameters: 600 });
    }

    #[test]
    fn a_head_that_is_cut_anywhere_is_an_error() {
        let whole = file();
        for n in 0..whole.len() {
            assert!(read(&whole[..n]).is_err(), "cut at {n}");
        }
        let mut huge = whole;
        huge[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(read(&huge).is_err());
    }

    #[test]
    fn any_head_is_read_or_refused() {
        for bytes in atelier_testkit::mutations(vec![file()], 20_000) {
            let facts = read(&bytes);
            assert!(facts.is_err() || bytes.starts_with(b"GGUF"), "{bytes:?}");
        }
    }
}
