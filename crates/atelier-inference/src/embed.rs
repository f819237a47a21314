//! Sentence embeddings: a BERT encoder, the mean of its states, length one.
//!
//! Owns: the weights (rounded to eight bits when loaded), WordPiece tokens, pooling.
//! Does not own: storing or comparing vectors.
//! Invariant: a text's vector does not depend on the texts it was sent with. A text longer than the model's window is
//! embedded piece by piece and the pieces' mean is taken, so that no part of it is lost.

use crate::chat::LoadOptions;
use crate::error::Error;
use crate::kernel;
use crate::linear::{Linear, Tiles};
use crate::math;
use crate::threads::Threads;
use candle_core::{DType, Device, Tensor};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tokenizers::Tokenizer;

pub struct Embedder {
    shape: Shape,
    tokenizer: Tokenizer,
    words: Vec<f32>,
    positions: Vec<f32>,
    kind: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    threads: Threads,
}

#[derive(Deserialize)]
struct Shape {
    model_type: String,
    hidden_size: usize,
    intermediate_size: usize,
    num_attention_heads: usize,
    num_hidden_layers: usize,
    max_position_embeddings: usize,
    vocab_size: usize,
    layer_norm_eps: f32,
}

struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

struct Dense {
    weight: Linear,
    bias: Vec<f32>,
}

struct Layer {
    qkv: Dense,
    out: Dense,
    attention_norm: Norm,
    up: Dense,
    down: Dense,
    norm: Norm,
}

impl Embedder {
    /// Loads `config.json`, `tokenizer.json` and `model.safetensors` of a folder.
    pub fn load(folder: &Path, options: &LoadOptions) -> Result<Self, Error> {
        let path = folder.join("config.json");
        let text = std::fs::read_to_string(&path).map_err(|source| Error::read(&path, source))?;
        let shape: Shape = serde_json::from_str(&text).map_err(|error| Error::malformed(&path, error))?;
        shape.check(&path)?;
        let path = folder.join("tokenizer.json");
        let bytes = std::fs::read(&path).map_err(|source| Error::read(&path, source))?;
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|error| Error::malformed(&path, error))?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|error| Error::malformed(&path, error))?;
        let mut weights = Weights::open(&folder.join("model.safetensors"))?;
        let width = shape.hidden_size;
        let layers = (0..shape.num_hidden_layers)
            .map(|index| Layer::load(&mut weights, &shape, index))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            words: weights.floats("embeddings.word_embeddings.weight", shape.vocab_size * width)?,
            positions: weights
                .floats("embeddings.position_embeddings.weight", shape.max_position_embeddings * width)?,
            kind: weights.start("embeddings.token_type_embeddings.weight", width)?,
            norm: weights.norm("embeddings.LayerNorm", width)?,
            layers,
            threads: Threads::start(options.threads)?,
            tokenizer,
            shape,
        })
    }

    pub fn dimensions(&self) -> usize {
        self.shape.hidden_size
    }

    pub fn embed(&mut self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error> {
        texts.iter().map(|text| self.embed_one(text)).collect()
    }

    fn embed_one(&self, text: &str) -> Result<Vec<f32>, Error> {
        let encoding = self
            .tokenizer
            .encode_fast(text, true)
            .map_err(|error| Error::Request { reason: format!("the text cannot be tokenized: {error}") })?;
        let ids = encoding.get_ids();
        if ids.iter().any(|id| *id as usize >= self.shape.vocab_size) {
            return Err(Error::Request {
                reason: "the tokenizer and the weights do not belong together".to_owned(),
            });
        }
        let mut mean = vec![0f32; self.dimensions()];
        for piece in pieces(ids, self.shape.max_position_embeddings) {
            let states = self.threads.run(|| self.encode(&piece));
            for state in states.chunks_exact(mean.len()) {
                math::add(&mut mean, state);
            }
        }
        let length = math::dot(&mean, &mean).sqrt();
        if length > 0.0 {
            mean.iter_mut().for_each(|value| *value /= length);
        }
        Ok(mean)
    }

    fn encode(&self, ids: &[u32]) -> Vec<f32> {
        let width = self.dimensions();
        let epsilon = self.shape.layer_norm_eps;
        let mut state = vec![0f32; ids.len() * width];
        for (at, (id, row)) in ids.iter().zip(state.chunks_exact_mut(width)).enumerate() {
            math::add(row, &self.words[*id as usize * width..][..width]);
            math::add(row, &self.positions[at * width..][..width]);
            math::add(row, &self.kind);
        }
        self.norm.apply(&mut state, epsilon);
        for layer in &self.layers {
            let mixed = self.attend(layer, &state);
            math::add(&mut state, &layer.out.forward(&mixed, &self.threads));
            layer.attention_norm.apply(&mut state, epsilon);
            let mut wide = layer.up.forward(&state, &self.threads);
            math::gelu(&mut wide);
            math::add(&mut state, &layer.down.forward(&wide, &self.threads));
            layer.norm.apply(&mut state, epsilon);
        }
        state
    }

    fn attend(&self, layer: &Layer, state: &[f32]) -> Vec<f32> {
        let width = self.dimensions();
        let heads = self.shape.num_attention_heads;
        let head = width / heads;
        let wide = layer.qkv.forward(state, &self.threads);
        let mut mixed = vec![0f32; state.len()];
        self.threads.split(&mut mixed, head, 64, |chunk, out| {
            let (row, start) = (chunk / heads, chunk % heads * head);
            let query = &wide[row * width * 3 + start..][..head];
            let (keys, values) = (&wide[width + start..], &wide[2 * width + start..]);
            math::attend(query, keys, values, width * 3, out);
        });
        mixed
    }
}

