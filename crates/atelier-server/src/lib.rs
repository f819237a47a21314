//! Being asked by others: the owner's socket, and a first page over HTTP.
//!
//! Owns: the socket file, its lines, who may connect, the few HTTP answers there are. Does not own: what a request
//! means (`atelier-runtime`), and nothing is decided here.
//!
//! **Invariant**: a request that was read is carried out and answered; one that was not read is told so (`bye`), so
//! that nobody has to guess whether something happened.

mod client;
pub mod codes;
mod http;
mod line;
mod place;
mod socket;
mod wire;

pub use client::{Client, Following};
pub use http::{HttpServer, loopback};
pub use socket::SocketServer;
