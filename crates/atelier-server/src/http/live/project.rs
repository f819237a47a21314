//! The stream of one project: every event once and in order, and what passes in between.
//!
//! **Invariant**: no event is left out or told twice, whatever happens to the connection; one who is too far behind is
//! told to read the log.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use atelier_domain::ProjectId;
use atelier_runtime::{Failure, LogRequest, Request};
use axum::body::Bytes;
use futures::stream::{self, Stream};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::frame::{CallKey, Frame, What};
use super::{Live, Reading};

/// A line that says nothing is sent when there was nothing to say for so long.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events read from the log at a time: what one who does not read makes us keep.
const AT_ONCE: usize = 32;
/// One who fell so far behind while reading is told to begin anew.
const TOO_FAR: u64 = 10_000;

/// Where a reader wants to begin.
#[derive(Debug, Clone, Copy)]
pub(crate) enum From {
    /// With what comes.
    Now,
    /// After this event.
    Event(u64),
    /// After this event of that epoch.
    Id(i64, u64),
}

struct Reader {
    live: Live,
    project: ProjectId,
    epoch: u64,
    reached: u64,
    frames: broadcast::Receiver<Arc<Frame>>,
    ready: VecDeque<Bytes>,
    /// How much of a call under way was told when it was told of.
    told: BTreeMap<CallKey, u64>,
    behind: bool,
    /// Whether it was level with the log once: only then can it be too slow.
    caught_up: bool,
    _reading: Reading,
}

/// Reads a project from somewhere on; the stream ends with the studio or the project.
pub(crate) async fn read(
    live: &Live,
    project: &str,
    from: From,
) -> Result<impl Stream<Item = Bytes> + Send + use<>, Failure> {
    let place = live.inner.studio.place(project).await?;
    // Listened to before the log is read: nothing falls between.
    let frames = live.watch(place.project);
    let mut ready = VecDeque::from([Bytes::from_static(b": the studio listens\nretry: 1000\n\n")]);
    let reached = match from {
        From::Event(seq) => seq.min(place.seq),
        From::Id(epoch, seq) if epoch == place.epoch as i64 => seq.min(place.seq),
        From::Id(..) => {
            // Another history: whatever was known of it holds no longer.
            ready.push_back(Frame::resync(0).numbered(place.epoch, 0));
            0
        }
        From::Now => place.seq,
    };
    // A number without anything else: a reader that loses the line before the first event comes back to here.
    ready.push_back(Bytes::from(format!("id: {}-{reached}\n\n", place.epoch)));
    let reader = Reader {
        live: live.clone(),
        project: place.project,
        epoch: place.epoch,
        reached,
        frames,
        ready,
        told: BTreeMap::new(),
        behind: true,
        caught_up: false,
        _reading: Reading::new(live),
    };
    Ok(stream::unfold(Box::new(reader), |mut reader| async move {
        let next = reader.next().await?;
        Some((next, reader))
    }))
}

impl Reader {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                return Some(bytes);
            }
            if self.behind {
                self.catch_up().await?;
                continue;
            }
            let live = self.live.clone();
            let frame = tokio::select! {
                biased;
                () = live.inner.shutdown.cancelled() => return None,
                frame = self.frames.recv() => frame,
                () = tokio::time::sleep(HEARTBEAT) => return Some(Bytes::from_static(b":\n\n")),
            };
            match frame {
                Ok(frame) => {
                    if let Some(bytes) = self.take(&frame) {
                        return Some(bytes);
                    }
                }
                Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn take(&mut self, frame: &Frame) -> Option<Bytes> {
        match &frame.what {
            What::Event(seq) if *seq <= self.reached => None,
            What::Event(seq) if *seq == self.reached + 1 => {
                self.reached = *seq;
                Some(frame.numbered(self.epoch, *seq))
            }
            What::Event(_) | What::Lost => {
                self.behind = true;
                None
            }
            What::Delta { call, at, more } => self.untold(call, *at, more, &frame.text),
            What::Notice | What::Studio => Some(frame.text.clone()),
        }
    }

    /// The part of an answer that was not told with the call itself.
    fn untold(&mut self, call: &CallKey, at: u64, more: &str, whole: &Bytes) -> Option<Bytes> {
        let known = match self.told.get(call) {
            Some(known) if at < *known => *known,
            Some(_) => {
                self.told.remove(call);
                return Some(whole.clone());
            }
            None => return Some(whole.clone()),
        };
        let rest = usize::try_from(known - at).ok().and_then(|known| more.get(known..))?;
        (!rest.is_empty()).then(|| Frame::delta(self.project, call.clone(), known, rest).text)
    }

    /// What the log has beyond what was told: a page of it, or that there is too much.
    async fn catch_up(&mut self) -> Option<()> {
        let studio = self.live.inner.studio.clone();
        let project = self.project.to_string();
        let place = studio.place(&project).await.ok()?;
        if place.epoch != self.epoch {
            self.epoch = place.epoch;
            self.reached = 0;
            self.ready.push_back(Frame::resync(0).numbered(self.epoch, 0));
        } else if self.caught_up && place.seq.saturating_sub(self.reached) > TOO_FAR {
            self.live.inner.resyncs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            self.reached = place.seq;
            self.ready.push_back(Frame::resync(place.seq).numbered(self.epoch, place.seq));
        }
        let wanted = LogRequest { project, since: self.reached, limit: AT_ONCE, ..LogRequest::default() };
        let page = match studio.handle(Request::Log(wanted)).await {
            Ok(page) => page,
            Err(error) => {
                tracing::debug!(%error, "a reader is let go: the log cannot be read");
                return None;
            }
        };
        let events = page.as_array().map(Vec::as_slice).unwrap_or_default();
        for event in events {
            let Some(frame) = Frame::listed(self.project, event) else { continue };
            if let What::Event(seq) = frame.what {
                self.reached = seq;
                self.ready.push_back(frame.numbered(self.epoch, seq));
            }
        }
        if events.len() < AT_ONCE {
            self.behind = false;
            self.caught_up = true;
            self.tell_calls();
        }
        Some(())
    }

    /// Tells of the calls under way, each with the text so far.
    fn tell_calls(&mut self) {
        self.told.clear();
        for call in self.live.inner.studio.in_flight(self.project) {
            self.ready.push_back(Frame::calling(self.project, &call).text);
            self.told.insert((call.run, call.path, call.attempt), call.text.len() as u64);
        }
    }
}
