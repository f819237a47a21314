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

/// New random ids, sorted by time.
#[derive(Debug, Clone, Copy, Default)]
pub struct FreshIds;

impl IdSource for FreshIds {
    #[expect(clippy::disallowed_methods, reason = "this is where randomness comes in")]
    fn next_id(&mut self) -> Uuid {
        Uuid::now_v7()
    }
}
