//! The breaker of one endpoint: after some calls in a row that nobody answered, calls fail at once for a while, then
//! one is let through to see.
//!
//! Owns: the counting. Does not own: the clock; time comes in as milliseconds since any fixed moment.
//! Invariants: while half open exactly one call is under way; a call that was given up proves nothing and frees its
//! place; each pause is twice the one before, up to a limit, until a call succeeds.

const FAILURES_TO_OPEN: u32 = 5;
const FIRST_PAUSE_MS: u64 = 2_000;
const LONGEST_PAUSE_MS: u64 = 30_000;

#[derive(Debug)]
pub(crate) struct Breaker {
    state: State,
    pause_ms: u64,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Closed { n_failures: u32 },
    Open { until_ms: u64 },
    HalfOpen { until_ms: u64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The endpoint answered, with whatever.
    Answered,
    NobodyThere,
    /// Cancelled, dropped, or failed before anything was sent.
    Unknown,
}

impl Breaker {
    pub(crate) fn new() -> Self {
        Self { state: State::Closed { n_failures: 0 }, pause_ms: FIRST_PAUSE_MS }
    }

    /// Lets a call through, or says in how many milliseconds to come again.
    pub(crate) fn admit(&mut self, now_ms: u64) -> Result<(), u64> {
        match self.state {
            State::Closed { .. } => Ok(()),
            State::Open { until_ms } if now_ms < until_ms => Err(until_ms - now_ms),
            State::Open { until_ms } => {
                self.state = State::HalfOpen { until_ms };
                Ok(())
            }
            State::HalfOpen { .. } => Err(self.pause_ms),
        }
    }

    pub(crate) fn settle(&mut self, outcome: Outcome, now_ms: u64) {
        match (outcome, &self.state) {
            (Outcome::Answered, _) => *self = Self::new(),
            (Outcome::NobodyThere, State::Closed { n_failures }) if n_failures + 1 < FAILURES_TO_OPEN => {
                self.state = State::Closed { n_failures: n_failures + 1 };
            }
            (Outcome::NobodyThere, State::Closed { .. }) => self.open(now_ms),
            (Outcome::NobodyThere, State::HalfOpen { .. }) => {
                self.pause_ms = (self.pause_ms * 2).min(LONGEST_PAUSE_MS);
                self.open(now_ms);
            }
            (Outcome::Unknown, State::HalfOpen { until_ms }) => {
                self.state = State::Open { until_ms: *until_ms };
            }
            // Calls that were under way when it opened tell nothing new.
            (Outcome::NobodyThere, State::Open { .. }) | (Outcome::Unknown, _) => {}
        }
    }

    fn open(&mut self, now_ms: u64) {
        self.state = State::Open { until_ms: now_ms + self.pause_ms };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened_at(now_ms: u64) -> Breaker {
        let mut breaker = Breaker::new();
        for _ in 0..FAILURES_TO_OPEN {
            assert_eq!(breaker.admit(now_ms), Ok(()));
            breaker.settle(Outcome::NobodyThere, now_ms);
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_not_before() {
        let mut breaker = Breaker::new();
        for _ in 0..3 {
            for _ in 1..FAILURES_TO_OPEN {
                breaker.settle(Outcome::NobodyThere, 0);
            }
            assert_eq!(breaker.admit(0), Ok(()));
            breaker.settle(Outcome::Answered, 0);
        }
        assert_eq!(opened_at(100).admit(100), Err(FIRST_PAUSE_MS));
    }

    #[test]
    fn after_the_pause_one_call_sees_and_closes_it() {
        let mut breaker = opened_at(0);
        assert_eq!(breaker.admit(FIRST_PAUSE_MS - 1), Err(1));
        assert_eq!(breaker.admit(FIRST_PAUSE_MS), Ok(()));
        assert!(breaker.admit(FIRST_PAUSE_MS).is_err(), "a second call while one sees");
        breaker.settle(Outcome::Answered, FIRST_PAUSE_MS);
        assert_eq!(breaker.admit(FIRST_PAUSE_MS), Ok(()));
    }

    #[test]
    fn each_failed_look_doubles_the_pause_up_to_a_limit() {
        let mut breaker = opened_at(0);
        let mut now = FIRST_PAUSE_MS;
        let mut pauses = Vec::new();
        for _ in 0..6 {
            assert_eq!(breaker.admit(now), Ok(()));
            breaker.settle(Outcome::NobodyThere, now);
            let pause = breaker.admit(now).unwrap_err();
            pauses.push(pause);
            now += pause;
        }
        assert_eq!(pauses, [4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    }

    #[test]
    fn a_look_that_was_given_up_frees_its_place() {
        let mut breaker = opened_at(0);
        assert_eq!(breaker.admit(FIRST_PAUSE_MS), Ok(()));
        breaker.settle(Outcome::Unknown, FIRST_PAUSE_MS);
        assert_eq!(breaker.admit(FIRST_PAUSE_MS), Ok(()));
    }
}
