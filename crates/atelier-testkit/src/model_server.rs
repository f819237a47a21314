//! A model server that follows a script and remembers everything it was asked.
//!
//! Owns: its thread, its runtime, its port. Does not own: what is asserted about the requests; that is the test's.
//! Invariants: it speaks the real protocols over a real socket; the answer to a request depends on the request and
//! the script, never on the clock or on what else is under way (`Nth` and `times` excepted, which count arrivals).

use axum::serve::ListenerExt;
use ledger::{Hold, Ledger};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

pub use ledger::{Call, Seen};
pub use script::{Fault, Matcher, Reply, Script};

mod chat;
mod embed;
mod ledger;
mod plan;
mod route;
mod script;
mod wire;

pub struct ModelServer {
    address: SocketAddr,
    ledger: Arc<Ledger>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Holds back the requests that fit, until it is released or dropped.
pub struct HoldHandle {
    hold: Arc<Hold>,
    ledger: Arc<Ledger>,
}

impl ModelServer {
    pub fn start() -> Self {
        Self::with(Script::new())
    }

    pub fn with(script: Script) -> Self {
        Self::at(0, script)
    }

    /// On a given port: to bring back a server that was stopped, or to run one by hand.
    pub fn at(port: u16, script: Script) -> Self {
        let ledger = Ledger::new(script);
        let (stop, stopped) = oneshot::channel();
        let (ready, address) = std::sync::mpsc::channel();
        let book = Arc::clone(&ledger);
        let thread = std::thread::Builder::new()
            .name("scripted-model-server".to_owned())
            .spawn(move || serve(port, book, stopped, &ready))
            .expect("a thread for the model server");
        let address = address.recv().expect("the model server's address");
        Self { address, ledger, stop: Some(stop), thread: Some(thread) }
    }

    /// For OpenAI-compatible clients: `http://127.0.0.1:PORT/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// For Ollama's clients: `http://127.0.0.1:PORT`.
    pub fn ollama_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// As a model's name is spelled on the command line: `openai:scripted@http://127.0.0.1:PORT/v1`.
    pub fn spec(&self) -> String {
        format!("openai:scripted@{}", self.base_url())
    }

    pub fn ollama_spec(&self) -> String {
        format!("ollama:scripted@{}", self.ollama_url())
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Replaces the script from the next request on.
    pub fn script(&self, script: Script) {
        self.ledger.edit_script(|current| *current = script);
    }

    /// Adds a rule behind those that are there.
    pub fn when(&self, matcher: impl Into<Matcher>, reply: impl Into<Reply>) {
        let (matcher, reply) = (matcher.into(), reply.into());
        self.ledger.edit_script(|script| *script = std::mem::take(script).when(matcher, reply));
    }

    /// Adds a rule that is used up after `n` requests.
    pub fn times(&self, n: usize, matcher: impl Into<Matcher>, reply: impl Into<Reply>) {
        let (matcher, reply) = (matcher.into(), reply.into());
        self.ledger.edit_script(|script| *script = std::mem::take(script).times(n, matcher, reply));
    }

    /// Everything it was asked, in order of arrival.
    pub fn requests(&self) -> Vec<Seen> {
        self.ledger.requests()
    }

    /// The chat calls among them.
    pub fn calls(&self) -> Vec<Seen> {
        self.requests().into_iter().filter(|seen| matches!(seen.call, Call::Chat(_))).collect()
    }

    /// How many chat calls came in; probes for models and embeddings are not among them.
    pub fn count(&self) -> usize {
        self.ledger.n_chats()
    }

    /// Waits until `n` chat calls came in; false when the deadline has passed.
    pub fn wait_for(&self, n: usize, deadline: Duration) -> bool {
        self.wait_until(deadline, |seen| seen.iter().filter(|s| matches!(s.call, Call::Chat(_))).count() >= n)
    }

    /// Waits until `n` chat calls were answered to their end.
    pub fn wait_finished(&self, n: usize, deadline: Duration) -> bool {
        let done = |s: &&Seen| s.finished && matches!(s.call, Call::Chat(_));
        self.wait_until(deadline, |seen| seen.iter().filter(done).count() >= n)
    }

    pub fn wait_until(&self, deadline: Duration, met: impl Fn(&[Seen]) -> bool) -> bool {
        self.ledger.wait(deadline, met)
    }

    /// Forgets what it was asked and counts from 1 again. The script stays as it is, used-up rules included.
    pub fn reset(&self) {
        self.ledger.reset();
    }

    /// From now on, requests that fit get nothing before `release`.
    pub fn hold(&self, matcher: impl Into<Matcher>) -> HoldHandle {
        let hold = self.ledger.hold(matcher.into(), None);
        HoldHandle { hold, ledger: Arc::clone(&self.ledger) }
    }

    /// As `hold`, in the middle of a streamed answer: after so many chunks of its text.
    pub fn hold_after(&self, n_chunks: usize, matcher: impl Into<Matcher>) -> HoldHandle {
        let hold = self.ledger.hold(matcher.into(), Some(n_chunks));
        HoldHandle { hold, ledger: Arc::clone(&self.ledger) }
    }

    /// Closes every connection and the port, and gives the port's number.
    pub fn stop(mut self) -> u16 {
        self.shut_down();
        self.address.port()
    }

    fn shut_down(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the model server's thread ends in order");
        }
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // In a test that fails already a second panic would abort it.
            let _ = thread.join();
        }
    }
}

impl HoldHandle {
    /// How many requests wait here at this moment.
    pub fn n_held(&self) -> usize {
        self.hold.n_held()
    }

    /// Waits until `n` requests wait here; false when the deadline has passed.
    pub fn wait_held(&self, n: usize, deadline: Duration) -> bool {
        self.ledger.wait_held(&self.hold, n, deadline)
    }

    /// Lets all of them go on, and holds no further ones.
    pub fn release(self) {
        drop(self);
    }
}

impl Drop for HoldHandle {
    fn drop(&mut self) {
        self.ledger.release(&self.hold);
    }
}

fn serve(
    port: u16,
    ledger: Arc<Ledger>,
    stopped: oneshot::Receiver<()>,
    ready: &std::sync::mpsc::Sender<SocketAddr>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener =
            tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("a port for the model server");
        ready.send(listener.local_addr().expect("a bound address")).expect("somebody waits for the address");
        let app = axum::Router::new().fallback(move |request| route::answer(Arc::clone(&ledger), request));
        // Either way it is over: stopped by its owner, or its owner is gone.
        let prompt = listener.tap_io(|socket| socket.set_nodelay(true).expect("chunks go out at once"));
        let server = axum::serve(prompt, app);
        tokio::select! {
            ended = server.into_future() => ended.expect("the server goes on until it is stopped"),
            _ = stopped => {}
        }
    });
    runtime.shutdown_background();
}
