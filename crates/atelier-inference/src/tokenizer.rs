//! Text to tokens and back, from the metadata of a GGUF file.
//!
//! Owns: the byte-level BPE of the file, its control tokens, the exact count of a text's tokens.
//! Does not own: weights. It is `Send + Sync` and needs no model thread.
//! Invariant: plain text never becomes a control token; only a rendered chat template may hold them.

use crate::error::Error;
use crate::gguf::{self, Gguf};
use std::path::Path;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{SplitDelimiterBehavior, Tokenizer};

/// Counts the tokens of texts exactly as the model sees them.
pub struct TokenCounter {
    tokenizer: Tokenizer,
    pieces: Vec<Piece>,
    /// Control tokens with their names, the longest first.
    controls: Vec<(String, u32)>,
    ends: Vec<u32>,
    begin: Option<u32>,
}

/// What a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Bytes(Vec<u8>),
    /// Steers the model; never part of a text.
    Control(String),
}

impl TokenCounter {
    /// Reads the metadata of a GGUF file, not its weights.
    pub fn open(path: &Path) -> Result<Self, Error> {
        gguf::guarded(path, || Self::read(&Gguf::open(path)?))
    }

    /// How many tokens this text is inside a message.
    pub fn count(&self, text: &str) -> usize {
        self.plain(text).len()
    }

    pub(crate) fn read(file: &Gguf) -> Result<Self, Error> {
        let unknown = |kind: &str| Error::Tokenizer { path: file.path.clone(), kind: kind.to_owned() };
        let kind = file.text("tokenizer.ggml.model").unwrap_or("none");
        if kind != "gpt2" {
            return Err(unknown(kind));
        }
        let names = strings(file, "tokenizer.ggml.tokens")?;
        let mut bpe = BPE::builder().vocab_and_merges(vocabulary(&names), merges(file)?);
        if file.text("tokenizer.ggml.pre") == Some("llama-bpe") {
            bpe = bpe.ignore_merges(true);
        }
        let bpe = bpe.build().map_err(|error| file.bad(format!("its tokenizer: {error}")))?;
        let mut tokenizer = Tokenizer::new(bpe);
        let pre = file.text("tokenizer.ggml.pre").unwrap_or("default");
        tokenizer.with_pre_tokenizer(Some(pre_tokenizer(pre).ok_or_else(|| unknown(pre))?));
        let pieces = pieces(file, names);
        let mut controls: Vec<(String, u32)> = (0u32..)
            .zip(&pieces)
            .filter_map(|(id, piece)| match piece {
                Piece::Control(name) if !name.is_empty() => Some((name.clone(), id)),
                _ => None,
            })
            .collect();
        controls.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let begin = match file.flag("tokenizer.ggml.add_bos_token") {
            Some(true) => id(file, "tokenizer.ggml.bos_token_id", pieces.len()),
            _ => None,
        };
        Ok(Self { ends: ends(file, &controls, pieces.len())?, tokenizer, controls, begin, pieces })
    }

    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Tokens after which an answer is complete; the first is the model's own.
    pub(crate) fn ends(&self) -> &[u32] {
        &self.ends
    }

    pub(crate) fn name(&self, token: u32) -> &str {
        match self.pieces.get(token as usize) {
            Some(Piece::Control(name)) => name,
            _ => "",
        }
    }

    pub(crate) fn plain(&self, text: &str) -> Vec<u32> {
        match self.tokenizer.encode_fast(text, false) {
            Ok(encoding) => encoding.get_ids().to_vec(),
            // The byte alphabet covers every text and no truncation is set: there is nothing left that can fail.
            Err(error) => {
                tracing::error!(%error, "a text could not be tokenized");
                Vec::new()
            }
        }
    }

    /// The tokens of a rendered template: names of control tokens become those tokens.
    pub(crate) fn rendered(&self, text: &str) -> Vec<u32> {
        let mut out: Vec<u32> = Vec::new();
        let mut rest = text;
        while let Some((at, name, token)) = self.first_control(rest) {
            if at > 0 {
                out.extend(self.plain(&rest[..at]));
            }
            out.push(token);
            rest = &rest[at + name.len()..];
        }
        if !rest.is_empty() {
            out.extend(self.plain(rest));
        }
        match self.begin {
            Some(begin) if out.first() != Some(&begin) => [vec![begin], out].concat(),
            _ => out,
        }
    }

