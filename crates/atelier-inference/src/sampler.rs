//! Choosing the next token from the scores.
//!
//! Invariant: the same scores, allowed tokens, history and seed give the same token.
//! A mild guard keeps tiny models out of loops: a token with letters in it that stood among the last 64 of the answer
//! is made a little less likely. Punctuation and JSON's own signs are left alone.

use crate::tokenizer::Piece;
use toktrie::SimpleVob;

const REPEAT_WINDOW: usize = 64;
const REPEAT_PENALTY: f32 = 1.1;
/// Tokens less likely than this share of the likeliest are never drawn.
const LEAST_SHARE: f32 = 0.05;

pub(crate) struct Sampler {
    temperature: f32,
    state: u64,
    recent: Vec<u32>,
}

impl Sampler {
    pub(crate) fn new(temperature_milli: u32, seed: u64) -> Self {
        Self { temperature: temperature_milli as f32 / 1000.0, state: seed, recent: Vec::new() }
    }

    /// Remembers a token of the answer.
    pub(crate) fn note(&mut self, token: u32) {
        if self.recent.len() == REPEAT_WINDOW {
            self.recent.remove(0);
        }
        self.recent.push(token);
    }

    /// `None` when no token is allowed.
    pub(crate) fn choose(
        &mut self,
        scores: &mut [f32],
        allowed: Option<&SimpleVob>,
        pieces: &[Piece],
    ) -> Option<u32> {
        self.guard(scores, pieces);
        let allowed: Vec<(u32, f32)> = match allowed {
            None => (0u32..).zip(scores.iter().copied()).collect(),
            Some(mask) => {
                let mut held = Vec::new();
                mask.iter_set_entries(|at| {
                    if let Some(score) = scores.get(at) {
                        held.push((at as u32, *score));
                    }
                });
                held
            }
        };
        let (likeliest, most) =
            allowed.iter().copied().reduce(|best, next| if next.1 > best.1 { next } else { best })?;
        if self.temperature <= 0.0 {
            return Some(likeliest);
        }
        let least = most + self.temperature * LEAST_SHARE.ln();
        let candidates: Vec<(u32, f32)> = allowed
            .into_iter()
            .filter(|(_, score)| *score >= least)
            .map(|(token, score)| (token, ((score - most) / self.temperature).exp()))
            .collect();
        let total: f32 = candidates.iter().map(|(_, share)| share).sum();
        let mut left = self.uniform() * total;
        for (token, share) in &candidates {
            left -= share;
            if left <= 0.0 {
                return Some(*token);
            }
        }
        Some(likeliest)
    }

    fn guard(&self, scores: &mut [f32], pieces: &[Piece]) {
        let mut seen = self.recent.clone();
        seen.sort_unstable();
        seen.dedup();
        for token in seen {
            let at = token as usize;
            let Some(Piece::Bytes(bytes)) = pieces.get(at) else {
                continue;
            };
            if let Some(score) = scores.get_mut(at)
                && bytes.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80)
            {
                *score = if *score > 0.0 { *score / REPEAT_PENALTY } else { *score * REPEAT_PENALTY };
            }
        }
    }

    /// SplitMix64, as a number in 0..1.
    fn uniform(&mut self) -> f32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(count: usize) -> Vec<Piece> {
        vec![Piece::Bytes(b"word".to_vec()); count]
    }

    #[test]
    fn without_temperature_the_likeliest_allowed_token_is_chosen() {
        let mut sampler = Sampler::new(0, 1);
        let mut scores = vec![0.1, 5.0, 3.0, 4.0];
        let mut mask = SimpleVob::alloc(4);
        mask.allow_token(2);
        mask.allow_token(3);
        assert_eq!(sampler.choose(&mut scores, Some(&mask), &pieces(4)), Some(3));
        assert_eq!(sampler.choose(&mut scores, None, &pieces(4)), Some(1));
    }

    #[test]
    fn the_same_seed_draws_the_same_tokens_and_another_seed_others() {
        let draw = |seed| -> Vec<u32> {
            let mut sampler = Sampler::new(1000, seed);
            (0..40).filter_map(|_| sampler.choose(&mut [1.0, 1.1, 0.9, 1.0], None, &pieces(4))).collect()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn a_word_said_already_gives_way_to_one_nearly_as_likely() {
        let mut sampler = Sampler::new(0, 1);
        sampler.note(1);
        assert_eq!(sampler.choose(&mut [9.5, 10.0], None, &pieces(2)), Some(0));
    }
}
