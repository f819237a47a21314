//! Rotary positions.

use super::config::{Config, Pairs};
use crate::error::Error;
use crate::gguf::Gguf;

pub(super) struct Rope {
    frequencies: Vec<f32>,
    head: usize,
    pairs: Pairs,
}

/// Cosines and sines of a run of positions.
pub(super) struct Angles {
    turns: Vec<(f32, f32)>,
    width: usize,
}

impl Rope {
    pub(super) fn read(file: &mut Gguf, config: &Config) -> Result<Self, Error> {
        let half = config.rope_width / 2;
        let base = f64::from(config.rope_base);
        let mut frequencies: Vec<f32> =
            (0..half).map(|at| base.powf(-(2.0 * at as f64) / config.rope_width as f64) as f32).collect();
        // Llama 3 stretches its context with one factor per frequency.
        if file.has("rope_freqs.weight") {
            let factors = file.floats("rope_freqs.weight", half)?;
            for (frequency, factor) in frequencies.iter_mut().zip(factors) {
                *frequency /= factor;
            }
        }
        Ok(Self { frequencies, head: config.head, pairs: config.pairs })
    }

    pub(super) fn angles(&self, start: usize, count: usize) -> Angles {
        let turns = (start..start + count)
            .flat_map(|position| {
                self.frequencies.iter().map(move |frequency| {
                    let (sin, cos) = (position as f32 * frequency).sin_cos();
                    (cos, sin)
                })
            })
            .collect();
        Angles { turns, width: self.frequencies.len() }
    }

    /// Turns every head of a row.
    pub(super) fn turn(&self, row: &mut [f32], turns: &[(f32, f32)]) {
        let half = turns.len();
        for head in row.chunks_exact_mut(self.head) {
            for (at, (cos, sin)) in turns.iter().enumerate() {
                let (first, second) = match self.pairs {
                    Pairs::Neighbours => (2 * at, 2 * at + 1),
                    Pairs::Halves => (at, at + half),
                };
                let (x, y) = (head[first], head[second]);
                head[first] = x * cos - y * sin;
                head[second] = x * sin + y * cos;
            }
        }
    }
}

impl Angles {
    pub(super) fn row(&self, at: usize) -> &[(f32, f32)] {
        &self.turns[at * self.width..(at + 1) * self.width]
    }
}
