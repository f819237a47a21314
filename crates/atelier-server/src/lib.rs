//! Being asked by others: the owner's socket, and the same requests over HTTP.
//!
//! Owns: the socket file, its lines, who may connect, the routes and shapes of the API. Does not own: what a request
//! means (`atelier-runtime`), and nothing is decided here.
//!
//! **Invariant**: a request that was read is carried out and answered; one that was not read is told so (`bye`), so
//! that nobody has to guess whether something happened.

mod client;
pub mod codes;
mod http;
mod line;
mod place;
pub mod schema;
mod socket;
mod wire;

pub use client::{Client, Following};
pub use http::{HttpServer, document, loopback};
pub use socket::SocketServer;
