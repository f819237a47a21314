//! Placeholder until its first room is built.
