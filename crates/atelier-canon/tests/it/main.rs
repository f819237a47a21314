//! What holds of the truth of a story, whatever happened to it.

mod cases;
mod incremental;
mod laws;
