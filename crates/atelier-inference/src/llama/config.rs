//! The shape of a model, read from the file's metadata and checked.

use crate::error::Error;
use crate::gguf::Gguf;

const KNOWN: &str = "llama, qwen2";

#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) name: String,
    pub(crate) context: usize,
    pub(crate) vocabulary: usize,
    pub(super) width: usize,
    pub(super) feed_width: usize,
    pub(super) layers: usize,
    pub(super) head: usize,
    pub(super) heads: usize,
    pub(super) kv_heads: usize,
    pub(super) epsilon: f32,
    pub(super) rope_base: f32,
    pub(super) rope_width: usize,
    pub(super) pairs: Pairs,
}

/// Which two values of a head turn together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pairs {
    Neighbours,
    Halves,
}

impl Config {
    pub(super) fn read(file: &Gguf) -> Result<Self, Error> {
        let architecture = file
            .text("general.architecture")
            .ok_or_else(|| file.bad("the key general.architecture is missing"))?;
        let pairs = match architecture {
            "llama" => Pairs::Neighbours,
            "qwen2" => Pairs::Halves,
            other => {
                return Err(Error::Architecture {
                    path: file.path.clone(),
                    architecture: other.to_owned(),
                    known: KNOWN,
                });
            }
        };
        let key = |part: &str| format!("{architecture}.{part}");
        if file.number(&key("expert_count")).unwrap_or(0) > 0 {
            return Err(file.bad("it is a mixture of experts, which the embedded engine does not run"));
        }
        let width = file.need_number(&key("embedding_length"))?;
        let heads = file.need_number(&key("attention.head_count"))?;
        let kv_heads = file.number(&key("attention.head_count_kv")).unwrap_or(heads);
        if heads == 0 || kv_heads == 0 || heads % kv_heads != 0 {
            let reason = format!("{heads} heads cannot share {kv_heads} heads of keys");
            return Err(file.bad(reason));
        }
        let head = file.number(&key("attention.key_length")).unwrap_or(width / heads);
        let rope_width = file.number(&key("rope.dimension_count")).unwrap_or(head);
        if head == 0 || rope_width > head || !rope_width.is_multiple_of(2) {
            return Err(file.bad(format!("heads of {head} values cannot turn {rope_width}")));
        }
        if let Some(kind) = file.text(&key("rope.scaling.type")).filter(|kind| *kind != "none") {
            return Err(file.bad(format!("its context is stretched by \"{kind}\", which is not supported")));
        }
        let config = Self {
            name: file.text("general.name").unwrap_or(architecture).to_owned(),
            context: file.need_number(&key("context_length"))?,
            vocabulary: file.list("tokenizer.ggml.tokens").map_or(0, <[_]>::len),
            width,
            feed_width: file.need_number(&key("feed_forward_length"))?,
            layers: file.need_number(&key("block_count"))?,
            head,
            heads,
            kv_heads,
            epsilon: file
                .float(&key("attention.layer_norm_rms_epsilon"))
                .ok_or_else(|| file.bad("the key of the norm's epsilon is missing"))?,
            rope_base: file.float(&key("rope.freq_base")).unwrap_or(10_000.0),
            rope_width,
            pairs,
        };
        let counts = [config.context, config.vocabulary, width, config.feed_width, config.layers];
        match counts.contains(&0) {
            true => Err(file.bad("one of its sizes is 0")),
            false => Ok(config),
        }
    }

    pub(super) fn kv_width(&self) -> usize {
        self.head * self.kv_heads
    }
}
