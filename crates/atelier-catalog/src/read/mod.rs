//! From a file to a piece of a definition.
//!
//! Owns: which keys a file may have and what their values may be. Does not own: whether names in it lead anywhere and
//! whether its templates can be filled (`crate::check`).

pub(crate) mod agent;
pub(crate) mod bucket_type;
pub(crate) mod parts;
pub(crate) mod section;
pub(crate) mod workflow;
