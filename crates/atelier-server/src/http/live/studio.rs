//! The stream of the whole studio: the events of all projects, and what passes in those that are watched.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use atelier_domain::ProjectId;
use axum::body::Bytes;
use futures::stream::{self, Stream};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::frame::{CallKey, Frame, What};
use super::{Live, Reading, lock};

const HEARTBEAT: Duration = Duration::from_secs(15);

struct Reader {
    live: Live,
    epoch: i64,
    watched: BTreeSet<ProjectId>,
    line: broadcast::Receiver<(u64, Arc<Frame>)>,
    ready: VecDeque<Bytes>,
    told: BTreeMap<CallKey, u64>,
    reached: u64,
    _reading: Reading,
}

/// Reads the studio, from a number on where that is still remembered; the stream ends with the studio.
pub(crate) fn read(
    live: &Live,
    watched: BTreeSet<ProjectId>,
    last: Option<(i64, u64)>,
) -> impl Stream<Item = Bytes> + Send + use<> {
    let mut ready = VecDeque::from([Bytes::from_static(b": the studio listens\nretry: 1000\n\n")]);
    let (line, epoch, reached) = {
        // Nothing is told between the look at the ring and the place in the line.
        let ring = lock(&live.inner.ring);
        let first = ring.kept.front().map_or(ring.last + 1, |(n, _)| *n);
        match last {
            Some((epoch, n)) if epoch == ring.epoch && n <= ring.last && n + 1 >= first => {
                let missed = ring.kept.iter().filter(|(kept, _)| *kept > n);
                ready.extend(missed.map(|(n, frame)| frame.numbered(ring.epoch, *n)));
            }
            Some(_) => ready.push_back(Frame::resync(ring.last).numbered(ring.epoch, ring.last)),
            None => {}
        }
        ready.push_back(Bytes::from(format!("id: {}-{}\n\n", ring.epoch, ring.last)));
        (ring.line.subscribe(), ring.epoch, ring.last)
    };
    let reading = Reading::new(live);
    let (told, live) = (BTreeMap::new(), live.clone());
    let mut reader = Reader { live, epoch, watched, line, ready, told, reached, _reading: reading };
    reader.tell_calls();
    stream::unfold(Box::new(reader), |mut reader| async move {
        let next = reader.next().await?;
        Some((next, reader))
    })
}

impl Reader {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                return Some(bytes);
            }
            let live = self.live.clone();
            let heard = tokio::select! {
                biased;
                () = live.inner.shutdown.cancelled() => return None,
                heard = self.line.recv() => heard,
                () = tokio::time::sleep(HEARTBEAT) => return Some(Bytes::from_static(b":\n\n")),
            };
            match heard {
                Ok((n, frame)) => {
                    if let Some(bytes) = self.take(n, &frame) {
                        return Some(bytes);
                    }
                }
                Err(RecvError::Lagged(_)) => self.begin_anew(),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn take(&mut self, n: u64, frame: &Frame) -> Option<Bytes> {
        if !frame.is_notice() {
            self.reached = n;
            return Some(frame.numbered(self.epoch, n));
        }
        if !frame.project.is_some_and(|project| self.watched.contains(&project)) {
            return None;
        }
        let What::Delta { call, at, more } = &frame.what else {
            return (!frame.text.is_empty()).then(|| frame.text.clone());
        };
        match self.told.get(call) {
            Some(known) if at < known => {
                let rest = usize::try_from(known - at).ok().and_then(|known| more.get(known..))?;
                let project = frame.project?;
                (!rest.is_empty()).then(|| Frame::delta(project, call.clone(), *known, rest).text)
            }
            Some(_) => {
                self.told.remove(call);
                Some(frame.text.clone())
            }
            None => Some(frame.text.clone()),
        }
    }

    /// It was too slow: whatever it shows it has to fetch anew.
    fn begin_anew(&mut self) {
        self.live.inner.resyncs.fetch_add(1, Ordering::Relaxed);
        let (line, last) = {
            let ring = lock(&self.live.inner.ring);
            (ring.line.subscribe(), ring.last)
        };
        self.line = line;
        self.reached = last;
        self.ready.push_back(Frame::resync(last).numbered(self.epoch, last));
        self.tell_calls();
    }

    fn tell_calls(&mut self) {
        self.told.clear();
        for project in self.watched.clone() {
            for call in self.live.inner.studio.in_flight(project) {
                self.ready.push_back(Frame::calling(project, &call).text);
                self.told.insert((call.run, call.path, call.attempt), call.text.len() as u64);
            }
        }
    }
}
