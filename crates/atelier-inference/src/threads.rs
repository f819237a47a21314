//! The pool a model computes on.
//!
//! Invariant: work is only split, never reduced across threads, so results do not depend on how many there are.

use crate::error::Error;
use rayon::prelude::*;

pub(crate) struct Threads {
    pool: Option<rayon::ThreadPool>,
    count: usize,
}

impl Threads {
    pub(crate) fn start(count: usize) -> Result<Self, Error> {
        let count = count.max(1);
        let pool = match count {
            1 => None,
            _ => Some(
                rayon::ThreadPoolBuilder::new()
                    .num_threads(count)
                    .thread_name(|n| format!("inference-{n}"))
                    .build()
                    .map_err(|error| Error::Threads { threads: count, reason: error.to_string() })?,
            ),
        };
        Ok(Self { pool, count })
    }

    /// Runs the whole computation inside the pool, so that the splits below do not travel between threads.
    pub(crate) fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// Calls `work(index, chunk)` for each chunk of `size`, on several threads when there are at least `worth` chunks.
    pub(crate) fn split(
        &self,
        data: &mut [f32],
        size: usize,
        worth: usize,
        work: impl Fn(usize, &mut [f32]) + Sync + Send,
    ) {
        let chunks = data.len() / size.max(1);
        if self.count == 1 || chunks < worth.max(2) {
            data.chunks_mut(size).enumerate().for_each(|(index, chunk)| work(index, chunk));
            return;
        }
        let least = (chunks / (self.count * 4)).max(1);
        data.par_chunks_mut(size)
            .with_min_len(least)
            .enumerate()
            .for_each(|(index, chunk)| work(index, chunk));
    }
}