impl Shape {
    fn check(&self, path: &Path) -> Result<(), Error> {
        if self.model_type != "bert" {
            return Err(Error::Architecture {
                path: path.to_path_buf(),
                architecture: self.model_type.clone(),
                known: "bert",
            });
        }
        let fits = self.num_attention_heads > 0
            && self.hidden_size.is_multiple_of(self.num_attention_heads)
            && self.hidden_size.is_multiple_of(kernel::BLOCK)
            && self.intermediate_size.is_multiple_of(kernel::BLOCK)
            && self.max_position_embeddings > 2;
        match fits {
            true => Ok(()),
            false => Err(Error::malformed(path, "its sizes do not fit together")),
        }
    }
}

impl Norm {
    fn apply(&self, state: &mut [f32], epsilon: f32) {
        math::layer_norm(state, &self.weight, &self.bias, epsilon);
    }
}

impl Dense {
    fn forward(&self, input: &[f32], threads: &Threads) -> Vec<f32> {
        let mut quantized = Vec::new();
        kernel::quantize(input, &mut quantized);
        let mut out = Vec::new();
        self.weight.forward(&quantized, &mut out, threads);
        math::add_bias(&mut out, &self.bias);
        out
    }
}

impl Layer {
    fn load(weights: &mut Weights, shape: &Shape, index: usize) -> Result<Self, Error> {
        let (width, wide) = (shape.hidden_size, shape.intermediate_size);
        let name = |part: &str| format!("encoder.layer.{index}.{part}");
        let attention = |part: &str| name(&format!("attention.{part}"));
        let qkv = ["self.query", "self.key", "self.value"].map(attention);
        Ok(Self {
            qkv: weights.dense(&[&qkv[0], &qkv[1], &qkv[2]], width, width)?,
            out: weights.dense(&[&attention("output.dense")], width, width)?,
            attention_norm: weights.norm(&attention("output.LayerNorm"), width)?,
            up: weights.dense(&[&name("intermediate.dense")], wide, width)?,
            down: weights.dense(&[&name("output.dense")], width, wide)?,
            norm: weights.norm(&name("output.LayerNorm"), width)?,
        })
    }
}

struct Weights {
    path: PathBuf,
    tensors: HashMap<String, Tensor>,
}

impl Weights {
    fn open(path: &Path) -> Result<Self, Error> {
        // Asked first for its own error: a missing file is not a damaged one.
        std::fs::metadata(path).map_err(|source| Error::read(path, source))?;
        let tensors = candle_core::safetensors::load(path, &Device::Cpu)
            .map_err(|error| Error::malformed(path, error.to_string().lines().next().unwrap_or_default()))?;
        Ok(Self { path: path.to_path_buf(), tensors })
    }

    fn floats(&mut self, name: &str, length: usize) -> Result<Vec<f32>, Error> {
        let values = self.all(name)?;
        match values.len() == length {
            true => Ok(values),
            false => {
                let reason = format!("tensor {name} has {} values, not {length}", values.len());
                Err(Error::malformed(&self.path, reason))
            }
        }
    }

    fn start(&mut self, name: &str, length: usize) -> Result<Vec<f32>, Error> {
        let mut values = self.all(name)?;
        if values.len() < length {
            return Err(Error::malformed(&self.path, format!("tensor {name} is too short")));
        }
        values.truncate(length);
        Ok(values)
    }

    fn all(&mut self, name: &str) -> Result<Vec<f32>, Error> {
        let found = self.tensors.remove(name);
        let found = found.or_else(|| self.tensors.remove(&format!("bert.{name}")));
        let tensor =
            found.ok_or_else(|| Error::malformed(&self.path, format!("the tensor {name} is missing")))?;
        tensor
            .to_dtype(DType::F32)
            .and_then(|tensor| tensor.flatten_all()?.to_vec1::<f32>())
            .map_err(|error| Error::malformed(&self.path, format!("tensor {name}: {error}")))
    }

    fn norm(&mut self, name: &str, width: usize) -> Result<Norm, Error> {
        Ok(Norm {
            weight: self.floats(&format!("{name}.weight"), width)?,
            bias: self.floats(&format!("{name}.bias"), width)?,
        })
    }

    fn dense(&mut self, names: &[&str], rows: usize, columns: usize) -> Result<Dense, Error> {
        let mut weight = Vec::new();
        let mut bias = Vec::new();
        for name in names {
            weight.extend(self.floats(&format!("{name}.weight"), rows * columns)?);
            bias.extend(self.floats(&format!("{name}.bias"), rows)?);
        }
        let tiles = Tiles::Eight(kernel::pack_floats(&weight, columns));
        Ok(Dense { weight: Linear::new(vec![tiles], bias.len(), columns), bias })
    }
}

/// Windows of at most `most` tokens, each between the text's own first and last token.
fn pieces(ids: &[u32], most: usize) -> Vec<Vec<u32>> {
    match ids {
        [first, inner @ .., last] if ids.len() > most => {
            inner.chunks(most - 2).map(|part| [&[*first], part, &[*last]].concat()).collect()
        }
        _ => vec![ids.to_vec()],
    }
}
