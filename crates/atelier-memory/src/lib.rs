//! Finding passages again: by meaning, by words, and both as one list.
//!
//! Owns: vectors and the exact scan over them, a full-text index, putting two rankings together, the bytes of the file
//! that keeps vectors. Does not own: passages and who may see them, what makes vectors out of texts, files. Nothing here
//! acts.
//!
//! A passage is known by its row, a number that the caller gives and remembers. Rows are never taken away: who asks says
//! which of them count, so that all branches of a project share one index.
//!
//! **Invariant**: an answer names a row once, and only rows that the asker lets count.

pub mod file;
mod fuse;
mod kernel;
mod top;
mod vectors;
mod words;

pub use fuse::{Hit, fuse};
pub use kernel::Kernel;
pub use vectors::{Vectors, WrongLength};
pub use words::Words;

/// A passage in an index.
pub type Row = u32;

/// A row with what speaks for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The row.
    pub row: Row,
    /// The more the better; comparable only within one answer.
    pub score: f32,
}
