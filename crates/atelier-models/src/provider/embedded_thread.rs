//! The threads that models inside the process live on: one for each model file, named after it, because a model
//! computes for seconds and must never stand in the way of anything that waits.
//!
//! Invariants: a thread ends when nobody can send it work any more; a model is loaded at its first use, and one that
//! could not be loaded is tried again at the next; whether its asker is still there is looked at between tokens.

use atelier_inference::{ChatModel, Embedder, Error, Generate, Generation, LoadOptions};
use std::ops::ControlFlow;
use std::path::PathBuf;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Deltas that may wait for a slow reader before the model does.
const DELTAS_AHEAD: usize = 64;
const JOBS_AHEAD: usize = 1;

pub(super) enum Event {
    Text(String),
    Done(Box<Result<Generation, Error>>),
}

pub(super) struct ChatJob {
    pub(super) generate: Generate,
    pub(super) cancel: CancellationToken,
    events: mpsc::Sender<Event>,
}

pub(super) struct EmbedJob {
    texts: Vec<String>,
    done: oneshot::Sender<Result<Vec<Vec<f32>>, Error>>,
}

impl ChatJob {
    pub(super) fn new(generate: Generate, cancel: CancellationToken) -> (Self, mpsc::Receiver<Event>) {
        let (events, receiver) = mpsc::channel(DELTAS_AHEAD);
        (Self { generate, cancel, events }, receiver)
    }

    fn is_given_up(&self) -> bool {
        self.cancel.is_cancelled() || self.events.is_closed()
    }

    fn run(&self, model: &mut ChatModel) -> Result<Generation, Error> {
        model.generate(&self.generate, &mut |text| {
            let told = text.is_empty() || self.events.blocking_send(Event::Text(text.to_owned())).is_ok();
            if told && !self.is_given_up() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
    }
}

impl EmbedJob {
    #[expect(clippy::type_complexity, reason = "the two halves of one channel, named nowhere else")]
    pub(super) fn new(texts: Vec<String>) -> (Self, oneshot::Receiver<Result<Vec<Vec<f32>>, Error>>) {
        let (done, receiver) = oneshot::channel();
        (Self { texts, done }, receiver)
    }
}

pub(super) fn chat(path: PathBuf, threads: usize) -> std::io::Result<mpsc::Sender<ChatJob>> {
    let mut loaded: Option<ChatModel> = None;
    worker(&path.clone(), move |job: ChatJob| {
        if job.is_given_up() {
            return;
        }
        let result = load_once(&mut loaded, || ChatModel::load(&path, &LoadOptions { threads }))
            .and_then(|model| job.run(model));
        // Without a reader nobody wants to know any more.
        drop(job.events.blocking_send(Event::Done(Box::new(result))));
    })
}

pub(super) fn embed(dir: PathBuf, threads: usize) -> std::io::Result<mpsc::Sender<EmbedJob>> {
    let mut loaded: Option<Embedder> = None;
    worker(&dir.clone(), move |job: EmbedJob| {
        if job.done.is_closed() {
            return;
        }
        let result =
            load_once(&mut loaded, || Embedder::load(&dir, &LoadOptions { threads })).and_then(|model| {
                let texts: Vec<&str> = job.texts.iter().map(String::as_str).collect();
                model.embed(&texts)
            });
        // As above.
        drop(job.done.send(result));
    })
}

fn load_once<M>(place: &mut Option<M>, load: impl FnOnce() -> Result<M, Error>) -> Result<&mut M, Error> {
    let model = match place.take() {
        Some(model) => model,
        None => load()?,
    };
    Ok(place.insert(model))
}

fn worker<J: Send + 'static>(
    file: &std::path::Path,
    mut work: impl FnMut(J) + Send + 'static,
) -> std::io::Result<mpsc::Sender<J>> {
    let (sender, mut jobs) = mpsc::channel(JOBS_AHEAD);
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    std::thread::Builder::new().name(format!("model {name}")).spawn(move || {
        while let Some(job) = jobs.blocking_recv() {
            work(job);
        }
    })?;
    Ok(sender)
}
