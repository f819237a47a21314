//! Caches of the last prompts, so that agents who take turns do not pay for their prompts again.

use crate::llama::{Cache, Llama};

/// Enough for a crew that takes turns; a cache takes about 46 kB per token for the smallest model.
const COUNT: usize = 4;

pub(super) struct Slots {
    slots: Vec<Slot>,
    clock: u64,
}

struct Slot {
    cache: Cache,
    used_at: u64,
}

impl Slots {
    pub(super) fn new(llama: &Llama) -> Self {
        let slot = || Slot { cache: llama.cache(), used_at: 0 };
        Self { slots: (0..COUNT).map(|_| slot()).collect(), clock: 0 }
    }

    /// The slot to go on with and how many tokens of the prompt it holds. The last one is always computed again:
    /// its scores are needed.
    pub(super) fn take(&mut self, prompt: &[u32]) -> (usize, usize) {
        self.clock += 1;
        let common = |slot: &Slot| slot.cache.common(&prompt[..prompt.len() - 1]);
        let counts: Vec<usize> = self.slots.iter().map(common).collect();
        let best = (0..COUNT).max_by_key(|at| counts[*at]).unwrap_or(0);
        let held = counts[best];
        let oldest = (0..COUNT).min_by_key(|at| self.slots[*at].used_at).unwrap_or(0);
        // A slot that would lose more than it keeps serves another line of work: its start is copied.
        let chosen = match held * 2 >= self.slots[best].cache.len() {
            true => best,
            false => oldest,
        };
        if chosen == best {
            self.slots[best].cache.truncate(held);
        } else if let Ok([to, from]) = self.slots.get_disjoint_mut([chosen, best]) {
            to.cache.copy_start(&from.cache, held);
        }
        self.slots[chosen].used_at = self.clock;
        (chosen, held)
    }

    pub(super) fn get(&mut self, slot: usize) -> &mut Cache {
        &mut self.slots[slot].cache
    }
}
