//! The Llama family (and Qwen 2, which adds biases): weights and the forward pass.
//!
//! Owns: shapes, weights, positions.
//! Does not own: which tokens come next; the cache's content belongs to the caller.
//! Invariant: a token's result depends on the tokens before it, not on how they were split into calls.

mod cache;
mod config;
mod rope;

pub(crate) use cache::Cache;
pub(crate) use config::Config;

use crate::error::Error;
use crate::gguf::Gguf;
use crate::kernel::{self, Activation};
use crate::linear::Linear;
use crate::math;
use crate::threads::Threads;
use rope::Rope;

pub(crate) struct Llama {
    config: Config,
    embedding: Linear,
    /// Absent when the embedding serves for the output too.
    output: Option<Linear>,
    output_norm: Vec<f32>,
    layers: Vec<Layer>,
    rope: Rope,
}

struct Layer {
    attention_norm: Vec<f32>,
    qkv: Linear,
    qkv_bias: Option<Vec<f32>>,
    attention_out: Linear,
    feed_norm: Vec<f32>,
    gate_up: Linear,
    down: Linear,
}

/// Buffers of one pass, kept from layer to layer.
#[derive(Default)]
struct Scratch {
    normed: Vec<f32>,
    quantized: Vec<Activation>,
    wide: Vec<f32>,
    mixed: Vec<f32>,
    result: Vec<f32>,
}

impl Llama {
    pub(crate) fn load(file: &mut Gguf) -> Result<Self, Error> {
        let config = Config::read(file)?;
        let width = config.width;
        let layers =
            (0..config.layers).map(|index| Layer::load(file, &config, index)).collect::<Result<_, _>>()?;
        let vocabulary = config.vocabulary;
        let output = match file.has("output.weight") {
            true => Some(file.linear(&[("output.weight", vocabulary)], width)?),
            false => None,
        };
        Ok(Self {
            embedding: file.linear(&[("token_embd.weight", vocabulary)], width)?,
            output,
            output_norm: file.floats("output_norm.weight", width)?,
            layers,
            rope: Rope::read(file, &config)?,
            config,
        })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn cache(&self) -> Cache {
        Cache::new(self.config.layers, self.config.kv_width())
    }

    /// Appends `tokens` to the cache and returns the scores of what may follow the last one.
    pub(crate) fn forward(&self, tokens: &[u32], cache: &mut Cache, threads: &Threads) -> Vec<f32> {
        let width = self.config.width;
        let mut state = vec![0f32; tokens.len() * width];
        for (token, row) in tokens.iter().zip(state.chunks_exact_mut(width)) {
            self.embedding.unpack_row(*token as usize, row);
        }
        let angles = self.rope.angles(cache.len(), tokens.len());
        let mut scratch = Scratch::default();
        for (index, layer) in self.layers.iter().enumerate() {
            self.attend(layer, index, &angles, &mut state, cache, &mut scratch, threads);
            self.feed(layer, &mut state, &mut scratch, threads);
        }
        cache.push(tokens);
        let last = &state[state.len() - width..];
        math::rms_norm(last, &self.output_norm, self.config.epsilon, &mut scratch.normed);
        let head = self.output.as_ref().unwrap_or(&self.embedding);
        let Scratch { normed, quantized, mut result, .. } = scratch;
        project(head, &normed, &mut { quantized }, &mut result, threads);
        result
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one pass, borrowed apart")]
    fn attend(
        &self,
        layer: &Layer,
        index: usize,
        angles: &rope::Angles,
        state: &mut [f32],
        cache: &mut Cache,
        scratch: &mut Scratch,
        threads: &Threads,
    ) {
        let Config { head, heads, epsilon, .. } = self.config;
        let (q_width, kv_width) = (head * heads, self.config.kv_width());
        math::rms_norm(state, &layer.attention_norm, epsilon, &mut scratch.normed);
        project(&layer.qkv, &scratch.normed, &mut scratch.quantized, &mut scratch.wide, threads);
        if let Some(bias) = &layer.qkv_bias {
            math::add_bias(&mut scratch.wide, bias);
        }
        let row_width = q_width + 2 * kv_width;
        for (at, row) in scratch.wide.chunks_exact_mut(row_width).enumerate() {
            self.rope.turn(&mut row[..q_width + kv_width], angles.row(at));
            cache.extend(index, &row[q_width..q_width + kv_width], &row[q_width + kv_width..]);
        }
        let before = cache.len();
        let group = heads / self.config.kv_heads;
        scratch.mixed.clear();
        scratch.mixed.resize(state.len() / self.config.width * q_width, 0.0);
        let (keys, values) = cache.layer(index);
        let wide = &scratch.wide;
        // Short contexts are less work than waking a second thread.
        let worth = (4096 / (before + 1)).max(2);
        threads.split(&mut scratch.mixed, head, worth, |chunk, out| {
            let (row, n) = (chunk / heads, chunk % heads);
            let query = &wide[row * row_width + n * head..][..head];
            let start = n / group * head;
            let end = (before + row + 1) * kv_width;
            math::attend(query, &keys[start..end], &values[start..end], kv_width, out);
        });
        project(&layer.attention_out, &scratch.mixed, &mut scratch.quantized, &mut scratch.result, threads);
        math::add(state, &scratch.result);
    }

    fn feed(&self, layer: &Layer, state: &mut [f32], scratch: &mut Scratch, threads: &Threads) {
        let epsilon = self.config.epsilon;
        math::rms_norm(state, &layer.feed_norm, epsilon, &mut scratch.normed);
        project(&layer.gate_up, &scratch.normed, &mut scratch.quantized, &mut scratch.wide, threads);
        math::gated(&scratch.wide, self.config.feed_width, &mut scratch.mixed);
        project(&layer.down, &scratch.mixed, &mut scratch.quantized, &mut scratch.result, threads);
        math::add(state, &scratch.result);
    }
}

impl Layer {
    fn load(file: &mut Gguf, config: &Config, index: usize) -> Result<Self, Error> {
        let name = |part: &str| format!("blk.{index}.{part}");
        let (width, feed) = (config.width, config.feed_width);
        let (q_width, kv_width) = (config.head * config.heads, config.kv_width());
        Ok(Self {
            attention_norm: file.floats(&name("attn_norm.weight"), width)?,
            qkv: file.linear(
                &[
                    (&name("attn_q.weight"), q_width),
                    (&name("attn_k.weight"), kv_width),
                    (&name("attn_v.weight"), kv_width),
                ],
                width,
            )?,
            qkv_bias: match file.has(&name("attn_q.bias")) {
                false => None,
                true => Some(
                    [
                        file.floats(&name("attn_q.bias"), q_width)?,
                        file.floats(&name("attn_k.bias"), kv_width)?,
                        file.floats(&name("attn_v.bias"), kv_width)?,
                    ]
                    .concat(),
                ),
            },
            attention_out: file.linear(&[(&name("attn_output.weight"), width)], q_width)?,
            feed_norm: file.floats(&name("ffn_norm.weight"), width)?,
            gate_up: file
                .linear(&[(&name("ffn_gate.weight"), feed), (&name("ffn_up.weight"), feed)], width)?,
            down: file.linear(&[(&name("ffn_down.weight"), width)], feed)?,
        })
    }
}

fn project(
    linear: &Linear,
    input: &[f32],
    quantized: &mut Vec<Activation>,
    out: &mut Vec<f32>,
    threads: &Threads,
) {
    quantized.clear();
    kernel::quantize(input, quantized);
    linear.forward(quantized, out, threads);
}