    /// A message's text with the names of control tokens broken up, so that it cannot steer the template.
    pub(crate) fn disarm(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((at, name, _)) = self.first_control(rest) {
            let head = name.chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..at + head]);
            out.push(' ');
            rest = &rest[at + head..];
        }
        out.push_str(rest);
        out
    }

    fn first_control<'a>(&'a self, text: &str) -> Option<(usize, &'a str, u32)> {
        self.controls
            .iter()
            .filter_map(|(name, id)| Some((text.find(name.as_str())?, name.as_str(), *id)))
            .min_by_key(|(at, name, _)| (*at, std::cmp::Reverse(name.len())))
    }
}

fn strings(file: &Gguf, key: &str) -> Result<Vec<String>, Error> {
    let list = file.list(key).ok_or_else(|| file.bad(format!("the key {key} is missing")))?;
    let texts = list.iter().map(|value| value.to_string().cloned());
    texts
        .collect::<Result<_, _>>()
        .map_err(|_| file.bad(format!("the key {key} holds something that is no text")))
}

fn vocabulary(names: &[String]) -> Vocab {
    names.iter().cloned().zip(0u32..).collect()
}

fn merges(file: &Gguf) -> Result<Vec<(String, String)>, Error> {
    strings(file, "tokenizer.ggml.merges")?
        .iter()
        .map(|merge| {
            let (left, right) = merge
                .split_once(' ')
                .ok_or_else(|| file.bad(format!("the merge \"{merge}\" is not a pair")))?;
            Ok((left.to_owned(), right.to_owned()))
        })
        .collect()
}

fn pre_tokenizer(name: &str) -> Option<PreTokenizerWrapper> {
    const LLAMA_3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    const QWEN_2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    let by_pattern = |pattern: &str| {
        let pattern = SplitPattern::Regex(pattern.to_owned());
        let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false).ok()?;
        let bytes = ByteLevel::new(false, false, false);
        Some(Sequence::new(vec![split.into(), bytes.into()]).into())
    };
    let words = ByteLevel::new(false, true, true);
    match name {
        "smollm" => Some(Sequence::new(vec![Digits::new(true).into(), words.into()]).into()),
        "gpt-2" | "default" => Some(words.into()),
        "llama-bpe" | "llama3" => by_pattern(LLAMA_3),
        "qwen2" | "deepseek-r1-qwen" => by_pattern(QWEN_2),
        _ => None,
    }
}

/// GGUF's token kinds: 1 normal, 2 unknown, 3 control, 4 user-defined (literal text), 5 unused, 6 byte.
fn pieces(file: &Gguf, names: Vec<String>) -> Vec<Piece> {
    let kinds = file.list("tokenizer.ggml.token_type").unwrap_or_default();
    let bytes_of = byte_alphabet();
    names
        .into_iter()
        .enumerate()
        .map(|(at, name)| {
            let kind = kinds.get(at).and_then(|kind| kind.to_i32().ok()).unwrap_or(1);
            match kind {
                2 | 3 | 5 => Piece::Control(name),
                4 => Piece::Bytes(name.into_bytes()),
                _ => Piece::Bytes(decode(&name, &bytes_of)),
            }
        })
        .collect()
}

fn decode(name: &str, bytes_of: &[Option<u8>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    for letter in name.chars() {
        match bytes_of.get(letter as usize).copied().flatten() {
            Some(byte) => out.push(byte),
            None => out.extend(letter.to_string().bytes()),
        }
    }
    out
}

/// GPT-2's way to write bytes as letters: printable ones as themselves, the others from U+0100 on.
fn byte_alphabet() -> Vec<Option<u8>> {
    let mut table = vec![None; 0x200];
    let mut next = 0x100;
    for byte in 0..=255u8 {
        let own = matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
        let letter = if own { usize::from(byte) } else { next };
        next += usize::from(!own);
        table[letter] = Some(byte);
    }
    table
}

fn ends(file: &Gguf, controls: &[(String, u32)], count: usize) -> Result<Vec<u32>, Error> {
    const NAMES: [&str; 5] = ["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "</s>"];
    let mut ends = Vec::new();
    for key in ["eos_token_id", "eot_token_id"] {
        ends.extend(id(file, &format!("tokenizer.ggml.{key}"), count));
    }
    if ends.is_empty() {
        return Err(file.bad("the key tokenizer.ggml.eos_token_id is missing or out of range"));
    }
    let named = controls.iter().filter(|(name, _)| NAMES.contains(&name.as_str()));
    ends.extend(named.map(|(_, id)| *id));
    Ok(ends)
}

fn id(file: &Gguf, key: &str, count: usize) -> Option<u32> {
    let id = file.number(key).filter(|id| *id < count)?;
    u32::try_from(id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_byte_alphabet_covers_all_bytes_once() {
        let mut seen: Vec<u8> = byte_alphabet().into_iter().flatten().collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..=255).collect::<Vec<u8>>());
        assert_eq!(decode("Ġthe", &byte_alphabet()), b" the");
    }
}
