//! One answer as a list of steps, and its way onto the wire.
//!
//! Invariant: a request counts as finished just before its last bytes are handed over, never earlier.

use super::ledger::{Hold, Track};
use axum::body::{Body, Bytes};
use axum::response::Response;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Plan {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) content_type: &'static str,
    /// Before the head is sent.
    pub(crate) before: Vec<Step>,
    pub(crate) body: Vec<Step>,
}

pub(crate) enum Step {
    Wait(Duration),
    Send(Bytes),
    Hold(Arc<Hold>),
    Hang,
    Cut,
}

impl Plan {
    /// Everything in one piece.
    pub(crate) fn whole(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let body = vec![Step::Send(body.into())];
        Self { status, headers: Vec::new(), content_type, before: Vec::new(), body }
    }

    pub(crate) fn hang() -> Self {
        Self { before: vec![Step::Hang], ..Self::whole(200, "text/plain", "") }
    }

    pub(crate) async fn play(self, mut track: Track) -> Response {
        for step in self.before {
            pause(&step, &track).await;
        }
        let mut response = Response::builder().status(self.status).header("content-type", self.content_type);
        for (name, value) in &self.headers {
            response = response.header(name, value);
        }
        let body = match &self.body[..] {
            [] => {
                track.finish();
                Body::empty()
            }
            [Step::Send(bytes)] => {
                track.finish();
                Body::from(bytes.clone())
            }
            _ => stream(self.body, track),
        };
        response.body(body).expect("status and headers of a script are legal")
    }
}

fn stream(steps: Vec<Step>, track: Track) -> Body {
    let steps = VecDeque::from(steps);
    Body::from_stream(futures::stream::unfold((steps, track), |(mut steps, mut track)| async move {
        loop {
            match steps.pop_front()? {
                Step::Send(bytes) => {
                    if steps.is_empty() {
                        track.finish();
                    }
                    return Some((Ok(bytes), (steps, track)));
                }
                Step::Cut => {
                    // A turn of the loop lets what was sent before reach the socket.
                    tokio::task::yield_now().await;
                    track.close();
                    return Some((Err(std::io::Error::other("cut by the script")), (VecDeque::new(), track)));
                }
                step => pause(&step, &track).await,
            }
        }
    }))
}

async fn pause(step: &Step, track: &Track) {
    match step {
        Step::Wait(time) if !time.is_zero() => tokio::time::sleep(*time).await,
        Step::Hold(hold) => track.ledger().pass(hold).await,
        Step::Hang => std::future::pending().await,
        Step::Wait(_) | Step::Send(_) | Step::Cut => {}
    }
}
