//! The clock and the source of ids: the only places where the outside world's time and randomness come in.

use std::time::{SystemTime, UNIX_EPOCH};

use atelier_domain::Timestamp;
use atelier_domain::id::IdSource;
use uuid::Uuid;

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "this is where the clock comes in")]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// When the present day began, where this machine is.
pub(crate) fn today() -> Timestamp {
    let now = now();
    let begun = jiff::Timestamp::from_microsecond(now.micros()).ok().and_then(|at| {
        let midnight = at.to_zoned(jiff::tz::TimeZone::system()).start_of_day().ok()?;
        Some(Timestamp::from_micros(midnight.timestamp().as_microsecond()))
    });
    begun.unwrap_or(now)
}

/// New random ids, sorted by time.
#[derive(Debug, Clone, Copy, Default)]
pub struct FreshIds;

impl IdSource for FreshIds {
    #[expect(clippy::disallowed_methods, reason = "this is where randomness comes in")]
    fn next_id(&mut self) -> Uuid {
        Uuid::now_v7()
    }
}
