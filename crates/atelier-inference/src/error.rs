//! What can go wrong between a model file and its words.

use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read the model file {}", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot write the model file {}", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{} is not a model that can be used: {reason}", path.display())]
    Malformed { path: PathBuf, reason: String },
    #[error("{} has the architecture \"{architecture}\", which the embedded engine does not run (it runs: {known})", path.display())]
    Architecture { path: PathBuf, architecture: String, known: &'static str },
    #[error("{} has a tokenizer of the kind \"{kind}\", which the embedded engine does not read", path.display())]
    Tokenizer { path: PathBuf, kind: String },
    #[error("the chat template of the model failed: {reason}")]
    Template { reason: String },
    #[error("the prompt has {prompt_tokens} tokens, but the model's context holds {context_tokens}")]
    PromptTooLong { prompt_tokens: usize, context_tokens: usize },
    #[error("the output schema cannot be enforced: {reason}")]
    Schema { reason: String },
    #[error("the request is wrong: {reason}")]
    Request { reason: String },
    #[error("cannot start {threads} inference threads: {reason}")]
    Threads { threads: usize, reason: String },
}

impl Error {
    /// What a person can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Read { .. } => Some("run `cargo xtask setup` or give the path of a GGUF file"),
            Self::Malformed { .. } => {
                Some("the file may be cut or damaged: fetch it again, or run `cargo xtask setup`")
            }
            Self::Architecture { .. } | Self::Tokenizer { .. } => Some(
                "choose another GGUF file, or serve this one with llama.cpp or Ollama and use it from there",
            ),
            Self::PromptTooLong { .. } => {
                Some("shorten the context of the step or choose a model with a longer context")
            }
            Self::Schema { .. } => Some("simplify the output schema of the agent"),
            Self::Write { .. } => Some("check the rights and the free space of the folder"),
            Self::Template { .. } | Self::Request { .. } | Self::Threads { .. } => None,
        }
    }

    pub(crate) fn malformed(path: &Path, reason: impl ToString) -> Self {
        Self::Malformed { path: path.to_path_buf(), reason: reason.to_string() }
    }

    pub(crate) fn read(path: &Path, source: std::io::Error) -> Self {
        Self::Read { path: path.to_path_buf(), source }
    }
}
