//! Waiting for something that has no signal of its own: ask again until it is there or the deadline has passed.

use std::time::{Duration, Instant};

/// Asks `look` until it gives a value. Panics with `what` when the deadline has passed.
#[track_caller]
pub fn eventually<T>(deadline: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    match poll(deadline, &mut look) {
        Some(found) => found,
        None => panic!("not within {deadline:?}: {what}"),
    }
}

/// As `eventually`, for callers that have more to say when it does not happen.
pub(crate) fn poll<T>(deadline: Duration, look: &mut dyn FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + deadline;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        let left = end.checked_duration_since(Instant::now())?;
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}
