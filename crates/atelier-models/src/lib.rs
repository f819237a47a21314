//! The model gateway: the one door between every agent and every model.
//!
//! Owns: names of models, the providers, one call's life (queue, breaker, limits, streaming, normalised answers and
//! errors), prices, keys while they are used, and finding what is there.
//! Does not own: retries, fallbacks, which model is chosen, prompts, settings, receipts. Each of those is the
//! engine's or the runtime's; one `chat` is one request and has one outcome.
//! Invariants: an error never becomes text; an answer without an announced end is an error; a key goes only to the
//! endpoint it belongs to and is never in a message; nothing outlives its call but caches.

pub use chat::{Answer, ChatMessage, ChatRequest, Delta, FinishReason, Role, Usage};
pub use discover::Found;
pub use error::{CallError, CallErrorKind, ConfigError};
pub use estimate::estimate_tokens;
pub use gateway::{ContextSizes, Gateway, GatewayOptions, Turn};
pub use http::install_tls;
pub use install::{InstallError, Installed, InstalledKind, install};
pub use keys::Keys;
pub use limits::Limits;
pub use listing::{ModelListing, ModelTraits, TestReport};
pub use prices::{Price, Prices};
pub use spec::{ModelSpec, ProviderKind, SpecError};

mod breaker;
mod chat;
pub mod codes;
mod discover;
mod embed;
mod endpoint;
mod error;
mod estimate;
mod fair_queue;
mod fault;
mod gateway;
mod gguf;
mod http;
mod install;
mod keys;
mod limits;
mod lines;
mod listing;
mod prices;
mod provider;
mod spec;
mod sse;
mod talk;
