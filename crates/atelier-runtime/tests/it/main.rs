//! A studio in this process, over a folder of its own and a scripted model server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken expectation is a failed test"
)]

mod bed;
mod config;
mod feedback;
mod files;
mod follow;
mod full_disk;
mod gates;
mod life;
mod models;
mod projects;
mod recovery;
mod steering;
