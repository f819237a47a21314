//! The gateway against servers that speak the real protocols and fail in the real ways.

mod ask;
mod calls;
mod embedded;
mod faults;
mod limits;
mod ollama;
mod raw;
mod schema;
mod scripted;
mod speed;
