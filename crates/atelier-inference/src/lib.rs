//! Models inside the process: a GGUF chat model and a sentence-embedding model.
//!
//! Owns: reading model files, tokens, chat templates, the arithmetic, sampling, JSON-schema constraints, prompt caches.
//! Does not own: threads that wait for work, time limits, which model to use, anything of the studio's domain.
//! Invariants: the same request with the same seed gives the same text, whatever the number of threads and whatever
//! was cached before; a constrained answer that was not cut parses and validates; a file that cannot be used is an
//! error that names the file; a prompt is never cut silently.

mod chat;
mod embed;
mod error;
mod gguf;
mod kernel;
mod linear;
mod llama;
mod math;
mod requantize;
mod sampler;
mod schema;
mod template;
mod threads;
mod tokenizer;

pub use chat::{ChatModel, Finish, Generate, Generation, LoadOptions, Message};
pub use embed::Embedder;
pub use error::Error;
pub use requantize::{Requantized, requantize};
pub use tokenizer::TokenCounter;
