//! The studio over HTTP: `/api/v1` over the application's requests, and what stands beside it.
//!
//! Owns: the listening door, who may come in, how requests and answers are written. Does not own: what a request means
//! (`atelier-runtime`); nothing is decided here.
//!
//! One file per resource; each names its routes, and the document that describes them is made from the handlers.

mod address;
mod answer;
mod ask;
mod buckets;
mod connection;
mod control;
mod crews;
mod events;
mod forms;
mod gates;
mod guard;
mod health;
mod live;
mod models;
mod openapi;
mod outputs;
mod overview;
mod page;
mod problem;
mod projects;
mod runs;
mod settings;
mod stream;

use std::net::SocketAddr;
use std::sync::Arc;

use atelier_runtime::{Failure, Request, Studio};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::codes;

pub use address::loopback;
pub use openapi::document;

/// A listening door on this machine.
#[derive(Debug)]
pub struct HttpServer {
    listener: TcpListener,
    address: SocketAddr,
}

/// What every handler may use. Cheap to clone.
#[derive(Clone)]
struct Api {
    inner: Arc<Inner>,
}

struct Inner {
    studio: Studio,
    live: live::Live,
}

impl Api {
    /// The application's answer.
    async fn ask(&self, request: Request) -> Result<Value, problem::Problem> {
        Ok(self.inner.studio.handle(request).await?)
    }

    fn live(&self) -> &live::Live {
        &self.inner.live
    }

    fn studio(&self) -> &Studio {
        &self.inner.studio
    }
}

impl HttpServer {
    /// Takes the address.
    pub async fn bind(address: SocketAddr) -> Result<Self, Failure> {
        let taken = |error: std::io::Error| {
            let hint = "choose another port, or stop the program that has it";
            Failure::refused(codes::ADDRESS_UNUSABLE, format!("cannot listen on {address}: {error}"), hint)
        };
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self { listener, address })
    }

    /// Where it listens: the port that was found when port 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown`, then lets answers that were begun come to their end.
    pub async fn serve(self, studio: Studio, shutdown: CancellationToken) {
        let live = live::Live::begin(&studio, shutdown.clone());
        let api = Api { inner: Arc::new(Inner { studio, live }) };
        let tasks = api.studio().tasks().clone();
        let app = openapi::router(api);
        connection::accept(self.listener, app, &tasks, shutdown).await;
    }
}
