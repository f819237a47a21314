//! The queue before one endpoint: so many calls at a time, and lanes take turns, so that one project with many calls
//! cannot keep another one waiting behind all of them.
//!
//! Invariants: never more permits than the limit; a permit is given back when dropped, wherever; a call that stops
//! waiting is skipped; within a lane first come, first served.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

#[derive(Debug, Clone)]
pub(crate) struct FairQueue {
    shared: Arc<Mutex<State>>,
}

/// The right to make one call.
#[derive(Debug)]
pub(crate) struct Permit {
    queue: Option<FairQueue>,
}

#[derive(Debug)]
struct State {
    n_free: usize,
    /// Only lanes in which somebody waits, the next one to be served first.
    lanes: VecDeque<Lane>,
}

#[derive(Debug)]
struct Lane {
    name: String,
    waiting: VecDeque<oneshot::Sender<Permit>>,
}

impl FairQueue {
    pub(crate) fn new(limit: usize) -> Self {
        let state = State { n_free: limit.max(1), lanes: VecDeque::new() };
        Self { shared: Arc::new(Mutex::new(state)) }
    }

    /// A place that is free right now; nobody waits while there is one.
    pub(crate) fn acquire_now(&self) -> Option<Permit> {
        self.state().take_free().then(|| self.permit())
    }

    /// Waits for its turn. Dropping the future leaves the queue.
    pub(crate) async fn acquire(&self, lane: &str) -> Permit {
        let turn = {
            let mut state = self.state();
            if state.take_free() {
                return self.permit();
            }
            let (ours, turn) = oneshot::channel();
            state.enqueue(lane, ours);
            turn
        };
        // The sender is only dropped with the queue, which `self` keeps; should it ever be, going ahead is right.
        turn.await.unwrap_or_else(|_| Permit { queue: None })
    }

    fn release(self) {
        let mut permit = Permit { queue: Some(self.clone()) };
        loop {
            let Some(next) = self.state().dequeue_or_free() else {
                permit.queue = None;
                return;
            };
            match next.send(permit) {
                Ok(()) => return,
                Err(refused) => permit = refused,
            }
        }
    }

    fn permit(&self) -> Permit {
        Permit { queue: Some(self.clone()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_free(&mut self) -> bool {
        let is_free = self.n_free > 0;
        self.n_free -= usize::from(is_free);
        is_free
    }

    fn enqueue(&mut self, name: &str, ours: oneshot::Sender<Permit>) {
        match self.lanes.iter_mut().find(|lane| lane.name == name) {
            Some(lane) => lane.waiting.push_back(ours),
            None => self.lanes.push_back(Lane { name: name.to_owned(), waiting: VecDeque::from([ours]) }),
        }
    }

    /// The next one to be served, its lane going to the back; without one, a place becomes free.
    fn dequeue_or_free(&mut self) -> Option<oneshot::Sender<Permit>> {
        while let Some(mut lane) = self.lanes.pop_front() {
            let next = lane.waiting.pop_front();
            if !lane.waiting.is_empty() {
                self.lanes.push_back(lane);
            }
            if next.is_some() {
                return next;
            }
        }
        self.n_free += 1;
        None
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(queue) = self.queue.take() {
            queue.release();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use futures::future::BoxFuture;

    type Waiter<'a> = BoxFuture<'a, Permit>;

    fn waiting<'a>(queue: &'a FairQueue, lane: &'a str) -> Waiter<'a> {
        let mut turn = queue.acquire(lane).boxed();
        assert!((&mut turn).now_or_never().is_none(), "nobody is served while all places are taken");
        turn
    }

    fn served(waiter: &mut Waiter<'_>) -> Option<Permit> {
        waiter.now_or_never()
    }

    #[test]
    fn a_place_is_taken_at_once_only_where_one_is_free() {
        let queue = FairQueue::new(1);
        let held = queue.acquire_now();
        assert!(held.is_some());
        assert!(queue.acquire_now().is_none());
        let mut waiter = waiting(&queue, "a");
        drop(held);
        assert!(queue.acquire_now().is_none(), "who waits comes first");
        drop(served(&mut waiter).expect("its turn has come"));
        assert!(queue.acquire_now().is_some());
    }

    #[test]
    fn lanes_take_turns() {
        let queue = FairQueue::new(1);
        let mut held = queue.acquire("a").now_or_never();
        assert!(held.is_some());
        let lanes = ["a", "a", "a", "b", "c", "b"];
        let mut waiters: Vec<_> = lanes.iter().map(|lane| (*lane, waiting(&queue, lane), false)).collect();
        let mut order = Vec::new();
        for _ in 0..lanes.len() {
            drop(held.take());
            for (lane, waiter, done) in waiters.iter_mut().filter(|(_, _, done)| !done) {
                if let Some(permit) = served(waiter) {
                    order.push(*lane);
                    *done = true;
                    held = Some(permit);
                    break;
                }
            }
        }
        assert_eq!(order, ["a", "b", "c", "a", "b", "a"]);
    }

    #[test]
    fn who_stops_waiting_is_skipped_and_costs_no_place() {
        let queue = FairQueue::new(2);
        let held = [queue.acquire("a").now_or_never(), queue.acquire("a").now_or_never()];
        let gone = waiting(&queue, "a");
        let mut stays = waiting(&queue, "a");
        drop(gone);
        drop(held);
        assert!(served(&mut stays).is_some());
        let all = [queue.acquire("b").now_or_never(), queue.acquire("b").now_or_never()];
        assert!(all.iter().all(Option::is_some), "both places are free again");
        assert!(queue.acquire("b").now_or_never().is_none());
    }

    #[test]
    fn a_turn_that_was_given_and_never_taken_goes_to_the_next() {
        let queue = FairQueue::new(1);
        let held = queue.acquire("a").now_or_never();
        let given = waiting(&queue, "a");
        let mut next = waiting(&queue, "a");
        drop(held);
        drop(given);
        assert!(served(&mut next).is_some());
    }
}
