//! JSON schemas enforced token by token.
//!
//! Invariant: every token that is let through keeps the answer a prefix of a document that the schema allows.

use crate::error::Error;
use crate::tokenizer::{Piece, TokenCounter};
use llguidance::api::TopLevelGrammar;
use llguidance::{Matcher, ParserFactory};
use serde_json::{Value, json};
use std::sync::Arc;
use toktrie::{InferenceCapabilities, SimpleVob, TokEnv, TokRxInfo, TokTrie, TokenId, TokenizerEnv};

/// The model's tokens, prepared once for all schemas.
pub(crate) struct Grammars {
    factory: ParserFactory,
}

/// One answer on its way through a schema.
pub(crate) struct Constraint {
    matcher: Matcher,
}

impl Grammars {
    pub(crate) fn new(tokens: Arc<TokenCounter>) -> Result<Self, Error> {
        let environment: TokEnv = Arc::new(Environment { trie: trie(&tokens), tokens });
        let can = InferenceCapabilities { ff_tokens: true, ..InferenceCapabilities::default() };
        let slices = llguidance::earley::SlicedBiasComputer::json_slices();
        let mut factory = ParserFactory::new(&environment, can, &slices).map_err(wrong)?;
        factory.quiet();
        Ok(Self { factory })
    }

    pub(crate) fn constrain(&self, schema: &Value) -> Result<Constraint, Error> {
        let mut schema = schema.clone();
        match schema.as_object_mut() {
            // One way to write a document: small models would else fill it with blanks.
            Some(map) => map.insert(
                "x-guidance".to_owned(),
                json!({"whitespace_flexible": false, "item_separator": ", ", "key_separator": ": "}),
            ),
            None => return Err(wrong("it is not an object")),
        };
        let grammar = TopLevelGrammar::from_json_schema(schema);
        let parser = self.factory.create_parser(grammar).map_err(wrong)?;
        let matcher = Matcher::new(Ok(parser));
        match matcher.get_error() {
            Some(error) => Err(wrong(error)),
            None => Ok(Constraint { matcher }),
        }
    }
}

impl Constraint {
    pub(crate) fn allowed(&mut self) -> Result<SimpleVob, Error> {
        self.matcher.compute_mask_or_eos().map_err(wrong)
    }

    pub(crate) fn accept(&mut self, token: u32) -> Result<(), Error> {
        self.matcher.consume_token(token).map_err(wrong)
    }

    /// Tokens that must follow whatever the model thinks; they are accepted already.
    pub(crate) fn forced(&mut self) -> Vec<u32> {
        self.matcher.consume_ff_tokens()
    }

    /// The document is complete and nothing may follow.
    pub(crate) fn complete(&self) -> bool {
        self.matcher.is_stopped()
    }
}

struct Environment {
    trie: TokTrie,
    tokens: Arc<TokenCounter>,
}

impl TokenizerEnv for Environment {
    fn tok_trie(&self) -> &TokTrie {
        &self.trie
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<TokenId> {
        self.trie.tokenize_with_greedy_fallback(bytes, |text| self.tokens.plain(text))
    }
}

fn trie(tokens: &TokenCounter) -> TokTrie {
    let words: Vec<Vec<u8>> = tokens
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Bytes(bytes) => bytes.clone(),
            Piece::Control(name) => {
                let mut word = vec![TokTrie::SPECIAL_TOKEN_MARKER];
                word.extend(name.bytes());
                word
            }
        })
        .collect();
    let end = tokens.ends().first().copied().unwrap_or_default();
    TokTrie::from(&TokRxInfo::new(words.len() as u32, end), &words)
}

fn wrong(reason: impl ToString) -> Error {
    let text = reason.to_string();
    Error::Schema { reason: text.lines().next().unwrap_or_default().to_owned() }
}
