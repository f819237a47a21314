//! Crews: agents, workflows, bucket types and documents as files that a person can read and change.
//!
//! Owns: reading, layering and checking the files; turning them into the definition a run follows; filling prompts and
//! documents; reading JSON that is still growing. Does not own: what happens in a run (`atelier-engine`), models,
//! storage. The built-in crews in `crews/` are part of the binary and use nothing a user's crew could not.
//!
//! **Invariant**: text for models stands in the crews' files, never here.

mod builtin;
mod catalog;
mod check;
mod error;
mod finding;
mod inputs;
mod kinds;
mod layer;
mod nearest;
pub mod partial;
mod read;
pub mod render;
mod resolved;
mod schema;
mod template;
mod yaml;

pub use catalog::{Catalog, Entry, Item, Origin};
pub use error::Error;
pub use finding::Finding;
pub use inputs::{InputProblem, validate_inputs};
pub use layer::{CrewFile, Layer};
pub use partial::{PartialJson, shown};
pub use render::{RenderError, Rendered, Renderer};
pub use resolved::Resolved;
